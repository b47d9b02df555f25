#!/bin/sh
# ranks.sh - what ranks cost: to their first line, from a failure to the last one gone, and two beside one.
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${MICH_BUILD:-$top/build}
mkdir -p "$build/tests/bench"
${CC:-cc} -std=gnu11 -O2 -I"$top" -o "$build/tests/bench/ranks" "$top/tests/bench/ranks.c" \
	"$build/libmich.a" -l:libjansson.a -lm -pthread || exit 1
"$build/tests/bench/ranks"
