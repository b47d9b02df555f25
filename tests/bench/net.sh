#!/bin/sh
# net.sh - the scorer of nets beside OpenBLAS's sgemm: NumPy's in build/venv, or BLAS=LIBRARY.
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${MICH_BUILD:-$top/build}
mkdir -p "$build/tests/bench"
${CC:-cc} -std=gnu11 -O2 -I"$top" -o "$build/tests/bench/net" "$top/tests/bench/net.c" \
	"$build/libmich.a" -l:libjansson.a -ldl -lm -pthread || exit 1
blas=${BLAS:-$(find "$build/venv/" -name 'libscipy_openblas64_*.so' 2>/dev/null | head -n 1)}
"$build/tests/bench/net" $blas
