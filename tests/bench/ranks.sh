#!/bin/sh
# ranks.sh - what ranks cost: to their first line, from a failure to the last one gone, and two beside one: of a
# shell that counts, and of mich-net with a thread each (28-128-128-1, batch 4096, ROWS rows (1000000), six epochs).
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${MICH_BUILD:-$top/build}
mkdir -p "$build/tests/bench"
${CC:-cc} -std=gnu11 -O2 -I"$top" -o "$build/tests/bench/ranks" "$top/tests/bench/ranks.c" \
	"$build/libmich.a" -ljansson -lcrypto -ldl -lm -pthread || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
${CC:-cc} -std=gnu11 -O2 -I"$top" -o "$build/tests/bench/epoch" "$top/tests/bench/epoch.c" \
	"$build/libmich.a" -ljansson -lcrypto -ldl -lm -pthread || exit 1
mkdir "$dir/train" "$dir/out" && "$build/tests/bench/epoch" make "$dir/train" "${ROWS:-1000000}" || exit 1
seq 28 | jq -sc --argjson rows "${ROWS:-1000000}" '{format: "mich-matrix/1", task: "binary", classes: ["no", "yes"],
	inputs: map({name: "x\(.)", type: "float"}), splits: {train: {rows: $rows}}}' >"$dir/matrix.json"
MICH_IN_MATRIX=$dir MICH_OUT=$dir/out MICH_PARAMS='{"batch":4096,"epochs":6}' "$build/tests/bench/ranks" "$build/mich-net"
