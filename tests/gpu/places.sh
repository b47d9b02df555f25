# shellcheck shell=sh
# places.sh - where NVIDIA's headers may lie: the toolkit, build/engines/cuda, Python's packages.

# Folders, a line each.
includes() {
	for nvcc in "${NVCC:-}" "$(command -v nvcc)" "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc"; do
		[ -x "$nvcc" ] || continue
		top=$("$nvcc" --dryrun -x cu -c /dev/null -o /dev/null 2>&1 | sed -n 's/^#\$ TOP=//p')
		[ -d "$top/include" ] && echo "$top/include" && break
	done
	for dir in build/engines/cuda/nvidia/*/include $(python_packages); do
		[ -d "$dir" ] && echo "$dir"
	done
}

# Those of the Python on the PATH, as PyTorch's wheels bring them.
python_packages() {
	python=$(command -v python3) || return 0
	for dir in "${python%/*}"/../lib/python3*/*-packages/nvidia/*/include; do
		[ -d "$dir" ] && echo "$dir"
	done
}

# header NAME: the first folder that has it
header() {
	includes | while read -r dir; do
		[ ! -e "$dir/$1" ] || { echo "$dir"; break; }
	done
}
