#!/bin/sh
# ranks.sh - what ranks cost: to their first line, from a failure to the last one gone, and two beside one: of a
# shell that counts, and of mich-net with a thread each: 28-128-128-1, batch 4096, ROWS rows (1000000), six epochs and
# two; and a table of a million categories, 16 numbers each, batch 1024, in which every rank takes the steps of all rows.
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${MICH_BUILD:-$top/build}
mkdir -p "$build/tests/bench"
for i in ranks epoch; do
	${CC:-cc} -std=gnu11 -O2 -I"$top" -o "$build/tests/bench/$i" "$top/tests/bench/$i.c" \
		"$build/libmich.a" -ljansson -lcrypto -ldl -lm -pthread || exit 1
done
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

# matrix NAME ROWS [CATEGORIES]
matrix() {
	mkdir -p "$dir/$1/train" "$dir/$1/out" && "$build/tests/bench/epoch" make "$dir/$1/train" "$2" ${3:+"$3"} || exit 1
	seq 28 | jq -sc --argjson rows "$2" --argjson n "${3:-0}" '{format: "mich-matrix/1", task: "binary",
		classes: ["no", "yes"], splits: {train: {rows: $rows}}, inputs: map({name: "x\(.)", type: "float"} +
		if . == 28 and $n > 0 then {type: "categorical", categories: $n} else {} end)}' >"$dir/$1/matrix.json"
}

# net CASE MATRIX PARAMS
net() {
	MICH_IN_MATRIX=$dir/$2 MICH_OUT=$dir/$2/out MICH_PARAMS=$3 \
		"$build/tests/bench/ranks" scale "$1" "MICH_THREADS=1 exec $build/mich-net 2>/dev/null"
}

"$build/tests/bench/ranks"
matrix rows "${ROWS:-1000000}"
net "ranks scale, mich-net" rows '{"batch":4096,"epochs":6}'
net "ranks scale, mich-net, two epochs" rows '{"batch":4096,"epochs":2}'
matrix table 40960 1000000
net "ranks scale, mich-net, large table" table '{"batch":1024,"epochs":1,"embedding":16,"early_stopping":0}'
