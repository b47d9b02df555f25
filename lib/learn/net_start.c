/* net_start.c - where training begins. */
#include "lib/learn/net_start.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

struct net_data net_start_data(const struct matrix *m, enum matrix_part part)
{
	const struct matrix_split *s = &m->splits[part];

	return (struct net_data){ .x = s->x.data,
				  .y = s->y.data,
				  .w = s->w.data,
				  .rows = (size_t)s->rows,
				  .inputs = m->n_inputs };
}

static size_t classes_of(const struct matrix *m)
{
	return m->task == MATRIX_BINARY ? 2 : m->classes.n;
}

static void count_classes(const struct matrix *m, double *counts)
{
	const struct matrix_split *s = &m->splits[MATRIX_TRAIN];
	const float *y = s->y.data, *w = s->w.data;

	for (int64_t i = 0; i < s->rows; i++)
		counts[(size_t)y[i]] += w ? (double)w[i] : 1;
}

int net_start_classes(const struct net_params *p, const struct matrix *m, float **out)
{
	size_t n = classes_of(m);
	double *counts, total = 0;

	*out = NULL;
	if (!p->balanced && !p->n_class_weights)
		return 0;
	counts = xcalloc(n, sizeof *counts);
	count_classes(m, counts);
	for (size_t i = 0; i < n; i++)
		total += counts[i];
	*out = xcalloc(n, sizeof **out);
	for (size_t i = 0; i < n; i++) {
		double balanced = counts[i] > 0 ? total / ((double)n * counts[i]) : 0;

		(*out)[i] = (float)(p->balanced ? balanced : p->class_weights[i]);
	}
	total = 0;
	for (size_t i = 0; i < n; i++)
		total += counts[i] * (double)(*out)[i];
	free(counts);
	if (total > 0)
		return 0;
	free(*out);
	*out = NULL;
	return error_set(ERR_INPUT, "cannot learn: class_weight gives no row of train a weight");
}

static float *params_of(const struct net_tensors *t, const char *name, struct net_weights *w)
{
	return w->params + net_tensors_find(t, name)->offset;
}

/* What the output says before it has seen an input: the mean, or the share of each class. */
static void start_bias(const struct net_shape *shape, const struct matrix *m, float *bias)
{
	const struct matrix_split *s = &m->splits[MATRIX_TRAIN];
	const float *y = s->y.data, *w = s->w.data;
	double total = 0, sum = 0, mean;

	for (int64_t i = 0; i < s->rows; i++) {
		total += w ? (double)w[i] : 1;
		sum += w ? (double)w[i] * (double)y[i] : (double)y[i];
	}
	mean = total > 0 ? sum / total : 0;
	if (shape->head == NET_EXP && mean > 0)
		bias[0] = (float)log(mean);
	if (shape->head == NET_LOGISTIC && mean > 0 && mean < 1)
		bias[0] = (float)log(mean / (1 - mean));
	if (shape->head == NET_SOFTMAX && total > 0) {
		double *counts = xcalloc(shape->outputs, sizeof *counts);

		count_classes(m, counts);
		for (size_t k = 0; k < shape->outputs; k++)
			bias[k] = (float)log((counts[k] + 1) / (total + (double)shape->outputs));
		free(counts);
	}
}

/* Zeroes, but that each number of a category goes straight to its output. */
static void start_linear(const struct net_shape *shape, const struct net_tensors *t,
			 struct net_weights *w)
{
	size_t width = net_shape_width(shape), at = shape->n_numeric;
	float *out = params_of(t, "output.weight", w);

	memset(w->params, 0, w->n_params * sizeof *w->params);
	for (size_t e = 0; e < shape->n_embedded; e++) {
		for (size_t d = 0; d < shape->embedded[e].dim; d++)
			for (size_t k = d; k < shape->outputs; k += shape->embedded[e].dim)
				out[k * width + at + d] = 1;
		at += shape->embedded[e].dim;
	}
}

void net_start(const struct net_params *p, const struct net_shape *shape, const struct matrix *m,
	       uint64_t seed, struct net_weights *w)
{
	struct net_data train = net_start_data(m, MATRIX_TRAIN);
	struct net_tensors t;

	net_shape_params(shape, &t);
	trainer_fit_inputs(shape, &train, w);
	trainer_init_weights(shape, seed, w);
	if (p->linear)
		start_linear(shape, &t, w);
	start_bias(shape, m, params_of(&t, "output.bias", w));
	net_tensors_clear(&t);
}
