/*
 * gpu_kernel.cuh - what every kernel begins with: a launch, sums of a warp and of a block in a fixed
 * order, and the number format bf16. tests/cuda/host.h lets a compiler of the host take the same kernels,
 * so nothing here or in a .cu file asks for more of CUDA than it knows.
 *
 * Kernels are compiled with -fmad=false: where two numbers are to be multiplied and added without
 * rounding between, it says fmaf(), as on the CPU.
 */
#ifndef MICH_LEARN_CUDA_GPU_KERNEL_CUH
#define MICH_LEARN_CUDA_GPU_KERNEL_CUH

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/learn/cuda/gpu_kernels.h"

#ifdef MICH_CUDA_HOST
#define LAUNCH(kernel, grid, block, stream, ...) \
	host_launch(#kernel, grid, block, stream, [=] { kernel(__VA_ARGS__); })
#else
#include <cuda_runtime.h>
#define LAUNCH(kernel, grid, block, stream, ...) \
	kernel<<<grid, block, 0, (cudaStream_t)(stream)>>>(__VA_ARGS__)
#endif

#define ALL_LANES 0xffffffffu

/* The upper half of a float, rounded to the nearest, to even where there are two. */
struct bf16 {
	uint16_t bits;
};

static __device__ __forceinline__ float load(const float *p)
{
	return *p;
}

static __device__ __forceinline__ float load(const bf16 *p)
{
	uint32_t bits = (uint32_t)p->bits << 16;
	float v;

	memcpy(&v, &bits, sizeof v);
	return v;
}

static __device__ __forceinline__ void store(float *p, float v)
{
	*p = v;
}

static __device__ __forceinline__ void store(bf16 *p, float v)
{
#ifdef __CUDA_ARCH__
	asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(p->bits) : "f"(v));
#else
	uint32_t bits;

	memcpy(&bits, &v, sizeof bits);
	if (v != v)
		p->bits = 0x7fff;
	else
		p->bits = (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
#endif
}

/* Lane 0 gets the sum of width lanes side by side: v[i] += v[i + step] for step = width / 2 ... 1. */
template <class V> static __device__ __forceinline__ V sum_lanes(V v, int width)
{
	for (int step = width / 2; step; step /= 2)
		v += __shfl_down_sync(ALL_LANES, v, step, width);
	return v;
}

/* Every lane of the warp gets the same sum. */
static __device__ __forceinline__ float sum_warp(float v)
{
	for (int step = 16; step; step /= 2)
		v += __shfl_xor_sync(ALL_LANES, v, step);
	return v;
}

static __device__ __forceinline__ float max_warp(float v)
{
	for (int step = 16; step; step /= 2) {
		float other = __shfl_xor_sync(ALL_LANES, v, step);

		v = other > v ? other : v;
	}
	return v;
}

/* Thread 0 gets the sum over a block of at most 1024 threads; room for 32 is shared by the block. */
static __device__ __forceinline__ double sum_block(double v, double *room)
{
	unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32;

	v = sum_lanes(v, 32);
	__syncthreads();
	if (!lane)
		room[warp] = v;
	__syncthreads();
	v = threadIdx.x < (blockDim.x + 31) / 32 ? room[lane] : 0;
	return warp ? 0 : sum_lanes(v, 32);
}

/*
 * value(0) + ... + value(parts - 1), added pairwise: ((0 + 1) + (2 + 3)) ... Eight at a time, so that they
 * are read side by side; partial sums of a power of two wait on a stack. parts is a power of 2.
 */
template <class F> static __device__ __forceinline__ float sum_pairs(size_t parts, F value)
{
	size_t each = parts < 8 ? parts : 8, n = parts / each;
	float stack[32], v[8];
	int top = 0;

	for (size_t k = 0; k < n; k++) {
		for (size_t i = 0; i < 8; i++)
			v[i] = i < each ? value(k * each + i) : 0.0f;
		for (size_t step = 1; step < each; step *= 2)
			for (size_t i = 0; i + step < 8; i += 2 * step)
				v[i] += v[i + step];
		for (size_t q = k; q & 1; q >>= 1)
			v[0] = stack[--top] + v[0];
		stack[top++] = v[0];
	}
	return stack[0];
}

static __device__ __forceinline__ float sum_parts(const float *from, size_t parts, size_t stride)
{
	return sum_pairs(parts, [=](size_t p) { return from[p * stride]; });
}

/* The record of the step that runs, or of one after it; after it was judged, of the one that was. */
static __device__ __forceinline__ const gpu_record *record_of(const gpu_steps *s,
							      unsigned ahead = 0)
{
	return s->ring + (s->control->at + ahead) % GPU_RING;
}

static __device__ __forceinline__ const gpu_record *record_judged(const gpu_steps *s)
{
	return s->ring + (s->control->at - 1) % GPU_RING;
}

/* First row, on this rank, of its part `i` of `parts`; the batch is cut evenly over all ranks. */
static __device__ __forceinline__ size_t part_begin(const gpu_record *r, const gpu_steps *s,
						    size_t i, size_t parts)
{
	return (uint64_t)r->batch_rows * (s->rank * parts + i) / (s->ranks * parts) - r->begin;
}

static inline unsigned blocks_of(size_t n, size_t each)
{
	return (unsigned)((n + each - 1) / each);
}

#endif
