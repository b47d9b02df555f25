/*
 * gpu_update.cu - from parts of a gradient to new weights, in two kernels. The first adds the parts of all
 * tensors into one flat gradient and squares them; its last block sees what came out: the loss, the
 * norm, whether all is finite, how far to go. The second moves all weights and makes the copies that
 * products read (padded; in bf16 where they are made in it). A launch of its own for each tensor would
 * cost more than the work: some 2 microseconds each, for some thousands of weights.
 */
#include "lib/learn/cuda/gpu_kernel.cuh"

enum { THREADS = 256 };

/* Weight i of the piece as (row, column) of its tensor. */
struct place {
	size_t row, col;
};

static __device__ __forceinline__ place place_of(const gpu_piece &p, unsigned i)
{
	uint32_t k = p.first + i;

	return { k / p.cols, k % p.cols };
}

/* The parts from `part` on, `parts` of them. */
static __device__ __forceinline__ float sum_of(const gpu_piece &p, unsigned i, size_t part,
					       size_t parts)
{
	place at = place_of(p, i);

	if (!p.slots)
		return sum_parts(p.from + part * p.stride + at.row * p.ld + at.col, parts,
				 p.stride);
	return sum_pairs(p.parts, [=](size_t part) {
		uint32_t slot = p.slots[part * p.slots_part + at.row];

		return slot ? p.from[(slot - 1) * p.ld + at.col] : 0.0f;
	});
}

/* The host foresees the count of steps unless one was left out for having no weight. */
static __device__ void set_terms(gpu_control *c, const gpu_record *r, const gpu_update &u)
{
	for (int i = 0; i < 2; i++) {
		optimizer_terms *t = &c->terms[i];

		*t = r->terms[i];
		t->scale = c->scale;
		if (c->count == r->count || !u.adam)
			continue;
		t->lr = (float)(r->lr / (1 - pow((double)t->beta1, (double)c->count)));
		t->root = (float)(1 / sqrt(1 - pow((double)t->beta2, (double)c->count)));
	}
}

/* What CPU's judge() in trainer.c says. One thread. */
static __device__ void verdict(const gpu_steps &s, const gpu_update &u, double squares)
{
	volatile const float *sums = u.gradient + u.n_params;
	const gpu_record *r = record_of(&s);
	gpu_control *c = s.control;
	double loss = sums[0], weight = sums[1];
	bool finite;

	c->norm = weight > 0 ? sqrt(squares) / weight : 0;
	c->step_loss = loss;
	c->step_weight = weight;
	finite = isfinite(weight > 0 ? loss / weight : 0) && isfinite(c->norm);
	c->scale = weight > 0 ? (float)(1 / weight) : 0.0f;
	if (u.clip > 0 && c->norm > u.clip)
		c->scale *= (float)(u.clip / c->norm);
	c->stopped |= !finite;
	c->ok = !c->stopped && weight > 0;
	c->count += c->ok;
	c->rows = (float)r->batch_rows;
	set_terms(c, r, u);
	if (!c->stopped) {
		c->loss += loss;
		c->weight += weight;
	}
	c->blocks = 0;
	c->at++;
}

/* All squares, in an order that does not depend on which block is the last. */
static __device__ void judge(const gpu_steps &s, const gpu_update &u, double *room)
{
	volatile const double *squares = u.squares;
	double sum = 0;

	for (size_t i = threadIdx.x; i < u.n_pieces; i += THREADS)
		sum += squares[i];
	sum = sum_block(sum, room);
	if (!threadIdx.x)
		verdict(s, u, sum);
}

/* Several threads a weight, each with parts that follow one another: the same sum as one would make. */
static __device__ __forceinline__ double add_shared(const gpu_piece &p, float *to)
{
	__shared__ float shares[THREADS];
	unsigned width = THREADS / p.lanes, i = threadIdx.x % width, lane = threadIdx.x / width;
	size_t parts = p.parts / p.lanes;
	float g;

	shares[threadIdx.x] = i < p.count ? sum_of(p, i, lane * parts, parts) : 0;
	__syncthreads();
	if (lane || i >= p.count)
		return 0;
	g = sum_parts(shares + i, p.lanes, width);
	to[i] = g;
	return (double)g * g;
}

/* A thread a weight; returns the sum of this thread's squares. */
template <bool ADD>
static __device__ __forceinline__ double add_alone(const gpu_piece &p, float *to)
{
	double sum = 0;

	for (unsigned i = threadIdx.x; i < p.count; i += THREADS) {
		float g = ADD ? sum_of(p, i, 0, p.parts) : to[i];

		if (ADD)
			to[i] = g;
		sum += (double)g * g;
	}
	return sum;
}

template <bool ADD> static __global__ void reduce(gpu_steps s, gpu_update u, bool judged)
{
	__shared__ double room[32];
	__shared__ bool last;
	gpu_piece p = u.pieces[blockIdx.x];
	float *to = u.gradient + p.offset + p.first;
	double sum = ADD && p.lanes > 1 ? add_shared(p, to) : add_alone<ADD>(p, to);

	if (!judged)
		return;
	sum = sum_block(sum, room);
	__threadfence();
	__syncthreads();
	if (!threadIdx.x) {
		u.squares[blockIdx.x] = p.offset < u.n_params ? sum : 0;
		__threadfence();
		last = atomicAdd(&s.control->blocks, 1) == gridDim.x - 1;
	}
	__syncthreads();
	if (last)
		judge(s, u, room);
}

template <class T>
static __device__ __forceinline__ void copy(const gpu_piece &p, unsigned i, float v)
{
	place at = place_of(p, i);

	if (p.copy && p.wide)
		store((float *)p.copy + at.row * p.copy_ld + at.col, v);
	else if (p.copy)
		store((T *)p.copy + at.row * p.copy_ld + at.col, v);
}

template <class T> static __global__ void apply(gpu_steps s, gpu_update u)
{
	gpu_piece p = u.pieces[blockIdx.x];
	optimizer_terms terms = s.control->terms[p.decayed];
	size_t from = p.offset + p.first;

	if (!s.control->ok || p.offset >= u.n_params)
		return;
	for (unsigned i = threadIdx.x; i < p.count; i += THREADS) {
		size_t k = from + i;
		float v = u.params[k], g = u.gradient[k];

		if (u.adam)
			optimizer_adam(&terms, &v, g, &u.m[k], &u.v[k]);
		else if (u.momentum)
			optimizer_momentum(&terms, &v, g, &u.m[k]);
		else
			optimizer_sgd(&terms, &v, g);
		u.params[k] = v;
		copy<T>(p, i, v);
	}
}

template <class T> static __global__ void refresh(gpu_update u)
{
	gpu_piece p = u.pieces[blockIdx.x];

	if (p.offset < u.n_params)
		for (unsigned i = threadIdx.x; i < p.count; i += THREADS)
			copy<T>(p, i, u.params[p.offset + p.first + i]);
}

static __global__ void report(gpu_steps s, gpu_outcome *to, uint32_t number)
{
	gpu_control *c = s.control;

	to->loss = c->loss;
	to->weight = c->weight;
	to->norm = c->norm;
	to->count = c->count;
	to->stopped = c->stopped;
	c->loss = c->weight = 0;
	__threadfence_system();
	*(volatile uint32_t *)&to->number = number;
}

void gpu_reduce(const struct gpu_steps *steps, const struct gpu_update *update, bool judged,
		void *stream)
{
	gpu_steps s = *steps;
	gpu_update u = *update;

	LAUNCH(reduce<true>, (unsigned)u.n_pieces, THREADS, stream, s, u, judged);
}

void gpu_judge(const struct gpu_steps *steps, const struct gpu_update *update, void *stream)
{
	gpu_steps s = *steps;
	gpu_update u = *update;

	LAUNCH(reduce<false>, (unsigned)u.n_pieces, THREADS, stream, s, u, true);
}

void gpu_apply(enum gpu_type type, const struct gpu_steps *steps, const struct gpu_update *update,
	       void *stream)
{
	gpu_steps s = *steps;
	gpu_update u = *update;

	if (type == GPU_BF16)
		LAUNCH(apply<bf16>, (unsigned)u.n_pieces, THREADS, stream, s, u);
	else
		LAUNCH(apply<float>, (unsigned)u.n_pieces, THREADS, stream, s, u);
}

void gpu_refresh(enum gpu_type type, const struct gpu_update *update, void *stream)
{
	gpu_update u = *update;

	if (type == GPU_BF16)
		LAUNCH(refresh<bf16>, (unsigned)u.n_pieces, THREADS, stream, u);
	else
		LAUNCH(refresh<float>, (unsigned)u.n_pieces, THREADS, stream, u);
}

void gpu_report(const struct gpu_steps *steps, struct gpu_outcome *to, uint32_t number,
		void *stream)
{
	gpu_steps s = *steps;

	LAUNCH(report, 1, 1, stream, s, to, number);
}
