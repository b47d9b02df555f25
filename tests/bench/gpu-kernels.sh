#!/bin/sh
# gpu-kernels.sh - where the time of a step on a GPU goes: each kernel of mich-net-cuda's step alone, as NVIDIA's ncu
# measures it, for the net of gpu.sh. In a step some run beside others, and each waits a microsecond or so for the one
# before: the sum is no step's time.
#
# Prints {"case", "math", "batch", "kernel", "grid", "block", "calls", "us"} a kernel, us the median, in the order of
# their first calls. BATCHES ('1024 16384') and MATHS (bf16) change it. Skipped without ncu or a GPU.
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${MICH_BUILD:-$top/build}
net=$build/mich-net-cuda
skip() {
	echo "{\"case\":\"gpu kernels\",\"skipped\":\"$1\"}"
	exit 0
}
[ -x "$net" ] || skip "mich-net-cuda is not built"
! "$net" --devices | grep -q '^  "error"' || skip "there is no GPU"
ncu=${NCU:-$(command -v ncu || ls /usr/local/cuda/bin/ncu /opt/nvidia/nsight-compute/*/ncu 2>/dev/null | tail -n 1)}
[ -n "$ncu" ] || skip "ncu is not there"
command -v python3 >/dev/null || skip "there is no Python"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

summary() {
	python3 -c '
import csv, json, re, statistics, sys
math, batch = sys.argv[1:]
lines = sys.stdin.read().splitlines()
begin = next((i for i, line in enumerate(lines) if line.startswith("\"ID\"")), None)
if begin is None:
    sys.exit("ncu says: " + " / ".join(lines[-5:]))
of = {}
for row in csv.DictReader(lines[begin:]):
    if row.get("Metric Name") != "gpu__time_duration.sum":
        continue
    scale = {"ns": 1e-3, "nsecond": 1e-3, "us": 1, "usecond": 1, "ms": 1e3, "msecond": 1e3}[row["Metric Unit"]]
    name = re.sub(r"^void ", "", row["Kernel Name"])[:90]
    key = name, row.get("Grid Size", ""), row.get("Block Size", "")
    of.setdefault(key, []).append(float(row["Metric Value"].replace(",", "")) * scale)
for (name, grid, block), us in of.items():
    print(json.dumps({"case": "gpu kernels", "math": math, "batch": int(batch), "kernel": name, "grid": grid,
                      "block": block, "calls": len(us), "us": round(statistics.median(us), 2)}))
' "$1" "$2"
}

bad=0
for math in ${MATHS:-bf16}; do
	for batch in ${BATCHES:-1024 16384}; do
		rm -rf "$dir/m" "$dir/out"
		mkdir -p "$dir/out"
		"$build/tests/lib/runs" higgs "$dir/m" $((batch * 8)) || exit 1
		MICH_OUT=$dir/out MICH_IN_MATRIX=$dir/m \
			MICH_PARAMS="{\"hidden\":\"256,256\",\"batch\":$batch,\"epochs\":1,\"early_stopping\":0,\"math\":\"$math\"}" \
			timeout 120 "$ncu" --clock-control none --csv --metrics gpu__time_duration.sum "$net" \
			2>"$dir/log" | summary "$math" "$batch" || { bad=1; tail -n 3 "$dir/log" >&2; }
	done
done
exit $bad
