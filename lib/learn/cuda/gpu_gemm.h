/*
 * gpu_gemm.h - the products of a net: by cuBLASLt with what follows them in its epilogue where it can
 * be had, else by gpu_product.cu. Private to lib/learn/cuda.
 */
#ifndef MICH_LEARN_CUDA_GPU_GEMM_H
#define MICH_LEARN_CUDA_GPU_GEMM_H

#include "lib/learn/cuda/gpu_training.h"

/* Product p of layer l into the stream. The first of its kind and rows makes a plan: not in a capture. */
int gpu_gemm(struct gpu_trainer *t, size_t l, const struct gpu_product *p);

#endif
