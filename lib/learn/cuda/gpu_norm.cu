/*
 * gpu_norm.cu - layer norm by rows, batch norm's way back, and sums by columns. A row is 16 lanes' work and
 * is added as norm.c does it: lane l takes units l, l + 16, ..., then the lanes are added pairwise.
 */
#include "lib/learn/cuda/gpu_kernel.cuh"

enum { THREADS = 256, LANES = 16, ROWS = THREADS / LANES, COLUMNS = 64, AHEAD = 8 };

/* Every lane of 16 gets their sum. */
static __device__ __forceinline__ float sum_row(float v)
{
	v = sum_lanes(v, LANES);
	return __shfl_sync(ALL_LANES, v, threadIdx.x / LANES * LANES % 32);
}

/* z becomes x; h what goes into the activation, where a holds it unless gelu wants it kept. */
template <class T> static __global__ void norm_rows(gpu_layer l)
{
	size_t row = (size_t)blockIdx.x * ROWS + threadIdx.x / LANES;
	size_t lane = threadIdx.x % LANES, units = row < l.capacity ? l.units : 0;
	T *z = (T *)l.z + row * l.ld, *h = (l.h ? (T *)l.h : (T *)l.a) + row * l.ld;
	float mean = 0, var = 0, rstd;

	for (size_t j = lane; j < units; j += LANES)
		mean += load(z + j);
	mean = sum_row(mean) / (float)l.units;
	for (size_t j = lane; j < units; j += LANES) {
		float off = load(z + j) - mean;

		var += off * off;
	}
	rstd = 1 / sqrtf(sum_row(var) / (float)l.units + NET_EPSILON);
	if (units && !lane)
		l.rstd[row] = rstd;
	for (size_t j = lane; j < units; j += LANES) {
		float x = (load(z + j) - mean) * rstd;

		store(z + j, x);
		store(h + j, x * l.weight[j] + l.bias[j]);
	}
}

template <class T> static __global__ void norm_rows_back(gpu_layer l)
{
	size_t row = (size_t)blockIdx.x * ROWS + threadIdx.x / LANES;
	size_t lane = threadIdx.x % LANES, units = row < l.capacity ? l.units : 0;
	const T *x = (const T *)l.z + row * l.ld;
	T *d = (T *)l.d + row * l.ld;
	float sum = 0, sum_x = 0, rstd = units ? l.rstd[row] : 0.0f;

	for (size_t j = lane; j < units; j += LANES) {
		float v = load(d + j) * l.weight[j];

		sum += v;
		sum_x += v * load(x + j);
	}
	sum = sum_row(sum) / (float)l.units;
	sum_x = sum_row(sum_x) / (float)l.units;
	for (size_t j = lane; j < units; j += LANES)
		store(d + j, (load(d + j) * l.weight[j] - sum - load(x + j) * sum_x) * rstd);
}

template <class T> static __global__ void norm_columns_back(gpu_steps s, gpu_layer l)
{
	size_t k = (size_t)blockIdx.x * THREADS + threadIdx.x, row = k / l.units, j = k % l.units;
	const gpu_record *r = record_of(&s);
	float rows = (float)r->batch_rows, share = 1 / rows;
	const T *x = (const T *)l.z + row * l.ld + j;
	T *d = (T *)l.d + row * l.ld + j;
	float rstd;

	if (row >= l.capacity)
		return;
	rstd = 1 / sqrtf(l.squares[j] / rows + NET_EPSILON);
	/* A row that is not there must stay without a gradient. */
	store(d, row < r->rows
			 ? (load(d) - share * (l.d_sums[l.units + j] + load(x) * l.d_sums[j])) *
				   l.weight[j] * rstd
			 : 0.0f);
}

/* What a column adds of one row; more: of GPU_NORM_BACK, its second sum. */
template <class T, int KIND>
static __device__ __forceinline__ float term(const gpu_columns &c, size_t at, float mean,
					     float *more)
{
	float v = load((const T *)c.v + at);

	if (KIND == GPU_SQUARES)
		return (v - mean) * (v - mean);
	if (KIND == GPU_SUM)
		return v;
	*more = v;
	return v * load((const T *)c.z + at);
}

/*
 * A thread adds the rows of a part in their order, as the CPU does; several are read before the first
 * is added, or each would wait for the memory.
 */
template <class T, int KIND> static __global__ void columns(gpu_steps s, gpu_columns c)
{
	size_t j = (size_t)blockIdx.x * COLUMNS + threadIdx.x;
	const gpu_record *r = record_of(&s);
	size_t i = part_begin(r, &s, blockIdx.y, c.parts);
	size_t end = part_begin(r, &s, blockIdx.y + 1, c.parts);
	float sum = 0, sum_more = 0, mean, of[AHEAD], more[AHEAD] = { 0 };

	if (j >= c.units)
		return;
	mean = KIND == GPU_SQUARES ? c.sums[j] / (float)r->batch_rows : 0.0f;
	for (; i + AHEAD <= end; i += AHEAD) {
		for (int k = 0; k < AHEAD; k++)
			of[k] = term<T, KIND>(c, (i + k) * c.ld + j, mean, &more[k]);
		for (int k = 0; k < AHEAD; k++) {
			sum += of[k];
			sum_more += more[k];
		}
	}
	for (; i < end; i++) {
		sum += term<T, KIND>(c, i * c.ld + j, mean, &more[0]);
		sum_more += more[0];
	}
	c.to[blockIdx.y * c.stride + j] = sum;
	if (KIND == GPU_NORM_BACK)
		c.to_more[blockIdx.y * c.stride + j] = sum_more;
}

static __global__ void total(const float *from, size_t parts, size_t stride, float *to, size_t n)
{
	size_t j = (size_t)blockIdx.x * THREADS + threadIdx.x;

	if (j < n)
		to[j] = sum_parts(from + j, parts, stride);
}

static __global__ void run_moments(gpu_steps s, const float *sums, const float *squares,
				   float *mean, float *var, size_t units)
{
	size_t j = (size_t)blockIdx.x * THREADS + threadIdx.x;
	float n = s.control->rows, unbiased = n > 1 ? n / (n - 1) : 1;

	if (j >= units || !s.control->ok)
		return;
	mean[j] = 0.9f * mean[j] + 0.1f * (sums[j] / n);
	var[j] = 0.9f * var[j] + 0.1f * (squares[j] / n * unbiased);
}

void gpu_norm_rows(enum gpu_type type, const struct gpu_steps *s, const struct gpu_layer *layer,
		   void *stream)
{
	gpu_layer l = *layer;

	if (type == GPU_BF16)
		LAUNCH(norm_rows<bf16>, blocks_of(l.capacity, ROWS), THREADS, stream, l);
	else
		LAUNCH(norm_rows<float>, blocks_of(l.capacity, ROWS), THREADS, stream, l);
	l.z = NULL;
	gpu_activate(type, s, &l, stream);
}

void gpu_norm_rows_back(enum gpu_type type, const struct gpu_layer *layer, void *stream)
{
	gpu_layer l = *layer;

	if (type == GPU_BF16)
		LAUNCH(norm_rows_back<bf16>, blocks_of(l.capacity, ROWS), THREADS, stream, l);
	else
		LAUNCH(norm_rows_back<float>, blocks_of(l.capacity, ROWS), THREADS, stream, l);
}

void gpu_norm_columns_back(enum gpu_type type, const struct gpu_steps *steps,
			   const struct gpu_layer *layer, void *stream)
{
	gpu_steps s = *steps;
	gpu_layer l = *layer;
	unsigned blocks = blocks_of(l.capacity * l.units, THREADS);

	if (type == GPU_BF16)
		LAUNCH(norm_columns_back<bf16>, blocks, THREADS, stream, s, l);
	else
		LAUNCH(norm_columns_back<float>, blocks, THREADS, stream, s, l);
}

template <class T> static void columns_of(gpu_steps s, gpu_columns c, void *stream)
{
	dim3 grid(blocks_of(c.units, COLUMNS), (unsigned)c.parts);
	auto kernel = c.kind == GPU_SUM	      ? columns<T, GPU_SUM>
		      : c.kind == GPU_SQUARES ? columns<T, GPU_SQUARES>
					      : columns<T, GPU_NORM_BACK>;

	LAUNCH(kernel, grid, COLUMNS, stream, s, c);
}

void gpu_columns_sum(enum gpu_type type, const struct gpu_steps *s, const struct gpu_columns *c,
		     void *stream)
{
	if (type == GPU_BF16)
		columns_of<bf16>(*s, *c, stream);
	else
		columns_of<float>(*s, *c, stream);
}

void gpu_total(const float *from, size_t parts, size_t stride, float *to, size_t n, void *stream)
{
	LAUNCH(total, blocks_of(n, THREADS), THREADS, stream, from, parts, stride, to, n);
}

void gpu_run_moments(const struct gpu_steps *steps, const float *sums, const float *squares,
		     float *mean, float *var, size_t units, void *stream)
{
	gpu_steps s = *steps;

	LAUNCH(run_moments, blocks_of(units, THREADS), THREADS, stream, s, sums, squares, mean, var,
	       units);
}
