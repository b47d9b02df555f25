#!/bin/sh
# request.sh - what a request costs without the network: read, score, answer, in microseconds.
#
# Prints JSON lines: {"case", "n", "us", "bytes"}; the best of five turns. The model: 100 trees of
# depth 6 on 28 numbers, as serve.sh has it.
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${MICH_BUILD:-$top/build}
mkdir -p "$build/tests/bench"
${CC:-cc} -std=gnu11 -O2 -I"$top" -o "$build/tests/bench/request" "$top/tests/bench/request.c" \
	"$build/libmich.a" -l:libjansson.a -lz -ldl -lm -pthread || exit 1
"$build/tests/bench/request" "$@"
