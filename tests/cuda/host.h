/*
 * host.h - CUDA's words for a compiler of the host, put before a .cu file (-include): its kernels run here,
 * block by block, a block's threads as fibers that take turns at barriers. So a test sees every kernel
 * over real grids, and AddressSanitizer every access.
 *
 * A barrier that not all threads reach, or a warp's shuffle that some lanes have left, ends the program.
 * Threads and blocks run in ascending or descending order as host_order() says, and a branch's work at once or
 * not before it is joined: a missing barrier or join gives two answers.
 */
#ifndef MICH_TESTS_CUDA_HOST_H
#define MICH_TESTS_CUDA_HOST_H

#define MICH_CUDA_HOST 1

#include <stddef.h>

#ifdef __cplusplus
#include <functional>
#include <stdint.h>
#include <string.h>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __shared__ static

struct dim3 {
	unsigned x, y, z;
	dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_)
	{
	}
};

extern dim3 gridDim, blockDim, blockIdx, threadIdx;

void host_launch(const char *kernel, dim3 grid, dim3 block, void *stream,
		 std::function<void()> body);

/* Wait for the block's, or the warp's, other threads. */
void host_meet_block(void);
void host_meet_warp(void);
/* 8 bytes of this thread that others of its warp may read. */
uint64_t *host_slot(unsigned lane);

#define __syncthreads() host_meet_block()
#define __syncwarp() host_meet_warp()
#define __threadfence() ((void)0)
#define __threadfence_system() ((void)0)

static inline unsigned host_lane(void)
{
	return threadIdx.x % 32;
}

template <class V> static inline V host_shuffle(V v, unsigned from)
{
	V out;

	memcpy(host_slot(host_lane()), &v, sizeof v);
	host_meet_warp();
	memcpy(&out, host_slot(from % 32), sizeof out);
	host_meet_warp();
	return out;
}

template <class V> static inline V __shfl_down_sync(unsigned, V v, unsigned by, unsigned width = 32)
{
	unsigned lane = host_lane();

	return host_shuffle(v, lane % width + by < width ? lane + by : lane);
}

template <class V> static inline V __shfl_xor_sync(unsigned, V v, unsigned by)
{
	return host_shuffle(v, host_lane() ^ by);
}

template <class V> static inline V __shfl_sync(unsigned, V v, unsigned from)
{
	return host_shuffle(v, from);
}

static inline unsigned __ballot_sync(unsigned, int yes)
{
	unsigned all = 0;

	*host_slot(host_lane()) = yes != 0;
	host_meet_warp();
	for (unsigned i = 0; i < 32; i++)
		all |= (unsigned)*host_slot(i) << i;
	host_meet_warp();
	return all;
}

static inline int __ffs(unsigned v)
{
	return __builtin_ffs((int)v);
}

/* One thread runs at a time. */
static inline unsigned atomicAdd(unsigned *p, unsigned v)
{
	unsigned was = *p;

	*p += v;
	return was;
}
#endif

#ifdef __cplusplus
extern "C" {
#endif
void host_order(int descending); /* threads and blocks from the last to the first, branches late */
/* fn, in the order of the work: at once, or whenever the graph that is captured runs. */
void host_enqueue(void (*fn)(void *payload, float *v, size_t n), void *payload, float *v, size_t n);
#ifdef __cplusplus
}
#endif

#endif
