#!/bin/sh
# gpu.sh - an epoch of a net on a GPU, 28-256-256-1, relu, Adam, 11 million rows that lie on it: mich-net-cuda,
# PyTorch as it is written, PyTorch compiled, in turn, and the floor: the products alone at the speed that the
# same GPU reaches in large ones.
#
# Prints {"case", "device", "math", "rows", "batch", "mich_s", "eager_s", "compiled_s", "floor_s",
# "to_eager", "to_compiled", "of_floor", "mich_loss", "eager_loss"} a batch and math: medians of PAIRS (3)
# turns, seconds an epoch. to_eager: eager_s / mich_s, and so on; of_floor: mich_s / floor_s. What is not there, or
# failed, is null, and why is said on stderr. The losses are of epoch PAIRS: to be
# compared where STEPS are an epoch.
#
# ROWS, BATCHES ('1024 8192 16384'), MATHS ('bf16 tf32 fp32'), EPOCHS of mich a turn (6), STEPS of PyTorch a turn
# (1500; less than an epoch counts by proportion), SECONDS after which nothing is begun any more (300), PYTHON, DEVICE
# of PyTorch, and MICH_NET, another program than mich-net-cuda, change it.
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${MICH_BUILD:-$top/build}
net=${MICH_NET:-$build/mich-net-cuda}
python=${PYTHON:-python3}
[ -x "$net" ] || { echo '{"case":"gpu","skipped":"mich-net-cuda is not built"}'; exit 0; }
if [ -z "${MICH_NET:-}" ] && "$net" --devices | grep -q '^  "error"'; then
	echo '{"case":"gpu","skipped":"there is no GPU"}'
	exit 0
fi
command -v "$python" >/dev/null || { echo '{"case":"gpu","skipped":"there is no Python"}'; exit 0; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
"$build/tests/lib/runs" higgs "$dir/m" "${ROWS:-11000000}" || exit 1
"$python" -W ignore "$top/tests/bench/gpu.py" "$net" "$dir"
