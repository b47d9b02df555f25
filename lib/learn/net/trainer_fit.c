/* trainer_fit.c - what is known before the first step: scales of the inputs, random weights. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/learn/net/clones.h"
#include "lib/learn/net/philox.h"
#include "lib/learn/net/trainer.h"

/* As net_scaled() has it: neither missing nor further out than a float goes. */
CLONE_INLINE bool is_there(float x)
{
	return fabsf(x) < NET_FAR;
}

enum { BLOCK = 64 }; /* rows at a time */

/* Columns of a table, and where those of some of its rows lie side by side. */
struct columns {
	const float *v;
	const size_t *at; /* (n) */
	size_t stride, n;
	bool beside; /* they are neighbours */
	float *near; /* (BLOCK, n) else */
};

struct block {
	const float *v;
	size_t stride, columns, rows;
};

/* Rows from `from` on. */
static struct block block_of(const struct columns *c, size_t from, size_t rows)
{
	size_t n = rows - from < BLOCK ? rows - from : BLOCK;

	if (c->beside)
		return (struct block){ c->v + from * c->stride + c->at[0], c->stride, c->n, n };
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < c->n; k++)
			c->near[i * c->n + k] = c->v[(from + i) * c->stride + c->at[k]];
	return (struct block){ c->near, c->n, c->n, n };
}

/* Each column's rows one after the other, whatever the machine does side by side. */
CLONED(add_rows, (struct block b, double *restrict sum, double *restrict n), (b, sum, n))
{
	for (size_t i = 0; i < b.rows; i++, b.v += b.stride)
		for (size_t k = 0; k < b.columns; k++) {
			float x = b.v[k];

			sum[k] += is_there(x) ? (double)x : 0;
			n[k] += is_there(x) ? 1.0 : 0;
		}
}

CLONED(add_squares, (struct block b, const double *restrict mean, double *restrict squares),
       (b, mean, squares))
{
	for (size_t i = 0; i < b.rows; i++, b.v += b.stride)
		for (size_t k = 0; k < b.columns; k++) {
			double off = (double)b.v[k] - mean[k];

			squares[k] += is_there(b.v[k]) ? off * off : 0;
		}
}

static bool are_neighbours(const struct columns *c)
{
	for (size_t k = 1; k < c->n; k++)
		if (c->at[k] != c->at[0] + k)
			return false;
	return true;
}

/* Mean and 1 / standard deviation of what is there, in two passes. */
static void fit(struct columns c, size_t rows, float *mean, float *scale)
{
	double *sum = xcalloc(4 * c.n, sizeof(*sum)), *n = sum + c.n, *middle = n + c.n,
	       *squares = middle + c.n;

	c.beside = are_neighbours(&c);
	c.near = xcalloc(BLOCK * c.n, sizeof(*c.near));
	for (size_t i = 0; i < rows; i += BLOCK)
		add_rows(block_of(&c, i, rows), sum, n);
	for (size_t k = 0; k < c.n; k++)
		middle[k] = n[k] > 0 ? sum[k] / n[k] : 0;
	for (size_t i = 0; i < rows; i += BLOCK)
		add_squares(block_of(&c, i, rows), middle, squares);
	for (size_t k = 0; k < c.n; k++) {
		double deviation = n[k] > 0 ? sqrt(squares[k] / n[k]) : 0;

		mean[k] = (float)middle[k];
		/* Below that a deviation is what rounding leaves of a constant. */
		scale[k] = deviation > 1e-6 * fabs(middle[k]) && deviation > 1e-30
				   ? (float)(1 / deviation)
				   : 1;
	}
	free(c.near);
	free(sum);
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
		fit((struct columns){ .v = d->x,
				      .at = shape->numeric,
				      .stride = d->inputs,
				      .n = shape->n_numeric },
		    d->rows, stat(&stats, "input.mean", w), stat(&stats, "input.scale", w));
	target = stat(&stats, "target.scale", w);
	if (target && d->y) {
		fit((struct columns){ .v = d->y, .at = &(size_t){ 0 }, .stride = 1, .n = 1 },
		    d->rows, stat(&stats, "target.mean", w), target);
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
