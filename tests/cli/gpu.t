#!/bin/sh
# gpu.t - GPUs where there is none: what is found, what is refused and what to type then. tests/gpu/check.sh
# is for a machine that has one.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"

mkdir "$SHARED/repo"
cd "$SHARED/repo" || exit 1
awk 'BEGIN { print "x,y"; for (i = 0; i < 60; i++) print i / 10 "," i / 5 + 1 }' >t.csv
cat >Michfile <<'END'
[dataset "t"]
	source = t.csv
	split = 70/15/15 by row
	label = y
[model "n"]
	dataset = t
	feature = x
	learner = net
	param = epochs=1
END
{
	git init -q .
	git add .
	git commit -q -m one
	mich init
	mich dataset build t
} >/dev/null 2>"$SHARED/log" || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

# This process shows no GPU, whatever the machine has.
export CUDA_VISIBLE_DEVICES=

it 'a net that asks for a GPU is refused, with what to type next' '
	[ -x "$BUILD/mich-net-cuda" ] || skip "mich was built without nvcc"
	cp -r "$SHARED/repo" r; cd r
	code 128 mich train n --set gpus=1 2>err
	has err "it asks for 1 GPU, and this machine shows 0"
	has err "--set gpus=0"
	mich train n --set gpus=0 >out
	has out model/n@'

it 'without mich-net-cuda it says that, and the CPU still trains' '
	mkdir bin; cp "$BUILD/mich" "$BUILD/mich-net" bin/
	cp -r "$SHARED/repo" r; cd r
	ln -s "$BUILD/engines" ../bin/engines
	code 128 ../bin/mich train n --set gpus=1 2>err
	has err "mich-net-cuda is not there"; has err nvcc; has err "gpus=0"
	../bin/mich train n >out
	has out "model/n@1"'

it 'each rank of a net has a GPU of its own' '
	cp -r "$SHARED/repo" r; cd r
	code 128 mich train n --set gpus=2 --set ranks=4 2>err
	has err "ranks is 4 and gpus is 2"; has err "leave ranks out"'

it 'mich-net-cuda says what it finds, and why there is no device' '
	[ -x "$BUILD/mich-net-cuda" ] || skip "mich was built without nvcc"
	mich-net-cuda --version | grep -q "^mich-net-cuda "
	mich-net-cuda --devices >out
	jq -e ".devices == [] and (.error | length > 0) and (.hint | length > 0)" out
	MICH_NCCL=/no/nccl MICH_CUBLASLT=/no/blas mich-net-cuda --devices >out
	jq -e ".nccl.error | test(\"/no/nccl\")" out
	jq -e ".nccl.hint | test(\"unset MICH_NCCL\")" out
	jq -e ".cublaslt.error | test(\"/no/blas\")" out
	MICH_OUT=. MICH_IN_MATRIX=/no/matrix code 1 mich-net-cuda 2>err
	has err "mich-net-cuda: "'

it 'a library that is no NCCL, or an old one, is refused' '
	[ -x "$BUILD/mich-net-cuda" ] || skip "mich was built without nvcc"
	command -v cc >/dev/null || skip "no C compiler"
	echo "int x;" >no.c; cc -shared -fPIC -o no.so no.c
	MICH_NCCL=$PWD/no.so mich-net-cuda --devices >out
	jq -e ".nccl.error | test(\"lacks .ncclGetVersion\")" out
	{
		echo "int ncclGetVersion(int *v) { *v = 21706; return 0; }"
		sed -n "s/.*{ \"\(nccl[A-Za-z]*\)\".*/\1/p" "$TOP/lib/learn/cuda/nccl.c" |
			grep -v GetVersion | sed "s/.*/int &(void) { return 1; }/"
	} >old.c
	cc -shared -fPIC -o old.so old.c
	MICH_NCCL=$PWD/old.so mich-net-cuda --devices >out
	jq -e ".nccl.error | test(\"is 2.17.6, and 2.18 is the oldest\")" out'

# From here on the program is the one that plays a GPU on the host, as if this machine had two.
on_host() {
	[ -x "$BUILD/hosted/mich-net-cuda" ] || skip "the GPU'\''s trainer is not built for the host: make unit"
	[ ! -e /proc/driver/nvidia/gpus ] || skip "this machine has GPUs of its own"
	mkdir bin
	cp "$BUILD/mich" "$BUILD/mich-net" bin/
	ln -s "$BUILD/hosted/mich-net-cuda" bin/
	ln -s "$BUILD/engines" bin/
	PATH=$PWD/bin:$PATH
	unset CUDA_VISIBLE_DEVICES
	export MICH_HOST_DEVICES=2 MICH_NCCL="$BUILD/hosted/libnccl.so"
	cp -r "$SHARED/repo" r; cd r
}

it 'a net trains on GPUs: on what is recorded, and the answers are the CPU'\''s' '
	on_host
	code 128 mich train n --set gpus=3 2>err
	has err "it asks for 3 GPUs, and this machine shows 2"
	mich train n --set epochs=30 >/dev/null
	mich train n --set epochs=30 --set gpus=1 >one
	mich train n --set epochs=30 --set gpus=2 >two
	mich train n --set epochs=30 --set gpus=2 --set math=bf16 >bf16
	mich cat "$(cat two):manifest.json" >json
	jq -e ".environment.engine.device == \"the host as a GPU\"" json
	jq -e ".environment.engine.nccl == \"2.18.0\"" json
	jq -e ".print.device == \"cuda\" and .print.precision == \"fp32\"" json
	mich cat "$(cat bf16):manifest.json" | jq -e ".print.precision == \"bf16\""
	mich cat "$(cat one):log" >log
	has log "the host as a GPU"; has log "of rows lie on the device"
	code 128 mich cat "$(cat one):files/engine.json" 2>err
	printf "x\n1\n3\n5\n" >x.csv
	for m in n@2 "$(cat one)" "$(cat two)"; do
		mich predict "$m" <x.csv | awk "{ printf \"%.3f\\n\", \$NF }" >"p.${m#*@}"
	done
	same p.2 "p.$(sed "s/.*@//" one)"
	same p.2 "p.$(sed "s/.*@//" two)"'

it 'doctor tells of the device and the libraries, and misses none of them' '
	code 0 mich doctor --json >out || code 1 mich doctor --json >out
	jq -e ".parts[] | select(.name == \"mich-net-cuda\") | .needed == false" out
	[ -x "$BUILD/mich-net-cuda" ] || skip "mich was built without nvcc"
	jq -e "[.parts[] | select(.part == \"gpu\") | .needed] | length == 3 and (any | not)" out
	jq -e ".parts[] | select(.name == \"device\") | .found == false and (.cost | length > 0)" out'

it 'what is declared of cuBLASLt and NCCL is what their headers say' '
	code 0 sh "$TOP/tests/gpu/abi.sh" >out 2>&1 || {
		cat out
		code 77 sh "$TOP/tests/gpu/abi.sh"
		skip "$(cat out)"
	}
	has out "cublasLt.h: "; has out "nccl.h: "'
