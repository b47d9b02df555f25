#!/bin/sh
# partition.sh - a model for each of many values: trained in one step beside a loop in Python, opened, and asked.
#
#	PARTITIONS (1000), ROWS (250000), ROUNDS (50), THREADS (2) of mich, PYTHON_XGBOOST: a Python that has
#	pandas, pyarrow and xgboost; without one its figures are null. PYTHON_THREADS (1): of each training in its
#	loop; more make it slower on so few rows.
#
# Prints {"case": "train", "partitions", "rows", "mich_s", "mich_cpu_s", "python_s", "python_cpu_s", "ratio",
# "bytes"}: the training of all, with the parent, and without the reading of the table, which Python's loop
# does not count either; ratio is of the processors' time, which a machine that others use too changes less.
# Then {"case": "open", "partitions_s", "one_s"}: a prediction of one row by mich, with the model of them
# and with one model, and {"case": "score", "rows", "partitions_us", "one_us"}: of so many rows at once. At last
# {"case": "mixed", "rows", "partitions_ns", "one_ns", "ratio"} of partition.c: of so many that mix all partitions,
# a row, on one thread. Of a partition that has fewer than some twenty rows there each goes down the trees by itself,
# and the models of all, which no cache holds, are read once: who reads a table gives 128 rows a partition at a
# time (model_batch).
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
export PATH="${MICH_BUILD:-$top/build}:$PATH"
partitions=${PARTITIONS:-1000} rows=${ROWS:-250000} rounds=${ROUNDS:-50} threads=${THREADS:-2}
python=${PYTHON_XGBOOST:-$top/build/venv/bin/python3}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

awk -v rows="$rows" -v n="$partitions" '
	function r() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
	BEGIN {
		seed = 9
		print "city,a,b,c,d,y"
		for (i = 0; i < rows; i++) {
			c = i % n; a = r(); b = r(); h = int(24 * r())
			printf "city%04d,%.4f,%.4f,%d,%.4f,%.4f\n", c, a, b, h, a * b,
				a * (1 + c / 100) + b * b * (c % 7) + r() / 5
		}
	}' >rides.csv
cat >Michfile <<END
[dataset "rides"]
	source = rides.csv
	split = 90/10/0 by hash
	label = y
[model "parts"]
	dataset = rides
	partition = city
	partition-min-rows = 1
	learner = xgboost
	param = rounds=$rounds
	threads = $threads
[model "one"]
	dataset = rides
	exclude = city
	learner = xgboost
	param = rounds=$rounds
	threads = $threads
END
git init -q .
git add Michfile
git -c user.name=b -c user.email=b@b commit -qm bench
mich init
mich build dataset/rides 2>log >&2 || { cat log >&2; exit 1; }
mich train one >/dev/null 2>&1
mich train parts --set rounds=1 >/dev/null 2>&1 # the matrix is there now

# "seconds cpu" of a command.
run() {
	# shellcheck disable=SC2016
	bash -c 'TIMEFORMAT="%R %U %S"; time "$@" >out 2>err' - "$@" 2>cost
	awk '{ print $1, $2 + $3 }' cost
}

train=$(run mich train parts)
loop=null
if "$python" -c 'import pandas, pyarrow, xgboost' 2>/dev/null; then
	mich export rides data >/dev/null 2>&1
	loop=$("$python" "$top/tests/bench/partition.py" "$(find data -name train.parquet)" "$rounds" "${PYTHON_THREADS:-1}")
fi
jq -nc --argjson p "$partitions" --argjson rows "$rows" --arg train "$train" --argjson loop "$loop" \
	--argjson bytes "$(mich show parts --full --json | jq '[.files[] | select(.path | endswith("partitions.bin")) | .size] | add')" '
	($train | split(" ") | map(tonumber)) as [$s, $cpu] |
	{case: "train", partitions: $p, rows: $rows, mich_s: $s, mich_cpu_s: $cpu, python_s: $loop.seconds,
	 python_cpu_s: $loop.cpu_s, ratio: (if $loop then $loop.cpu_s / $cpu * 100 | round / 100 else null end),
	 bytes: $bytes, python_bytes: $loop.bytes}'

head -n 2 rides.csv >row.csv
for m in parts one; do
	for _ in 1 2 3 4 5; do run mich predict $m -f row.csv; done | sort -n | sed -n 3p >open.$m
done
jq -nc --rawfile p open.parts --rawfile o open.one '
	def first: split(" ")[0] | tonumber;
	{case: "open", partitions_s: ($p | first), one_s: ($o | first)}'
for m in parts one; do
	printf '[bench "%s"]\n\tmodel = %s\n\tseconds = 0.5\n\tbatch = 100, 1000, 10000\n' $m $m >>Michfile
done
for m in parts one; do
	mich bench $m --json >bench.$m 2>err || { cat err >&2; exit 1; }
done
jq -nc --slurpfile p bench.parts --slurpfile o bench.one '
	{case: "score", rows: 1, partitions_us: $p[0].metrics.bench.p50_us, one_us: $o[0].metrics.bench.p50_us},
	(($p[0].metrics.bench.batch | keys | map(tonumber) | sort[]) as $n |
	{case: "score", rows: $n, partitions_us: $p[0].metrics.bench.batch["\($n)"].p50_us,
	 one_us: $o[0].metrics.bench.batch["\($n)"].p50_us})'

mich export parts parts >/dev/null
mich export one one >/dev/null
build=${MICH_BUILD:-$top/build}
${CC:-cc} -std=gnu11 -O2 -I"$top" -o mixed "$top/tests/bench/partition.c" "$build/libmich.a" -l:libjansson.a -ldl -lm -pthread
./mixed parts one 1000 16384 $((128 * partitions))
