/*
 * gpu_gather.cu - rows of the data become first activations. The order of an epoch is computed place by
 * place (shuffle.h), so no index is stored or sent. A warp takes a row: its loads lie side by side.
 */
#include "lib/learn/cuda/gpu_kernel.cuh"

enum { THREADS = 256, WARPS = THREADS / 32 };

template <class T>
static __device__ void put_inputs(const gpu_gather &g, uint64_t id, size_t i, unsigned lane)
{
	const float *row = g.x + id * g.inputs;
	T *to = (T *)g.to + i * g.ld;

	for (size_t k = lane; k < g.n_numeric; k += 32)
		store(to + k, net_scaled(row[g.numeric[k]], g.mean[k], g.scale[k]));
	for (size_t e = 0; e < g.n_tables; e++) {
		const gpu_table &t = g.tables[e];
		uint32_t code = (uint32_t)net_category(row[t.input], t.categories);
		const float *from = g.params + t.offset + code * t.dim;

		if (!lane)
			g.codes[i * g.n_tables + e] = code;
		for (size_t k = lane; k < t.dim; k += 32)
			store(to + t.at + k, from[k]);
	}
}

static __device__ void put_label(const gpu_gather &g, uint64_t id, size_t i)
{
	float y = g.y ? g.y[id] : 0, w = g.w ? g.w[id] : 1;

	if (g.class_weights)
		w *= g.class_weights[(size_t)y];
	g.to_y[i] = g.target ? (y - g.target[0]) / g.target[1] : y;
	g.to_w[i] = w;
	g.ids[i] = id;
}

/* A row that is not there: it has no weight. */
template <class T> static __device__ void put_nothing(const gpu_gather &g, size_t i, unsigned lane)
{
	T *to = (T *)g.to + i * g.ld;

	for (size_t k = lane; k < g.ld; k += 32)
		store(to + k, 0.0f);
	if (!lane) {
		g.to_y[i] = 0;
		g.to_w[i] = 0;
		g.ids[i] = 0;
	}
}

template <class T> static __device__ void put_row(const gpu_gather &g, uint64_t id, size_t i)
{
	unsigned lane = threadIdx.x % 32;

	put_inputs<T>(g, id, i, lane);
	for (size_t k = g.width + lane; k < g.ld; k += 32)
		store((T *)g.to + i * g.ld + k, 0.0f);
	if (!lane)
		put_label(g, id, i);
}

template <class T> static __global__ void gather(gpu_steps s, gpu_gather g)
{
	const gpu_record *r = record_of(&s);
	size_t i = (size_t)blockIdx.x * WARPS + threadIdx.x / 32;

	if (i < r->rows)
		put_row<T>(g, r->shuffled ? shuffle_at(&r->order, r->first + i) : r->first + i, i);
	else if (i < g.capacity)
		put_nothing<T>(g, i, threadIdx.x % 32);
}

template <class T> static __global__ void gather_block(uint64_t first, size_t rows, gpu_gather g)
{
	size_t i = (size_t)blockIdx.x * WARPS + threadIdx.x / 32;

	if (i < rows)
		put_row<T>(g, first + i, i);
	else if (i < g.capacity)
		put_nothing<T>(g, i, threadIdx.x % 32);
}

void gpu_gather_rows(enum gpu_type type, const struct gpu_steps *steps,
		     const struct gpu_gather *gather_, void *stream)
{
	gpu_steps s = *steps;
	gpu_gather g = *gather_;
	unsigned blocks = blocks_of(g.capacity, WARPS);

	if (type == GPU_BF16)
		LAUNCH(gather<bf16>, blocks, THREADS, stream, s, g);
	else
		LAUNCH(gather<float>, blocks, THREADS, stream, s, g);
}

void gpu_gather_block(enum gpu_type type, size_t first, size_t rows,
		      const struct gpu_gather *gather_, void *stream)
{
	gpu_gather g = *gather_;
	unsigned blocks = blocks_of(g.capacity, WARPS);

	if (type == GPU_BF16)
		LAUNCH(gather_block<bf16>, blocks, THREADS, stream, first, rows, g);
	else
		LAUNCH(gather_block<float>, blocks, THREADS, stream, first, rows, g);
}
