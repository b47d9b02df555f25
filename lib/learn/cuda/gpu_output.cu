/*
 * gpu_output.cu - the output of one number behind a relu layer, whole: its product, the loss, and the way back
 * to below the relu, with the gradients by its weights, its bias and the bias of the layer below. As single
 * kernels these are seven, two of them products of one column, on which tensor cores would idle; each of them reads
 * the layer's numbers again.
 *
 * A block takes a part of the batch, a warp a row at a time; each lane keeps its columns' weights and sums
 * in registers. Lanes are added by a fixed tree, warps in their order, so a row's bits depend on the row
 * alone and a part's on the part.
 */
#include "lib/learn/cuda/gpu_kernel.cuh"

enum { THREADS = 256, WARPS = THREADS / 32 };

struct two {
	float x, y;
};

static __device__ __forceinline__ two load_two(const float *p)
{
	return { p[0], p[1] };
}

/* 4 bytes at once. */
static __device__ __forceinline__ two load_two(const bf16 *p)
{
	uint32_t bits = *(const uint32_t *)(const void *)p, low = bits << 16,
		 high = bits & 0xffff0000u;
	two v;

	memcpy(&v.x, &low, sizeof low);
	memcpy(&v.y, &high, sizeof high);
	return v;
}

static __device__ __forceinline__ void store_two(float *p, two v)
{
	p[0] = v.x;
	p[1] = v.y;
}

static __device__ __forceinline__ void store_two(bf16 *p, two v)
{
	bf16 b[2];
	uint32_t bits;

	store(&b[0], v.x);
	store(&b[1], v.y);
	memcpy(&bits, b, sizeof bits);
	*(uint32_t *)(void *)p = bits;
}

/* What a lane has of the weights, and what it adds up; two columns side by side, 64 from pair to pair. */
template <int PAIRS> struct lane_sums {
	two w[PAIRS], dw[PAIRS], db[PAIRS];
	float d;
	double loss, weight;
};

/* A row as it was read. */
template <int PAIRS> struct lane_row {
	two v[PAIRS];
	float y, w;
};

template <class T, int PAIRS>
static __device__ __forceinline__ void fetch(const gpu_output &o, size_t i, lane_row<PAIRS> *r)
{
	const T *a = (const T *)o.a + i * o.ld;

	for (int k = 0; k < PAIRS; k++) {
		size_t col = 64 * k + 2 * (threadIdx.x % 32);

		r->v[k] = col < o.ld ? load_two(a + col) : two{ 0, 0 };
	}
	r->y = o.y[i];
	r->w = o.w[i];
}

template <class T, int PAIRS>
static __device__ __forceinline__ void row(const gpu_output &o, size_t i, const lane_row<PAIRS> &r,
					   float bias, lane_sums<PAIRS> *s)
{
	unsigned lane = threadIdx.x % 32;
	T *d = (T *)o.d + i * o.ld;
	float z = 0, g;
	double loss;

	for (int k = 0; k < PAIRS; k++) {
		z = fmaf(r.v[k].x, s->w[k].x, z);
		z = fmaf(r.v[k].y, s->w[k].y, z);
	}
	z = sum_warp(z) + bias;
	loss = loss_row(o.kind, o.delta, z, r.y, &g);
	g *= r.w;
	for (int k = 0; k < PAIRS; k++) {
		size_t col = 64 * k + 2 * lane;
		two back = { r.v[k].x > 0 ? g * s->w[k].x : 0, r.v[k].y > 0 ? g * s->w[k].y : 0 };

		s->dw[k].x = fmaf(g, r.v[k].x, s->dw[k].x);
		s->dw[k].y = fmaf(g, r.v[k].y, s->dw[k].y);
		s->db[k].x += back.x;
		s->db[k].y += back.y;
		if (col < o.ld)
			store_two(d + col, back);
	}
	if (!lane) {
		s->d += g;
		s->loss += loss * r.w;
		s->weight += r.w;
	}
}

/* The next row is on its way while one is worked on. */
template <class T, int PAIRS>
static __device__ __forceinline__ void rows(const gpu_output &o, size_t from, size_t end,
					    lane_sums<PAIRS> *s)
{
	lane_row<PAIRS> now, next = {};
	float bias = o.bias[0];

	if (from < end)
		fetch<T, PAIRS>(o, from, &next);
	for (size_t i = from; i < end; i += WARPS) {
		now = next;
		if (i + WARPS < end)
			fetch<T, PAIRS>(o, i + WARPS, &next);
		row<T, PAIRS>(o, i, now, bias, s);
	}
}

/* Columns of all warps, added in their order, to `to`. */
template <int PAIRS>
static __device__ __forceinline__ void add_warps(const two *of, float (*room)[64 * PAIRS],
						 float *to, size_t n)
{
	unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32;

	__syncthreads();
	for (int k = 0; k < PAIRS; k++) {
		room[warp][64 * k + 2 * lane] = of[k].x;
		room[warp][64 * k + 2 * lane + 1] = of[k].y;
	}
	__syncthreads();
	for (size_t j = threadIdx.x; j < n; j += THREADS) {
		float sum = room[0][j];

		for (int i = 1; i < WARPS; i++)
			sum += room[i][j];
		to[j] = sum;
	}
}

template <class T, int PAIRS> static __global__ void output(gpu_steps s, gpu_output o)
{
	__shared__ float room[WARPS][64 * PAIRS];
	__shared__ double sums[32];
	const gpu_record *r = record_of(&s);
	size_t from = part_begin(r, &s, blockIdx.x, o.parts);
	size_t end = part_begin(r, &s, blockIdx.x + 1, o.parts);
	unsigned lane = threadIdx.x % 32;
	float *small = o.small + blockIdx.x * o.stride;
	lane_sums<PAIRS> l = {};
	double d, loss, weight;

	for (int k = 0; k < PAIRS; k++)
		if (64 * k + 2 * lane < o.ld)
			l.w[k] = load_two((const T *)o.weights + 64 * k + 2 * lane);
	rows<T, PAIRS>(o, from + threadIdx.x / 32, end, &l);
	add_warps<PAIRS>(l.dw, room, o.dw + blockIdx.x * o.ld, o.units);
	add_warps<PAIRS>(l.db, room, small + o.below_at, o.units);
	d = sum_block(l.d, sums);
	loss = sum_block(l.loss, sums);
	weight = sum_block(l.weight, sums);
	if (!threadIdx.x) {
		small[o.bias_at] = (float)d;
		small[o.loss_at] = (float)loss;
		small[o.loss_at + 1] = (float)weight;
	}
	/* Rows that are not there have no gradient. */
	for (size_t i = r->rows + blockIdx.x; i < o.capacity; i += o.parts)
		for (size_t k = threadIdx.x; k < o.units; k += THREADS)
			store((T *)o.d + i * o.ld + k, 0.0f);
}

template <class T> static void output_of(const gpu_steps &s, const gpu_output &o, void *stream)
{
	auto kernel = o.units <= 64    ? output<T, 1>
		      : o.units <= 128 ? output<T, 2>
		      : o.units <= 256 ? output<T, 4>
				       : output<T, 8>;

	LAUNCH(kernel, (unsigned)o.parts, THREADS, stream, s, o);
}

void gpu_output_rows(enum gpu_type type, const struct gpu_steps *s, const struct gpu_output *o,
		     void *stream)
{
	if (type == GPU_BF16)
		output_of<bf16>(*s, *o, stream);
	else
		output_of<float>(*s, *o, stream);
}
