/* trainer_fit.c - what is known before the first step: scales of the inputs, random weights. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/learn/net/philox.h"
#include "lib/learn/net/trainer.h"

/* As net_scaled() has it: neither missing nor further out than a float goes. */
static bool is_there(float x)
{
	return x < NET_FAR && x > -NET_FAR;
}

/* Mean and 1 / standard deviation, in two passes, of what is there. */
struct column {
	double sum, squares, mean;
	size_t n;
};

static void fit(const float *v, size_t stride, const size_t *at, size_t columns, size_t rows,
		float *mean, float *scale)
{
	struct column *c = xcalloc(columns, sizeof(*c));

	for (size_t i = 0; i < rows; i++)
		for (size_t k = 0; k < columns; k++) {
			float x = v[i * stride + at[k]];

			c[k].sum += is_there(x) ? x : 0;
			c[k].n += is_there(x);
		}
	for (size_t k = 0; k < columns; k++)
		c[k].mean = c[k].n ? c[k].sum / (double)c[k].n : 0;
	for (size_t i = 0; i < rows; i++)
		for (size_t k = 0; k < columns; k++) {
			float x = v[i * stride + at[k]];

			if (is_there(x))
				c[k].squares += (x - c[k].mean) * (x - c[k].mean);
		}
	for (size_t k = 0; k < columns; k++) {
		double deviation = c[k].n ? sqrt(c[k].squares / (double)c[k].n) : 0;

		mean[k] = (float)c[k].mean;
		/* Below that a deviation is what rounding leaves of a constant. */
		scale[k] = deviation > 1e-6 * fabs(c[k].mean) && deviation > 1e-30
				   ? (float)(1 / deviation)
				   : 1;
	}
	free(c);
}

static float *stat(const struct net_tensors *t, const char *name, struct net_weights *w)
{
	const struct net_tensor *found = net_tensors_find(t, name);

	return found ? w->stats + found->offset : NULL;
}

void trainer_fit_inputs(const struct net_shape *shape, const struct net_data *d,
			struct net_weights *w)
{
	struct net_tensors stats;
	float *target;

	net_shape_stats(shape, &stats);
	if (shape->n_numeric)
		fit(d->x, d->inputs, shape->numeric, shape->n_numeric, d->rows,
		    stat(&stats, "input.mean", w), stat(&stats, "input.scale", w));
	target = stat(&stats, "target.scale", w);
	if (target && d->y) {
		fit(d->y, 1, &(size_t){ 0 }, 1, d->rows, stat(&stats, "target.mean", w), target);
		*target = 1 / *target; /* the one of a target leads back */
	}
	net_tensors_clear(&stats);
}

/* Even between -limit and limit. */
static void fill(float *v, size_t n, float limit, uint64_t seed, uint32_t tensor)
{
	for (size_t i = 0; i < n; i += 4) {
		uint32_t words[4];

		philox(seed, (uint32_t[]){ (uint32_t)(i / 4), tensor, 0, 0x696e6974 }, words);
		for (size_t k = 0; k < 4 && i + k < n; k++)
			v[i + k] = limit * ((float)(words[k] >> 8) / 8388608.0f - 1);
	}
}

/* The activation behind a weight: of layer l, none behind the output. */
static float limit_of(const struct net_shape *s, const struct net_tensor *t, size_t l)
{
	float in = (float)t->dims[1], out = (float)t->dims[0];

	if (l >= s->n_hidden)
		return 1 / sqrtf(in);
	return s->hidden[l].activation == NET_TANH ? sqrtf(6 / (in + out)) : sqrtf(3 / in);
}

void trainer_init_weights(const struct net_shape *shape, uint64_t seed, struct net_weights *w)
{
	struct net_tensors params;
	size_t l = 0;

	net_shape_params(shape, &params);
	for (size_t i = 0; i < params.n; i++) {
		const struct net_tensor *t = &params.v[i];
		float *v = w->params + t->offset;

		if (t->n_dims < 2)
			continue; /* biases 0, a norm's weights 1: net_weights_init */
		if (!strncmp(t->name, "embed.", 6)) {
			fill(v, t->count - t->dims[1], 1 / sqrtf((float)t->dims[1]), seed,
			     (uint32_t)i);
			memset(v + t->count - t->dims[1], 0, t->dims[1] * sizeof(float));
		} else {
			fill(v, t->count, limit_of(shape, t, l++), seed, (uint32_t)i);
		}
	}
	net_tensors_clear(&params);
}
