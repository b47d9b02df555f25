#!/bin/sh
# train.sh - training: of trees through mich-xgboost, and of a net, beside what it is to be as fast as.
#
# Trees: through mich-xgboost beside the same calls of XGBoost made without mich.
#
# Prints a JSON line: {"case", "rows", "inputs", "rounds", "mich_s", "bare_s", "ratio"}, medians of pairs.
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${MICH_BUILD:-$top/build}
export MICH_XGBOOST="${MICH_XGBOOST:-$build/engines/xgboost/lib/libxgboost.so}"
mkdir -p "$build/tests/bench"
${CC:-cc} -std=gnu11 -O2 -I"$top" -o "$build/tests/bench/train" "$top/tests/bench/train.c" \
	"$build/libmich.a" -ljansson -lcrypto -ldl -lm -pthread || exit 1
"$build/tests/bench/train" "$build/mich-xgboost" "${PAIRS:-5}" 2>"$build/tests/bench/train.log" || { cat "$build/tests/bench/train.log" >&2; exit 1; }

# A net, 28-128-128-1, relu, Adam, batch 1024: an epoch of mich's trainer beside one of PyTorch, in turn,
# both with THREADS threads (2), and the same products at the speed of sgemm (1024^3 a thread): OpenBLAS's
# where it is there, else our own. PyTorch lies in build/bench-venv: python3 -m venv build/bench-venv &&
# build/bench-venv/bin/pip install torch==2.13.0 numpy. Without it its figures are null.
#
# Prints {"case", "rows", "threads", "mich_s", "torch_s", "ratio", "gflops", "limit", "of_limit",
# "mich_auc", "torch_auc"}: medians of pairs, AUC after as many epochs on rows held out.
rows=${ROWS:-1000000} threads=${THREADS:-2} pairs=${PAIRS:-5}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
epoch=$build/tests/bench/epoch
${CC:-cc} -std=gnu11 -O2 -I"$top" -o "$epoch" "$top/tests/bench/epoch.c" \
	"$build/libmich.a" -ljansson -lcrypto -ldl -lm -pthread || exit 1
"$epoch" make "$dir" "$((rows * 10 / 9))" || exit 1
mkfifo "$dir/mich.in" "$dir/mich.out" "$dir/torch.in" "$dir/torch.out" || exit 1

"$epoch" train "$dir" "$threads" <"$dir/mich.in" >"$dir/mich.out" &
exec 3>"$dir/mich.in" 4<"$dir/mich.out"
torch=
if "$build/bench-venv/bin/python" -c 'import torch' 2>/dev/null; then
	torch=1
	"$build/bench-venv/bin/python" "$top/tests/bench/epoch.py" "$dir" "$threads" \
		<"$dir/torch.in" >"$dir/torch.out" 2>"$dir/torch.log" &
	exec 5>"$dir/torch.in" 6<"$dir/torch.out"
fi
i=0
while [ "$i" -lt "$pairs" ]; do
	echo >&3
	read -r line <&4 && echo "$line" >>"$dir/mich"
	[ -z "$torch" ] || {
		echo >&5
		read -r line <&6 && echo "$line" >>"$dir/torch"
	}
	{ "$epoch" gemm "$threads" libopenblas.so.0 2>/dev/null || "$epoch" gemm "$threads"; } >>"$dir/limit"
	i=$((i + 1))
done
exec 3>&- 4<&- 5>&- 6<&-
wait
touch "$dir/torch"
jq -nc --argjson rows "$rows" --argjson threads "$threads" --slurpfile m "$dir/mich" \
	--slurpfile t "$dir/torch" --slurpfile l "$dir/limit" '
	def median: if length == 0 then null else sort | .[length / 2 | floor] end;
	def digits(n): if . == null then null else (. * n | round) / n end;
	($m | map(.epoch_s) | median) as $mich | ($t | map(.epoch_s) | median) as $torch |
	($l | map(.limit) | median) as $limit | ($rows * 113408 / $mich / 1e9) as $speed |
	{case: "net", rows: $rows, threads: $threads, mich_s: $mich, torch_s: $torch,
	 ratio: (if $torch then $torch / $mich | digits(100) else null end),
	 gflops: ($speed | digits(10)), limit: $limit, of_limit: ($speed / $limit | digits(100)),
	 mich_auc: $m[-1].auc, torch_auc: $t[-1].auc}'
