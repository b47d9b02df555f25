#!/bin/sh
# gpu-runs.t - trainings of mich-net-cuda on a host that plays the GPU: what tests/gpu/check.sh asks of a real
# one, and its ranks.
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${MICH_BUILD:-$top/build}
[ -x "$build/hosted/mich-net-cuda" ] || {
	echo "1..0 # SKIP the GPU's trainer is not built for the host: make unit"
	exit 0
}
HOSTED=1 exec sh "$top/tests/gpu/check.sh"
