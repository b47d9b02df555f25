#!/bin/sh
# abi.sh - what lib/learn/cuda declares of cuBLASLt and NCCL, held to NVIDIA's own headers. Exit 0: the
# same; 1: another, and it says what; 77: the headers are not here.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/gpu/places.sh
. tests/gpu/places.sh

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# constants FILE: its enum members as assertions
constants() {
	sed -n 's/^\t\(\(CU\|nccl\)[A-Za-z0-9_]*\) = \([0-9]*\),.*/_Static_assert(\1 == \3, "\1 is not \3");/p' "$1"
}

# Sizes and offsets of our structs, as assertions on theirs.
cat >"$work/ours.c" <<'END'
#include <stdio.h>
#include "lib/learn/cuda/blas.h"
#include "lib/learn/cuda/nccl_api.h"
#define SIZE(ours, theirs) \
	printf("_Static_assert(sizeof(" #theirs ") %s %zu, \"size of " #theirs "\");\n", same, sizeof(ours))
#define PLACE(ours, mine, theirs, member) \
	printf("_Static_assert(offsetof(" #theirs ", " #member ") == %zu, \"" #theirs "." #member "\");\n", \
	       offsetof(ours, mine))
int main(int argc, char **argv)
{
	const char *same = "==";

	(void)argv;
	if (argc == 1) {
		SIZE(struct blas_algo, cublasLtMatmulAlgo_t);
		SIZE(struct blas_choice, cublasLtMatmulHeuristicResult_t);
		PLACE(struct blas_choice, workspace_bytes, cublasLtMatmulHeuristicResult_t, workspaceSize);
		PLACE(struct blas_choice, state, cublasLtMatmulHeuristicResult_t, state);
		PLACE(struct blas_choice, waves, cublasLtMatmulHeuristicResult_t, wavesCount);
		return 0;
	}
	SIZE(struct nccl_id, ncclUniqueId);
	same = ">=";
	SIZE(struct nccl_config, ncclConfig_t);
	PLACE(struct nccl_config, version, ncclConfig_t, version);
	PLACE(struct nccl_config, blocking, ncclConfig_t, blocking);
	PLACE(struct nccl_config, cgaClusterSize, ncclConfig_t, cgaClusterSize);
	PLACE(struct nccl_config, minCTAs, ncclConfig_t, minCTAs);
	PLACE(struct nccl_config, maxCTAs, ncclConfig_t, maxCTAs);
	PLACE(struct nccl_config, netName, ncclConfig_t, netName);
	PLACE(struct nccl_config, splitShare, ncclConfig_t, splitShare);
	return 0;
}
END
"${CC:-cc}" -std=gnu11 -I. -o "$work/ours" "$work/ours.c" || exit 1

# check HEADER FILE [WORD]
check() {
	{
		printf '#include <stddef.h>\n#include <%s>\n' "$1"
		constants "$2"
		"$work/ours" ${3:+"$3"}
	} >"$work/theirs.c"
	grep -c _Static_assert "$work/theirs.c" >"$work/n"
	# shellcheck disable=SC2046
	"${CC:-cc}" -std=gnu11 -w $(printf -- '-I%s ' $(includes)) -c -o /dev/null "$work/theirs.c" || exit 1
	echo "$1: $(cat "$work/n") facts are the same"
}

[ -n "$(header cublasLt.h)" ] && [ -n "$(header nccl.h)" ] && [ -n "$(header cuda_runtime.h)" ] ||
	{ echo "cublasLt.h, nccl.h or cuda_runtime.h is not here: make deps CUDA=1 fetches the first two"; exit 77; }
check cublasLt.h lib/learn/cuda/blas.h
check nccl.h lib/learn/cuda/nccl_api.h nccl
magic=$(sed -n 's/^#define NCCL_CONFIG_MAGIC //p' lib/learn/cuda/nccl_api.h)
grep -q "$magic" "$(header nccl.h)/nccl.h" || { echo "nccl.h: another magic than $magic"; exit 1; }
