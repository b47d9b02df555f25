/*
 * gpu_gather.cu - rows of the data become first activations. The order of an epoch is computed place by
 * place (shuffle.h), so no index is stored or sent. A warp takes EACH rows: a lane finds the place of each, and
 * the loads of all are on their way before the first is needed; of one row they lie side by side.
 */
#include "lib/learn/cuda/gpu_kernel.cuh"

enum { THREADS = 128, WARPS = THREADS / 32, EACH = 4, ROWS = WARPS * EACH };

/* The rows of a warp: from i on, of which the first n are there. */
struct rows {
	size_t i;
	unsigned n;
	uint64_t id[EACH]; /* in the data */
};

/* What is not there is 0. */
template <class T> static __device__ void put_numbers(const gpu_gather &g, const rows &r)
{
	T *to = (T *)g.to + r.i * g.ld;
	float v[EACH];

	for (size_t k = threadIdx.x % 32; k < g.ld; k += 32) {
		bool number = k < g.n_numeric;
		float other = g.ones && k == g.width ? 1.0f : 0.0f;
		size_t input = number ? g.numeric[k] : 0;

		if (!number && k < g.width)
			continue;
#pragma unroll
		for (unsigned e = 0; e < EACH; e++)
			v[e] = number && e < r.n ? g.x[r.id[e] * g.inputs + input] : 0.0f;
#pragma unroll
		for (unsigned e = 0; e < EACH; e++)
			store(to + e * g.ld + k, e >= r.n ? 0.0f
						 : number ? net_scaled(v[e], g.mean[k], g.scale[k])
							  : other);
	}
}

template <class T> static __device__ void put_tables(const gpu_gather &g, const rows &r, unsigned e)
{
	const float *row = g.x + r.id[e] * g.inputs;
	T *to = (T *)g.to + (r.i + e) * g.ld;
	unsigned lane = threadIdx.x % 32;

	for (size_t i = 0; i < g.n_tables; i++) {
		const gpu_table &t = g.tables[i];
		uint32_t code = e < r.n ? (uint32_t)net_category(row[t.input], t.categories) : 0;
		const float *from = g.params + t.offset + code * t.dim;

		if (!lane)
			g.codes[(r.i + e) * g.n_tables + i] = code;
		for (size_t k = lane; k < t.dim; k += 32)
			store(to + t.at + k, e < r.n ? from[k] : 0.0f);
	}
}

/* A row that is not there has no weight. */
static __device__ void put_label(const gpu_gather &g, const rows &r, unsigned e)
{
	bool there = e < r.n;
	float y = there && g.y ? g.y[r.id[e]] : 0, w = !there ? 0 : g.w ? g.w[r.id[e]] : 1;

	if (there && g.class_weights)
		w *= g.class_weights[(size_t)y];
	g.to_y[r.i + e] = there && g.target ? (y - g.target[0]) / g.target[1] : y;
	g.to_w[r.i + e] = w;
	g.ids[r.i + e] = there ? r.id[e] : 0;
}

/* id: each lane's, of row `lane`, as far as it is there. */
template <class T>
static __device__ void put_rows(const gpu_gather &g, size_t i, unsigned n, uint64_t id)
{
	unsigned lane = threadIdx.x % 32;
	rows r = { i, n, {} };

#pragma unroll
	for (unsigned e = 0; e < EACH; e++)
		r.id[e] = __shfl_sync(ALL_LANES, id, e);
	put_numbers<T>(g, r);
#pragma unroll
	for (unsigned e = 0; g.n_tables && e < EACH; e++)
		put_tables<T>(g, r, e);
#pragma unroll
	for (unsigned e = 0; e < EACH; e++)
		if (e == lane)
			put_label(g, r, e);
}

/* First row of this warp; how many of it are among `rows`. */
static __device__ __forceinline__ size_t first_row(size_t rows, unsigned *n)
{
	size_t i = (size_t)blockIdx.x * ROWS + threadIdx.x / 32 * EACH;

	*n = i < rows ? (rows - i < EACH ? (unsigned)(rows - i) : (unsigned)EACH) : 0;
	return i;
}

template <class T> static __global__ void gather(gpu_steps s, gpu_gather g, unsigned ahead)
{
	const gpu_record *r = record_of(&s, ahead);
	unsigned n, lane = threadIdx.x % 32;
	size_t i = first_row(r->rows, &n);
	uint64_t id = 0;

	if (lane < n)
		id = r->shuffled ? shuffle_at(&r->order, r->first + i + lane) : r->first + i + lane;
	if (i < g.capacity)
		put_rows<T>(g, i, n, id);
}

template <class T> static __global__ void gather_block(uint64_t first, size_t rows, gpu_gather g)
{
	unsigned n;
	size_t i = first_row(rows, &n);

	if (i < g.capacity)
		put_rows<T>(g, i, n, first + i + threadIdx.x % 32);
}

void gpu_gather_rows(enum gpu_type type, const struct gpu_steps *steps, unsigned ahead,
		     const struct gpu_gather *gather_, void *stream)
{
	gpu_steps s = *steps;
	gpu_gather g = *gather_;
	unsigned blocks = blocks_of(g.capacity, ROWS);

	if (type == GPU_BF16)
		LAUNCH(gather<bf16>, blocks, THREADS, stream, s, g, ahead);
	else
		LAUNCH(gather<float>, blocks, THREADS, stream, s, g, ahead);
}

void gpu_gather_block(enum gpu_type type, size_t first, size_t rows,
		      const struct gpu_gather *gather_, void *stream)
{
	gpu_gather g = *gather_;
	unsigned blocks = blocks_of(g.capacity, ROWS);

	if (type == GPU_BF16)
		LAUNCH(gather_block<bf16>, blocks, THREADS, stream, first, rows, g);
	else
		LAUNCH(gather_block<float>, blocks, THREADS, stream, first, rows, g);
}
