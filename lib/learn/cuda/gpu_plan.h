/*
 * gpu_plan.h - how cuBLASLt makes a product of a layer for so many rows, with what follows it in its epilogue where it
 * can. Made once and kept. Private to lib/learn/cuda.
 */
#ifndef MICH_LEARN_CUDA_GPU_PLAN_H
#define MICH_LEARN_CUDA_GPU_PLAN_H

#include "lib/learn/cuda/blas.h"
#include "lib/learn/cuda/gpu_training.h"

/* One product of one layer for so many rows; without desc: cuBLASLt cannot do it. */
struct gpu_plan {
	enum gpu_product_kind kind;
	size_t layer, rows;
	void *desc, *a, *b, *d; /* matrices; c is d */
	struct blas_algo algo;
	size_t workspace_bytes;
	bool masks; /* forward: leaves a bit for each number above 0; backward: uses those */
};

/* Bits from row to row of a mask. */
static inline size_t gpu_mask_ld(size_t units)
{
	return (units + 127) / 128 * 128;
}

/* NULL: cuBLASLt is not there or has nothing for it. Borrowed. */
struct gpu_plan *gpu_plan_of(struct gpu_trainer *t, size_t l, const struct gpu_product *p);

/* From here on cuBLASLt does not do it. */
void gpu_plan_clear(const struct blas *b, struct gpu_plan *p);

#endif
