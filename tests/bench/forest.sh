#!/bin/sh
# forest.sh - the scorer beside XGBoost's own C calls, on the same models and rows.
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${MICH_BUILD:-$top/build}
mkdir -p "$build/tests/bench"
${CC:-cc} -std=gnu11 -O2 -I"$top" -o "$build/tests/bench/forest" "$top/tests/bench/forest.c" \
	"$build/libmich.a" -l:libjansson.a -ldl -lm -pthread || exit 1
"$build/tests/bench/forest" "$@"
