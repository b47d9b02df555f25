#!/bin/sh
# train.sh - training through mich-xgboost beside the same calls of XGBoost made without mich.
#
# Prints a JSON line: {"case", "rows", "inputs", "rounds", "mich_s", "bare_s", "ratio"}, medians of pairs.
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${MICH_BUILD:-$top/build}
export MICH_XGBOOST="${MICH_XGBOOST:-$build/engines/xgboost/lib/libxgboost.so}"
mkdir -p "$build/tests/bench"
${CC:-cc} -std=gnu11 -O2 -I"$top" -o "$build/tests/bench/train" "$top/tests/bench/train.c" \
	"$build/libmich.a" -ljansson -lcrypto -ldl -lm -pthread || exit 1
"$build/tests/bench/train" "$build/mich-xgboost" "${PAIRS:-5}" 2>"$build/tests/bench/train.log" || { cat "$build/tests/bench/train.log" >&2; exit 1; }
