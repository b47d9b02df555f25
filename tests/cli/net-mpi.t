#!/bin/sh
# net-mpi.t - ranks that mpirun placed: the same bytes as through shared memory, what they send, and how they end.
. "${0%/*}/../lib/tap.sh"
export ASAN_OPTIONS=detect_leaks=0 # OpenMPI keeps what its modules made, and has unloaded them by then

engines || skip_all "DuckDB and XGBoost are not there"
command -v mpirun >/dev/null || skip_all "no mpirun"
mpirun --version 2>/dev/null | grep -q "Open MPI" || skip_all "mpirun is not OpenMPI's"

# 2000 rows: two numbers and a category that explain a third number.
mkdir "$SHARED/repo"
cd "$SHARED/repo" || exit 1
awk 'function r() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
BEGIN {
	seed = 42; split("a b c d", names, " "); print "x,z,c,y"
	for (i = 0; i < 2000; i++) {
		x = 4 * r() - 2; z = 10 * r(); k = 1 + int(4 * r())
		printf "%.4f,%.3f,%s,%.4f\n", x, z, names[k], 3 * x - z / 2 + 2 * k + r()
	}
}' >t.csv
cat >Michfile <<'END'
[dataset "t"]
	source = t.csv
	split = 80/10/10 by hash(x)
	label = y
[model "n"]
	dataset = t
	feature = x, z, c
	learner = net
	param = hidden=32,16
	param = epochs=3
	param = batch=128
	threads = 2
END
{
	git init -q .
	git add .
	git commit -q -m one
	mich init
	mich build
} >/dev/null 2>"$SHARED/log" || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

MPIRUN="mpirun --oversubscribe --allow-run-as-root --mca mpi_yield_when_idle 1"
MICH_IN_MATRIX=$(echo "$SHARED"/repo/.git/mich/cache/matrix/*)
export MICH_IN_MATRIX MICH_THREADS=1 MPIRUN
export MICH_PARAMS='{"hidden":"32,16","epochs":3,"batch":128}'

# mpi OUT RANKS WORDS...: train through MPI; the words are mpirun's
mpi() {
	out=$1 ranks=$2
	shift 2
	mkdir -p "$out"
	MICH_COMM=mpi MICH_OUT=$PWD/$out $MPIRUN -np "$ranks" "$@" mich-net </dev/null
}

it 'the same bytes as ranks that share memory' '
	cp -r "$SHARED/repo" r; (cd r && mich train n -n 2 >/dev/null)
	(cd r && mich cat n@latest:files/weights.safetensors) >memory
	mpi two 2 >/dev/null
	same two/weights.safetensors memory'

it 'in world the same bytes for 1, 2 and 4' '
	export MICH_DETERMINISM=world
	mkdir one; MICH_OUT=$PWD/one mich-net
	for n in 2 4; do
		mpi $n $n >/dev/null
		same $n/weights.safetensors one/weights.safetensors
	done'

# Rows of this size (4 MiB) are copied from the second epoch on, by all ranks together.
it 'the rows of a large table are in common: the same bytes as in one rank' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile dataset.t.query "SELECT t.* FROM t, range(250)"
	git config -f Michfile --unset dataset.t.split; git commit -qam more
	mich dataset build t >/dev/null
	export MICH_PARAMS="{\"hidden\":\"8\",\"epochs\":2,\"batch\":8192,\"early_stopping\":0}"
	mich train n --set hidden=8 --set epochs=2 --set batch=8192 --set early_stopping=0 --set determinism=world >/dev/null
	cd ..
	for MICH_IN_MATRIX in r/.git/mich/cache/matrix/*; do
		[ "$(jq .splits.train.rows $MICH_IN_MATRIX/matrix.json)" -lt 300000 ] || break
	done
	[ "$(wc -c <$MICH_IN_MATRIX/train/x.npy)" -gt $((4 << 20)) ]
	MICH_DETERMINISM=world mpi two 2 >/dev/null
	(cd r; mich cat n@latest:files/weights.safetensors) >one
	same two/weights.safetensors one'

# OpenMPI counts what a rank sends. A step: 2 (N - 1) / N of 4 bytes for each parameter and two sums; the file of
# weights holds six numbers more. Else there is a meeting, and after each epoch what the parts of validation came to.
it 'a rank sends 2 (N - 1) / N of the gradient a step, and next to nothing else' '
	export MICH_PARAMS="{\"hidden\":\"32,16\",\"epochs\":4,\"batch\":128,\"early_stopping\":0}"
	for n in 2 4; do
		MICH_EVENTS=$PWD/events$n mpi out$n $n --mca pml_monitoring_enable 2 --mca \
			pml_monitoring_enable_output 3 --mca pml_monitoring_filename sent$n >/dev/null
		[ -f sent$n.0.prof ] || skip "this OpenMPI counts nothing"
		file=out$n/weights.safetensors
		numbers=$((($(wc -c <$file) - 8 - $(od -An -tu8 -N8 $file)) / 4 - 6))
		steps=$(jq -s "map(.step) | max" events$n)
		least=$((steps * 2 * (n - 1) * 4 * (numbers + 2) / n))
		for rank in $(seq 0 $((n - 1))); do
			sent=$(awk "\$1 == \"C\" && \$2 == $rank { s += \$4 } END { print s }" sent$n.$rank.prof)
			echo "rank $rank of $n sent $sent, want $least"
			[ "$sent" -ge $((least * 99 / 100)) ]; [ "$sent" -le $((least * 104 / 100)) ]
		done
	done'

# A category a row, 64 numbers each: 1600 rows of a table, of which a batch touches 128 at most.
it 'of a large table the rows that a batch touched are sent: the bytes of ranks that share memory' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile dataset.t.query "SELECT *, '\''k'\'' || row_number() OVER () AS k FROM t"
	git config -f Michfile --add model.n.feature k; git config -f Michfile --add model.n.param embedding=64
	git commit -qam more; mich dataset build t >/dev/null
	rm -rf .git/mich/cache/matrix; mich train n -n 2 >/dev/null
	MICH_IN_MATRIX=$(echo "$PWD"/.git/mich/cache/matrix/*); mich cat n@latest:files/weights.safetensors >../memory
	cd ..; MICH_PARAMS=$(echo "$MICH_PARAMS" | jq -c ".embedding = 64")
	MICH_EVENTS=$PWD/events mpi two 2 --mca pml_monitoring_enable 2 --mca pml_monitoring_enable_output 3 \
		--mca pml_monitoring_filename sent >/dev/null
	same two/weights.safetensors memory
	[ -f sent.0.prof ] || skip "this OpenMPI counts nothing"
	table=$((1600 * 64 * 4)) steps=$(jq -s "map(.step) | max" events)
	[ "$(wc -c <memory)" -gt $table ]
	sent=$(awk "\$1 == \"C\" { s += \$4 } END { print s }" sent.0.prof)
	echo "rank 0 sent $sent in $steps steps"
	[ "$sent" -gt $((steps * 128 * 64 * 4 / 2)) ]; [ "$sent" -lt $((steps * table / 4)) ]'

# rank_of N: the process that is rank N to MPI and fills our out/
rank_of() {
	for p in /proc/[0-9]*; do
		{ tr "\0" "\n" <"$p/environ"; } 2>/dev/null >vars || continue
		if grep -q "^MICH_OUT=$PWD/out$" vars && grep -q "^OMPI_COMM_WORLD_RANK=$1$" vars &&
			[ "$(cat "$p/comm")" = mich-net ]; then
			echo "${p#/proc/}"
		fi
	done
}

it 'a rank that is killed takes all with it; taken up again it gives the same bytes' '
	export MICH_PARAMS="{\"hidden\":\"32,16\",\"epochs\":400,\"batch\":128,\"early_stopping\":0,\"lr\":0.001}"
	mpi whole 2 >/dev/null
	export MICH_CHECKPOINT=$PWD/kept MICH_CHECKPOINT_STEPS=1
	{ mpi out 2 >log 2>&1 || touch ended; } &
	until_true 60 [ -f kept/checkpoint ]
	kill -9 "$(rank_of 1)"
	wait
	[ -f ended ]; [ -z "$(rank_of 0)" ]
	unset MICH_CHECKPOINT_STEPS
	mpi out 2 2>again
	has again "goes on from its checkpoint"
	same out/weights.safetensors whole/weights.safetensors'

it 'a rank that fails says why, and the others end' '
	export MICH_PARAMS="{\"hidden\":\"32\",\"epochs\":3,\"optimizer\":\"sgd\",\"lr\":1000,\"norm\":\"none\"}"
	code 1 mpi out 2 2>err
	has err "diverged"
	[ -z "$(rank_of 0)$(rank_of 1)" ]'

it 'MPI is for processes that it placed, and that think the same of their place' '
	mkdir out; export MICH_OUT=$PWD/out
	MICH_COMM=mpi code 1 mich-net 2>err; has err "no mpirun or srun placed this process"
	MICH_COMM=nccl code 1 mich-net 2>err; has err "MICH_COMM is '\''nccl'\'', want mpi or nothing"
	LD_DEBUG=files mich-net 2>&1 | code 1 grep -q libmpi
	code 1 mpi out 2 -x RANK=0 -x WORLD_SIZE=3 2>err; has err "to MPI it is rank"
	MICH_MPI=/nonexistent code 1 mpi out 2 2>err; has err "cannot load OpenMPI"'
