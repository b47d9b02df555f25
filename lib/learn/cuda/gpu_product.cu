/*
 * gpu_product.cu - products of our own: where cuBLASLt is not there or has no kernel for an epilogue,
 * and where the bits are to depend on nothing but the row (determinism = world). An element is
 * added in the order of the index with fused multiply-add, as gemm.h does.
 *
 * A block makes 64 x 64 elements, a thread 4 x 4 of them in registers; 16 of the index at a time lie in
 * shared memory (Volkov and Demmel 2008).
 */
#include "lib/learn/cuda/gpu_kernel.cuh"

enum { TILE = 64, DEEP = 16, EACH = 4, THREADS = 256, SIDE = TILE / EACH, PAD = 4 };

/* An operand: element (i, p), i along the result's side, p along the index. */
template <class T> struct operand {
	const T *at;
	size_t side, deep; /* elements from one to the next; one of them is 1 */
	size_t n;	   /* along the side */
};

/* 64 of the side by 16 of the index, as (index, side); 0 beyond the ends. */
template <class T, bool DEEP_FIRST>
static __device__ __forceinline__ void fetch(const operand<T> &o, size_t i0, size_t p0, size_t end,
					     float (*to)[TILE + PAD])
{
	for (unsigned k = threadIdx.x; k < TILE * DEEP; k += THREADS) {
		unsigned i = DEEP_FIRST ? k / DEEP : k % TILE, p = DEEP_FIRST ? k % DEEP : k / TILE;
		bool there = i0 + i < o.n && p0 + p < end;

		to[p][i] = there ? load(o.at + (i0 + i) * o.side + (p0 + p) * o.deep) : 0.0f;
	}
}

/* c (EACH, EACH) of this thread += a b over the index from `from` to end - 1. */
template <class T, bool A_DEEP, bool B_DEEP>
static __device__ __forceinline__ void accumulate(const operand<T> &a, const operand<T> &b,
						  size_t from, size_t end, float c[EACH][EACH])
{
	__shared__ float as[DEEP][TILE + PAD], bs[DEEP][TILE + PAD];
	unsigned row = threadIdx.x / SIDE * EACH, col = threadIdx.x % SIDE * EACH;

	for (size_t p0 = from; p0 < end; p0 += DEEP) {
		unsigned depth = end - p0 < DEEP ? (unsigned)(end - p0) : (unsigned)DEEP;

		fetch<T, A_DEEP>(a, (size_t)blockIdx.y * TILE, p0, end, as);
		fetch<T, B_DEEP>(b, (size_t)blockIdx.x * TILE, p0, end, bs);
		__syncthreads();
		for (unsigned p = 0; p < depth; p++)
			for (int i = 0; i < EACH; i++)
				for (int j = 0; j < EACH; j++)
					c[i][j] = fmaf(as[p][row + i], bs[p][col + j], c[i][j]);
		__syncthreads();
	}
}

template <class T, class O> static __global__ void forward(gpu_product p)
{
	operand<T> a = { (const T *)p.x, p.ld_in, 1, p.rows },
		   b = { (const T *)p.w, p.ld_in, 1, p.units };
	size_t row = (size_t)blockIdx.y * TILE + threadIdx.x / SIDE * EACH;
	size_t col = (size_t)blockIdx.x * TILE + threadIdx.x % SIDE * EACH;
	float c[EACH][EACH];

	for (int i = 0; i < EACH; i++)
		for (int j = 0; j < EACH; j++)
			c[i][j] = col + j < p.units ? p.bias[col + j] : 0.0f;
	accumulate<T, true, true>(a, b, 0, p.in, c);
	for (int i = 0; i < EACH; i++)
		for (int j = 0; j < EACH; j++)
			if (row + i < p.rows && col + j < p.units)
				store((O *)p.out + (row + i) * p.ld + col + j,
				      p.relu && c[i][j] < 0 ? 0.0f : c[i][j]);
}

template <class T> static __global__ void backward(gpu_product p)
{
	operand<T> a = { (const T *)p.d, p.ld, 1, p.rows },
		   b = { (const T *)p.w, 1, p.ld_in, p.in };
	size_t row = (size_t)blockIdx.y * TILE + threadIdx.x / SIDE * EACH;
	size_t col = (size_t)blockIdx.x * TILE + threadIdx.x % SIDE * EACH;
	const T *mask = (const T *)p.mask;
	float c[EACH][EACH] = { { 0 } };

	accumulate<T, true, false>(a, b, 0, p.units, c);
	for (int i = 0; i < EACH; i++)
		for (int j = 0; j < EACH; j++) {
			size_t at = (row + i) * p.ld_in + col + j;

			if (row + i < p.rows && col + j < p.in)
				store((T *)p.out + at,
				      mask && !(load(mask + at) > 0) ? 0.0f : c[i][j]);
		}
}

template <class T> static __global__ void weights(gpu_steps s, gpu_product p)
{
	operand<T> a = { (const T *)p.d, 1, p.ld, p.units },
		   b = { (const T *)p.x, 1, p.ld_in, p.in };
	const gpu_record *r = record_of(&s);
	size_t row = (size_t)blockIdx.y * TILE + threadIdx.x / SIDE * EACH;
	size_t col = (size_t)blockIdx.x * TILE + threadIdx.x % SIDE * EACH;
	float *out = (float *)p.out + blockIdx.z * p.stride;
	float c[EACH][EACH] = { { 0 } };

	accumulate<T, false, false>(a, b, part_begin(r, &s, blockIdx.z, p.parts),
				    part_begin(r, &s, blockIdx.z + 1, p.parts), c);
	for (int i = 0; i < EACH; i++)
		for (int j = 0; j < EACH; j++)
			if (row + i < p.units && col + j < p.in)
				out[(row + i) * p.ld_in + col + j] = c[i][j];
}

template <class T> static void product_of(const gpu_steps &s, const gpu_product &p, void *stream)
{
	dim3 over_rows(blocks_of(p.units, TILE), blocks_of(p.rows, TILE));
	dim3 over_inputs(blocks_of(p.in, TILE), blocks_of(p.rows, TILE));
	dim3 over_weights(blocks_of(p.in, TILE), blocks_of(p.units, TILE), (unsigned)p.parts);

	if (p.kind == GPU_BACKWARD) {
		LAUNCH(backward<T>, over_inputs, THREADS, stream, p);
	} else if (p.kind == GPU_WEIGHTS) {
		LAUNCH(weights<T>, over_weights, THREADS, stream, s, p);
	} else if (p.wide) {
		auto kernel = forward<T, float>;

		LAUNCH(kernel, over_rows, THREADS, stream, p);
	} else {
		auto kernel = forward<T, T>;

		LAUNCH(kernel, over_rows, THREADS, stream, p);
	}
}

void gpu_product_make(enum gpu_type type, const struct gpu_steps *s, const struct gpu_product *p,
		      void *stream)
{
	if (type == GPU_BF16)
		product_of<bf16>(*s, *p, stream);
	else
		product_of<float>(*s, *p, stream);
}
