/* nccl_tree.h - sums of gathered ranks, in their order. */
#ifndef MICH_LEARN_CUDA_NCCL_TREE_H
#define MICH_LEARN_CUDA_NCCL_TREE_H

#include <stddef.h>

/*
 * v (n) = the sum of all (ranks, n), added pairwise: ((0+1)+(2+3)). all is overwritten. Enqueued on
 * the stream; device_launched() says whether it was.
 */
#ifdef __cplusplus
extern "C"
#endif
	void
	nccl_tree(float *all, size_t n, int ranks, float *v, void *stream);

#endif
