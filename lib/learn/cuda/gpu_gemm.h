/*
 * gpu_gemm.h - the products of a net: by cuBLASLt with what follows them in its epilogue where it can
 * be had, else by gpu_product.cu. Private to lib/learn/cuda.
 *
 * The same shape gets the same algorithm of the same library every time: the first one of cuBLASLt's own
 * list, without those that add by atomics. (Timing the list would be a little faster and would choose
 * otherwise on another day: other bits.)
 */
#ifndef MICH_LEARN_CUDA_GPU_GEMM_H
#define MICH_LEARN_CUDA_GPU_GEMM_H

#include "lib/learn/cuda/gpu_training.h"

/*
 * How the gradients by weights will be made, before their memory is taken: in how many parts, and whether that of the
 * first bias comes with them.
 */
int gpu_gemm_open(struct gpu_trainer *t);
void gpu_gemm_close(struct gpu_trainer *t);

/*
 * Product p of layer l into the stream; GPU_WEIGHTS, with the gradient by the bias, into the branch
 * (t->side), since nothing before the update waits for it.
 */
int gpu_gemm(struct gpu_trainer *t, size_t l, const struct gpu_product *p);

#endif
