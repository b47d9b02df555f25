#!/bin/sh
# check.sh - all that runs on a GPU: built, held to the CPU, and measured. `make gpu-check`.
#
# It wants nvcc, gcc and make, jansson and libcrypto to link with (build/gpu-kit, which `make gpu-kit` packs
# elsewhere, where the system has none), and at run time a GPU with its driver, cuBLASLt, and NCCL for the
# ranks: looked for as mich-net-cuda does (lib/learn/cuda/library.h), so PyTorch's own will do. Neither git
# nor SQLite nor DuckDB, and nothing of `mich` itself. Without a GPU all of it is built and the rest
# skipped. A part that fails, or hangs, does not keep the others from being run. Prints TAP, and figures as JSON
# lines; QUICK=1 leaves the figures out.
#
# HOSTED=1: the whole trainings alone, of the same program on a host that plays the GPU (tests/cuda), with
# few rows: that is tests/cli/gpu-runs.t.
cd "$(dirname "$0")/../.." || exit 1
top=$PWD
build=${MICH_BUILD:-$top/build}
cuda=$build/mich-net-cuda
cpu=$build/mich-net
rows=20000 epochs=20 layers='"hidden":"128,128"'
if [ -n "${HOSTED:-}" ]; then
	cuda=$build/hosted/mich-net-cuda
	rows=500 epochs=5 layers='"hidden":"8,8"'
	export MICH_NCCL="$build/hosted/libnccl.so" MICH_HOST_BLAS=1
	QUICK=1
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
n=0
bad=0

# it NAME COMMAND...: in a subshell; what it says is shown when it fails
it() {
	n=$((n + 1))
	name=$1
	shift
	if ("$@") >"$work/said" 2>&1; then
		echo "ok $n - $name$(sed -n 's/^figure: /; /p' "$work/said" | tr -d '\n')"
	else
		bad=$((bad + 1))
		echo "not ok $n - $name"
		tail -n 20 "$work/said" | sed 's/^/#   /'
	fi
}

# finish [WHY]: why no more is run
finish() {
	if [ "$n" = 0 ]; then
		echo "1..0${1:+ # SKIP $1}"
	else
		echo "1..$n${1:+
# $1}"
	fi
	[ "$bad" = 0 ]
	exit $?
}

if [ -z "${HOSTED:-}" ]; then
# --- built ----------------------------------------------------------------------------------------

CC=${CC:-$(command -v cc || command -v gcc)}
export CC
headers() {
	printf '%s\n' '#include <jansson.h>' '#include <openssl/sha.h>' | "$CC" -E ${1:+-isystem "$1"} -x c -o /dev/null - 2>/dev/null
}

kit=
if ! headers; then
	kit=build/gpu-kit
	headers "$kit/include" || {
		echo "jansson and libcrypto are not here to build with: install libjansson-dev and libssl-dev, or" >&2
		echo "run 'make gpu-kit' where they are and bring build/gpu-kit here" >&2
		exit 1
	}
fi
make -k -j"$(nproc)" CC="$CC" KIT="$kit" gpu-build >"$work/built" 2>&1 || {
	bad=1
	grep -v '^  [A-Z]* ' "$work/built" | tail -n 40
	for program in "$cuda" "$cpu" "$build/tests/lib/runs"; do
		[ -x "$program" ] || { echo "Bail out! it could not be built"; exit 1; }
	done
}

if sh tests/gpu/abi.sh >"$work/abi" 2>&1; then
	it 'what is declared of cuBLASLt and NCCL is what their headers say' cat "$work/abi"
elif [ "$?" != 77 ]; then
	it 'what is declared of cuBLASLt and NCCL is what their headers say' sh -c "cat '$work/abi'; exit 1"
fi

fi
timeout 60 "$cuda" --devices >"$work/devices" || { echo "Bail out! '$cuda --devices' failed"; exit 1; }
why=$(sed -n 's/^  "error": "\(.*\)",*$/\1/p' "$work/devices")
[ -z "$why" ] || finish "all is built, nothing is run: $why"
sed 's/^/# /' "$work/devices"

# --- op by op -------------------------------------------------------------------------------------

[ -n "${HOSTED:-}" ] || for test in tests/gpu/*.c; do
	it "${test#tests/gpu/}" timeout 120 "$build/${test%.c}"
done

# --- whole trainings ------------------------------------------------------------------------------

# train PROGRAM OUT PARAMS [NAME=VALUE...]: the matrix $m, into $work/OUT
train() {
	program=$1 out=$work/$2 params=$3
	shift 3
	mkdir -p "$out"
	${run:-timeout 100} env MICH_OUT="$out" MICH_IN_MATRIX="$work/$m" MICH_PARAMS="{$layers,$params}" MICH_SEED=3 \
		MICH_EVENTS="$out/events" "$@" "$program"
}
run= # exec, where a process of its own is to become the program

apart() {
	"$build/tests/lib/runs" apart "$work/$1/weights.safetensors" "$work/$2/weights.safetensors"
}

# below A B: A <= B as numbers, and A is shown
below() {
	echo "figure: $1 of $2"
	case $1 in
	'' | *[!-0-9.e+]*) return 1 ;;
	esac
	awk -v a="$1" -v b="$2" 'BEGIN { exit !(a + 0 <= b + 0) }'
}

same_bytes() {
	cmp "$work/$1/weights.safetensors" "$work/$2/weights.safetensors"
}

# loss OUT: the last validation loss
loss() {
	sed -n 's/.*"validation.loss":\([-0-9.e+]*\).*/\1/p' "$work/$1/events" | tail -n 1
}

# near A B SHARE: the validation losses are no further apart
near() {
	a=$(loss "$1") b=$(loss "$2")
	[ -n "$a" ] && [ -n "$b" ] || return 1
	below "$(awk -v a="$a" -v b="$b" 'BEGIN { d = (a - b) / b; print d < 0 ? -d : d }')" "$3"
}

for m in regression binary multiclass; do
	"$build/tests/lib/runs" matrix "$work/$m" "$m" "$rows" 12 || bad=1
done

# Fifty steps: far enough for each part to have counted, near enough for rounding not to have grown.
few="\"epochs\":1,\"batch\":$((rows / 50)),\"early_stopping\":0"

# short NAME TASK PARAMS SHARE
short() {
	m=$2
	train "$cpu" "$1.cpu" "$few,$3" &&
		train "$cuda" "$1.gpu" "$few,$3" &&
		below "$(apart "$1.gpu" "$1.cpu")" "$4"
}
it 'relu, adam: the weights after 50 steps' short relu regression '"activation":"relu"' 1e-3
it 'gelu, adamw, layer norm' short gelu binary '"activation":"gelu","optimizer":"adamw","norm":"layer"' 1e-3
it 'tanh, sgd, batch norm' short tanh multiclass '"activation":"tanh","optimizer":"sgd","norm":"batch"' 1e-3
it 'dropout draws the same units' short dropout binary '"dropout":0.3' 1e-3
it 'huber, l1, l2, clip, cosine' short huber regression '"loss":"huber","l1":1e-4,"l2":1e-4,"clip":1,"schedule":"cosine"' 1e-3
linear() {
	layers='"hidden":"none"'
	short linear regression '"l2":1e-4' 1e-3
}
it 'a linear model' linear

# long MATH SHARE
long() {
	m=binary
	[ -e "$work/long.cpu" ] || train "$cpu" long.cpu '"epochs":6,"early_stopping":0' || return 1
	train "$cuda" "long.$1" "\"epochs\":6,\"early_stopping\":0,\"math\":\"$1\"" && near "long.$1" long.cpu "$2"
}
it 'fp32: validation loss after 6 epochs' long fp32 0.01
it 'tf32: likewise' long tf32 0.03
it 'bf16: likewise' long bf16 0.05

again() {
	m=binary
	for math in fp32 tf32 bf16; do
		train "$cuda" "again.$math" "\"epochs\":6,\"early_stopping\":0,\"math\":\"$math\"" &&
			same_bytes "again.$math" "long.$math" || return 1
	done
}
it 'the same bytes again, in each math' again

# Killed as soon as there is another checkpoint, four times, and taken up again.
all="\"epochs\":$epochs,\"early_stopping\":0"
resumed() {
	m=binary
	train "$cuda" whole "$all" || return 1
	for i in 1 2 3 4; do
		before=$(cksum "$work/kept/checkpoint" 2>/dev/null)
		(run='exec' && train "$cuda" killed "$all" MICH_CHECKPOINT="$work/kept" MICH_CHECKPOINT_STEPS=7) &
		while kill -0 $! 2>/dev/null && [ "$(cksum "$work/kept/checkpoint" 2>/dev/null)" = "$before" ]; do
			sleep 0.05
		done
		kill -9 $! 2>/dev/null && echo "killed $i times"
		wait
	done
	train "$cuda" killed "$all" MICH_CHECKPOINT="$work/kept" MICH_CHECKPOINT_STEPS=50 2>"$work/log" &&
		grep 'goes on from its checkpoint' "$work/log" && same_bytes killed whole
}
it 'killed and taken up again: the same bytes as never killed' resumed

# From a checkpoint of a training that ended: nothing is left to train, and the same model comes out.
stays() {
	m=binary
	train "$cuda" killed "$all" MICH_CHECKPOINT="$work/kept" && same_bytes killed whole
}
it 'a training that is over is not begun again' stays

traffic() {
	m=regression
	train "$cuda" rows '"epochs":4,"early_stopping":0' 2>"$work/log" || return 1
	cat "$work/log"
	grep -q ' 0.0 MB do not fit' "$work/log" && grep -q ' 0.0 MB in the 3 after it' "$work/log"
}
it 'rows are sent in the first epoch and never again' traffic

# --- ranks on one GPU -----------------------------------------------------------------------------

# NCCL wants a GPU a rank, unless the ranks seem to be on machines of their own; then it goes by sockets. A test
# of what comes out, and no measure: the two take turns on the GPU.
apart_env='NCCL_HOSTID=machine$RANK NCCL_P2P_DISABLE=1 NCCL_SHM_DISABLE=1 NCCL_MNNVL_ENABLE=0 NCCL_NVLS_ENABLE=0
NCCL_SOCKET_IFNAME=lo NCCL_MAX_CTAS=2 CUDA_MODULE_LOADING=EAGER'

# ranks N OUT PARAMS [NAME=VALUE...]
ranks() {
	of=$1 out=$2 params=$3
	shift 3
	mkdir -p "$work/$out"
	# shellcheck disable=SC2086
	env MICH_OUT="$work/$out" MICH_IN_MATRIX="$work/$m" MICH_PARAMS="{$layers,$params}" MICH_SEED=3 \
		MICH_EVENTS="$work/$out/events" "$@" timeout 100 "$build/tests/lib/runs" ranks "$of" \
		"$(echo $apart_env) exec '$cuda'"
}

two() {
	m=regression
	train "$cuda" one "$few" && ranks 2 two "$few" && below "$(apart two one)" 1e-3
}
two_again() {
	m=regression
	ranks 2 again "$few" && same_bytes again two
}
world() {
	m=regression
	train "$cuda" world1 "$few" MICH_DETERMINISM=world &&
		ranks 2 world2 "$few" MICH_DETERMINISM=world &&
		same_bytes world2 world1
}

# One of the two is killed: the other ends with 76 and is not left waiting in a sum.
lost() {
	m=regression
	began=$(date +%s)
	ranks 2 lost '"epochs":100000,"early_stopping":0' 2>"$work/lost.log" &
	ranks=$!
	i=0
	while [ "$i" -lt 120 ] && [ ! -s "$work/lost/events" ]; do sleep 0.5; i=$((i + 1)); done
	[ -s "$work/lost/events" ] || { kill "$ranks"; cat "$work/lost.log"; return 1; }
	for p in /proc/[0-9]*; do
		if tr '\0' '\n' <"$p/environ" 2>/dev/null | grep -qx "MICH_OUT=$work/lost" &&
			tr '\0' '\n' <"$p/environ" | grep -qx 'RANK=1' && [ "$(cat "$p/comm")" = mich-net-cuda ]; then
			kill -9 "${p#/proc/}"
		fi
	done
	wait "$ranks" && return 1
	echo "$(($(date +%s) - began)) s in all"
	cat "$work/lost.log"
	grep -q 'rank 1' "$work/lost.log" || return 1
	dead=$(sed -n 's/.*all dead after \([0-9]*\) ms.*/\1/p' "$work/lost.log")
	below "${dead:-99999}" 5000
}

if grep -A2 '"nccl": {' "$work/devices" | grep -q '"version"'; then
	it 'two ranks through NCCL give what one gives' two
	it 'and the same bytes again' two_again
	it 'determinism = world: two ranks give the bytes of one' world
	it 'a rank that is killed ends the other' lost
else
	echo "# NCCL is not here: the ranks are left out"
fi

# --- figures --------------------------------------------------------------------------------------

[ -n "${QUICK:-}" ] || sh tests/bench/gpu.sh || bad=$((bad + 1))
finish
