/*
 * gpu_embedding.cu - the gradient of tables without a sort and without atomics: within a part of the
 * batch the first row with a code adds up all rows that have it, in their order. A warp takes a row; its
 * lanes look for equal codes side by side, then take a number of the table's row each.
 */
#include "lib/learn/cuda/gpu_kernel.cuh"

enum { THREADS = 256, WARPS = THREADS / 32, BLOCKS = 16 }; /* so many share the rows of a part */

struct codes {
	const uint32_t *at; /* of the first row; `step` from row to row */
	size_t step;
};

static __device__ __forceinline__ bool is(const codes &c, size_t i, size_t end, uint32_t code)
{
	return i < end && c.at[i * c.step] == code;
}

/* Whether a row before i has the code. */
static __device__ bool seen(const codes &c, size_t from, size_t i, uint32_t code)
{
	for (size_t k = from; k < i; k += 32)
		if (__ballot_sync(ALL_LANES, is(c, k + threadIdx.x % 32, i, code)))
			return true;
	return false;
}

/* The sum of column `d` (one a lane) over rows i to end - 1 with the code. */
template <class T>
static __device__ float sum_of(const codes &c, size_t i, size_t end, uint32_t code, const T *d,
			       size_t ld, bool mine)
{
	float sum = 0;

	for (size_t k = i; k < end; k += 32) {
		unsigned rows = __ballot_sync(ALL_LANES, is(c, k + threadIdx.x % 32, end, code));

		for (; rows; rows &= rows - 1)
			if (mine)
				sum += load(d + (k + __ffs((int)rows) - 1) * ld);
	}
	return sum;
}

/* Rows of tables before table t: where its slots begin. */
static __device__ size_t slots_before(const gpu_embedding &e, unsigned t)
{
	size_t n = 0;

	for (unsigned i = 0; i < t; i++)
		n += e.tables[i].categories + 1;
	return n;
}

template <class T> static __global__ void embedding_sums(gpu_steps s, gpu_embedding e)
{
	const gpu_table &t = e.tables[blockIdx.y];
	const gpu_record *r = record_of(&s);
	size_t from = part_begin(r, &s, blockIdx.x, e.parts);
	size_t end = part_begin(r, &s, blockIdx.x + 1, e.parts);
	uint32_t *slots = e.slots + blockIdx.x * e.slots_part + slots_before(e, blockIdx.y);
	codes c = { e.codes + blockIdx.y, e.n_tables };
	unsigned lane = threadIdx.x % 32;

	for (size_t i = from + blockIdx.z * WARPS + threadIdx.x / 32; i < end;
	     i += WARPS * gridDim.z) {
		uint32_t code = c.at[i * c.step];

		if (seen(c, from, i, code))
			continue;
		for (size_t k0 = 0; k0 < t.dim; k0 += 32) {
			bool mine = k0 + lane < t.dim;
			const T *d = (const T *)e.d + t.at + k0 + lane;
			float sum = sum_of(c, i, end, code, d, e.ld, mine);

			if (mine)
				e.sums[i * e.dims + t.at - e.numeric + k0 + lane] = sum;
		}
		if (!lane)
			slots[code] = (uint32_t)i + 1;
	}
}

/* As they were before the step: only what it set is cleared. */
static __global__ void embedding_clear(gpu_steps s, gpu_embedding e)
{
	const gpu_record *r = record_judged(&s);
	size_t from = part_begin(r, &s, blockIdx.x, e.parts);
	size_t end = part_begin(r, &s, blockIdx.x + 1, e.parts);
	uint32_t *slots = e.slots + blockIdx.x * e.slots_part + slots_before(e, blockIdx.y);

	for (size_t i = from + threadIdx.x; i < end; i += THREADS)
		slots[e.codes[i * e.n_tables + blockIdx.y]] = 0;
}

void gpu_embedding_sums(enum gpu_type type, const struct gpu_steps *steps,
			const struct gpu_embedding *embedding, void *stream)
{
	unsigned rows = blocks_of(embedding->capacity, embedding->parts);
	unsigned blocks = rows < BLOCKS * WARPS ? blocks_of(rows, WARPS) : (unsigned)BLOCKS;
	dim3 grid((unsigned)embedding->parts, (unsigned)embedding->n_tables, blocks);
	gpu_steps s = *steps;
	gpu_embedding e = *embedding;

	if (type == GPU_BF16)
		LAUNCH(embedding_sums<bf16>, grid, THREADS, stream, s, e);
	else
		LAUNCH(embedding_sums<float>, grid, THREADS, stream, s, e);
}

void gpu_embedding_clear(const struct gpu_steps *steps, const struct gpu_embedding *embedding,
			 void *stream)
{
	dim3 grid((unsigned)embedding->parts, (unsigned)embedding->n_tables);
	gpu_steps s = *steps;
	gpu_embedding e = *embedding;

	LAUNCH(embedding_clear, grid, THREADS, stream, s, e);
}
