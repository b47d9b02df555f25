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

# A net, 28-128-128-1, relu, Adam, batch 1024: in turn a tenth of an epoch by mich's trainer and by PyTorch, both with
# THREADS threads (2), and for about as long products of two matrices of 1024 x 1024: ours and OpenBLAS's a thread,
# PyTorch's own by all. PyTorch lies in build/venv-torch (make deps). Without it its figures are null.
#
# Prints {"case", "rows", "threads", "mich_s", "torch_s", "ratio", "gflops", "limit", "of_limit", "openblas",
# "of_openblas", "cpu", "mich_auc", "torch_auc"}. mich_s and torch_s: an epoch, by the best tenth. All else is the median
# over the rounds: ratio of the two; gflops of the trainer; limit, the fastest of the three products of a round, and
# the trainer's share of it; openblas and the share of that; cpu: {"gflops", "limit", "of_limit"} by the time that the
# threads themselves took, of one thread, where a machine that others use too says more than the clock. AUC is of
# rows held out, after EPOCHS (3). Then the products of a step, a line each.
rows=${ROWS:-1000000} threads=${THREADS:-2} epochs=${EPOCHS:-3}
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
if "$build/venv-torch/bin/python3" -c 'import torch' 2>/dev/null; then
	torch=1
	"$build/venv-torch/bin/python3" "$top/tests/bench/epoch.py" "$dir" "$threads" \
		<"$dir/torch.in" >"$dir/torch.out" 2>"$dir/torch.log" &
	exec 5>"$dir/torch.in" 6<"$dir/torch.out"
fi
i=0
while [ "$i" -lt $((epochs * 10)) ]; do
	echo >&3
	read -r line <&4 && echo "$line" >>"$dir/mich"
	[ -z "$torch" ] || {
		echo >&5
		read -r line <&6 && echo "$line" >>"$dir/torch"
	}
	"$epoch" gemm "$threads" libopenblas.so.0 >>"$dir/openblas" 2>/dev/null
	"$epoch" gemm "$threads" >>"$dir/limit"
	i=$((i + 1))
done
exec 3>&- 4<&- 5>&- 6<&-
wait
touch "$dir/torch" "$dir/openblas"
jq -nc --argjson rows "$rows" --argjson threads "$threads" --slurpfile m "$dir/mich" \
	--slurpfile t "$dir/torch" --slurpfile own "$dir/limit" --slurpfile blas "$dir/openblas" '
	def median: if length == 0 then null else sort | .[length / 2 | floor] end;
	def digits(n): if . == null then null else (. * n | round) / n end;
	def epoch: if length == 0 then null else map(.s / .rows) | min * $rows | digits(1000) end;
	def auc: map(.auc // empty) | last | digits(10000);
	113408e-9 as $gflop_row |
	[$m, $own, $blas, $t] | transpose | map(select(.[0]) | {
		speed: (.[0].rows * $gflop_row / .[0].s), speed_cpu: (.[0].rows * $gflop_row / .[0].cpu_s),
		limit: (map(.limit? // empty) | max), openblas: .[2].limit?,
		limit_cpu: (map(.limit_cpu? // empty) | max / $threads) }) |
	{case: "net", rows: $rows, threads: $threads, mich_s: ($m | epoch), torch_s: ($t | epoch),
	 ratio: ([$m, $t] | transpose | map(select(.[1]) | .[1].s / .[0].s) | median | digits(100)),
	 gflops: (map(.speed) | median | digits(10)),
	 limit: (map(.limit) | median), of_limit: (map(.speed / .limit) | median | digits(100)),
	 openblas: (map(.openblas // empty) | median),
	 of_openblas: (map(select(.openblas) | .speed / .openblas) | median | digits(100)),
	 cpu: {gflops: (map(.speed_cpu) | median | digits(10)), limit: (map(.limit_cpu) | median | digits(10)),
	       of_limit: (map(.speed_cpu / .limit_cpu) | median | digits(100))},
	 mich_auc: ($m | auc), torch_auc: ($t | auc)}'
"$epoch" shapes
