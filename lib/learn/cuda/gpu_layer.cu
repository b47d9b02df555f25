/*
 * gpu_layer.cu - what a layer does to a single number: batch norm's shift, the activation, dropout; and
 * the way back. A thread takes the eight units of one dropout counter, which lie a stride apart, so one
 * call of Philox is enough for them and threads side by side read numbers side by side.
 */
#include "lib/learn/cuda/gpu_kernel.cuh"
#include "lib/learn/net/dropout_draw.h"
#include "lib/learn/net/special.h"

enum { THREADS = 256 };

static __device__ __forceinline__ float activated(int kind, float h)
{
	if (kind == NET_RELU)
		return h < 0 ? 0.0f : h;
	return kind == NET_GELU ? special_gelu(h) : special_tanh(h);
}

/* The slope where h went in, or where a came out before dropout. */
static __device__ __forceinline__ float slope(int kind, float h, float a)
{
	if (kind == NET_RELU)
		return a > 0 ? 1.0f : 0.0f;
	return kind == NET_GELU ? special_gelu_slope(h) : 1 - a * a;
}

/* The eight factors of a counter. */
struct factors {
	uint32_t w[4], below;
	float kept;
	bool any;
};

static __device__ __forceinline__ void draw(const gpu_steps &s, const gpu_layer &l, size_t row,
					    size_t index, bool training, factors *f)
{
	f->any = training && l.dropout > 0;
	if (!f->any)
		return;
	dropout_draw(s.seed, record_of(&s)->epoch, l.number, l.ids[row], (uint32_t)index, f->w);
	f->below = dropout_below(l.dropout);
	f->kept = 1 / (1 - l.dropout);
}

static __device__ __forceinline__ float factor(const factors &f, int piece)
{
	uint32_t half = f.w[piece / 2] >> (piece % 2 * 16) & 0xffff;

	return half >= f.below ? f.kept : 0.0f;
}

/* Batch norm of one number: z becomes x; what comes out is the activation's. */
template <class T>
static __device__ __forceinline__ float normed(const gpu_layer &l, float rows, size_t at,
					       size_t unit)
{
	T *z = (T *)l.z;
	float mean = l.sums ? l.sums[unit] / rows : l.mean[unit];
	float var = l.sums ? l.squares[unit] / rows : l.var[unit];
	float x = (load(z + at) - mean) * (1 / sqrtf(var + NET_EPSILON));

	store(z + at, x);
	return x * l.weight[unit] + l.bias[unit];
}

template <class T> static __global__ void activate(gpu_steps s, gpu_layer l, bool training)
{
	size_t strides = (l.units + DROPOUT_PIECES - 1) / DROPOUT_PIECES;
	size_t k = (size_t)blockIdx.x * THREADS + threadIdx.x, row = k / strides;
	size_t index = k % strides;
	float rows = l.sums ? (float)record_of(&s)->batch_rows : 0.0f;
	factors f;

	if (row >= l.capacity)
		return;
	draw(s, l, row, index, training, &f);
	for (int piece = 0; piece < DROPOUT_PIECES; piece++) {
		size_t unit = piece * strides + index, at = row * l.ld + unit;
		float h, a;

		if (unit >= l.units)
			break;
		h = l.z ? normed<T>(l, rows, at, unit) : load((l.h ? (T *)l.h : (T *)l.a) + at);
		if (l.h && l.z)
			store((T *)l.h + at, h);
		a = activated(l.activation, h);
		store((T *)l.a + at, f.any ? a * factor(f, piece) : a);
	}
}

template <class T> static __global__ void activate_back(gpu_steps s, gpu_layer l)
{
	size_t strides = (l.units + DROPOUT_PIECES - 1) / DROPOUT_PIECES;
	size_t k = (size_t)blockIdx.x * THREADS + threadIdx.x, row = k / strides;
	size_t index = k % strides;
	float kept = 1 - l.dropout;
	factors f;

	if (row >= l.capacity)
		return;
	draw(s, l, row, index, true, &f);
	for (int piece = 0; piece < DROPOUT_PIECES; piece++) {
		size_t unit = piece * strides + index, at = row * l.ld + unit;
		T *d = (T *)l.d + at;
		float v, a, h;

		if (unit >= l.units)
			break;
		v = load(d);
		a = load((const T *)l.a + at);
		h = l.h ? load((const T *)l.h + at) : 0.0f;
		if (f.any) {
			v *= factor(f, piece);
			a *= kept;
		}
		store(d, v * slope(l.activation, h, a));
	}
}

static unsigned blocks_for(const gpu_layer &l)
{
	size_t strides = (l.units + DROPOUT_PIECES - 1) / DROPOUT_PIECES;

	return blocks_of(l.capacity * strides, THREADS);
}

void gpu_activate(enum gpu_type type, const struct gpu_steps *steps, const struct gpu_layer *layer,
		  void *stream)
{
	gpu_layer l = *layer;
	gpu_steps s = {};
	bool training = steps != NULL;

	if (steps)
		s = *steps;
	if (type == GPU_BF16)
		LAUNCH(activate<bf16>, blocks_for(l), THREADS, stream, s, l, training);
	else
		LAUNCH(activate<float>, blocks_for(l), THREADS, stream, s, l, training);
}

void gpu_activate_back(enum gpu_type type, const struct gpu_steps *steps,
		       const struct gpu_layer *layer, void *stream)
{
	gpu_layer l = *layer;
	gpu_steps s = *steps;

	if (type == GPU_BF16)
		LAUNCH(activate_back<bf16>, blocks_for(l), THREADS, stream, s, l);
	else
		LAUNCH(activate_back<float>, blocks_for(l), THREADS, stream, s, l);
}
