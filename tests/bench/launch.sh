#!/bin/sh
# launch.sh - the cost of running a step's program under the guard, beside a bare spawn.
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${MICH_BUILD:-$top/build}
mkdir -p "$build/tests/bench"
${CC:-cc} -std=gnu11 -O2 -I"$top" -o "$build/tests/bench/launch" "$top/tests/bench/launch.c" \
	"$build/libmich.a" -pthread || exit 1
"$build/tests/bench/launch"
