/* nccl_tree.cu - one thread adds the ranks of one float. */
#include "lib/learn/cuda/gpu_kernel.cuh"
#include "lib/learn/cuda/nccl_tree.h"

enum { THREADS = 256, BLOCKS_MOST = 1024 };

static __global__ void tree(float *all, size_t n, int ranks, float *v)
{
	size_t step = (size_t)gridDim.x * blockDim.x;

	for (size_t k = (size_t)blockIdx.x * blockDim.x + threadIdx.x; k < n; k += step) {
		for (int d = 1; d < ranks; d *= 2)
			for (int i = 0; i + d < ranks; i += 2 * d)
				all[(size_t)i * n + k] += all[(size_t)(i + d) * n + k];
		v[k] = all[k];
	}
}

extern "C" void nccl_tree(float *all, size_t n, int ranks, float *v, void *stream)
{
	size_t blocks = (n + THREADS - 1) / THREADS;

	if (blocks > BLOCKS_MOST)
		blocks = BLOCKS_MOST;
	if (n)
		LAUNCH(tree, dim3((unsigned)blocks), dim3(THREADS), stream, all, n, ranks, v);
}
