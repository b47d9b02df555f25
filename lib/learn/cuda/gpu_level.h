/* gpu_level.h - what one layer puts into the stream. Private to lib/learn/cuda. */
#ifndef MICH_LEARN_CUDA_GPU_LEVEL_H
#define MICH_LEARN_CUDA_GPU_LEVEL_H

#include "lib/learn/cuda/gpu_training.h"

/* training: with the moments of the batch and dropout; else with running moments. What the layer gives is in its a, or out. */
int gpu_level_forward(struct gpu_trainer *t, size_t l, size_t capacity, bool training);

/* From its d: the gradients by its weights, in the branch (t->side), and by what went in. */
int gpu_level_back(struct gpu_trainer *t, size_t l, size_t capacity);

/* v (n) becomes the sum over the ranks, in the order of the stream. */
static inline int gpu_add_ranks(struct gpu_trainer *t, float *v, size_t n)
{
	return t->o.team.ranks > 1 ? t->o.team.sum(t->o.team.payload, v, n, t->stream) : 0;
}

#endif
