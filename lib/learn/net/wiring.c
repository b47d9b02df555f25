/* wiring.c - layers from a shape. */
#include "lib/learn/net/wiring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/net/gemm.h"

static size_t offset(const struct net_tensors *t, const char *of, size_t i, const char *what)
{
	char name[sizeof t->v->name];
	const struct net_tensor *found;

	snprintf(name, sizeof name, "%s.%zu.%s", of, i, what);
	found = net_tensors_find(t, name);
	return found ? found->offset : SIZE_MAX;
}

static size_t offset_of(const struct net_tensors *t, const char *name)
{
	const struct net_tensor *found = net_tensors_find(t, name);

	return found ? found->offset : SIZE_MAX;
}

static void hidden_layer(const struct net_shape *s, const struct net_tensors *params,
			 const struct net_tensors *stats, size_t i, struct wiring_layer *l)
{
	l->units = s->hidden[i].units;
	l->weight = offset(params, "layer", i, "weight");
	l->bias = offset(params, "layer", i, "bias");
	l->norm_weight = offset(params, "norm", i, "weight");
	l->norm_bias = offset(params, "norm", i, "bias");
	l->mean = offset(stats, "norm", i, "mean");
	l->var = offset(stats, "norm", i, "var");
	l->norm = s->hidden[i].norm;
	l->activation = s->hidden[i].activation;
	l->dropout = (float)s->hidden[i].dropout;
}

static void lay_out(const struct net_tensors *params, const struct net_tensors *stats,
		    struct wiring *p)
{
	const struct net_shape *s = p->shape;
	size_t in = p->width, ld_in = p->ld;

	for (size_t i = 0; i < p->n; i++) {
		struct wiring_layer *l = &p->layers[i];

		if (i < s->n_hidden) {
			hidden_layer(s, params, stats, i, l);
		} else {
			l->last = true;
			l->units = s->outputs;
			l->weight = offset_of(params, "output.weight");
			l->bias = offset_of(params, "output.bias");
		}
		l->in = in;
		l->ld_in = ld_in;
		l->ld = gemm_ld(l->units);
		p->batch_norm |= l->norm == NET_NORM_BATCH;
		p->ld_max = l->ld > p->ld_max ? l->ld : p->ld_max;
		in = l->units;
		ld_in = l->ld;
	}
	for (size_t i = 0; i < s->n_embedded; i++)
		p->embeds[i] = offset(params, "embed", i, "weight");
}

static int make_copies(struct wiring *p)
{
	size_t floats = 0, at = 0;
	int rc;

	for (size_t i = 0; i < p->n; i++)
		floats +=
			p->layers[i].in * p->layers[i].ld + p->layers[i].units * p->layers[i].ld_in;
	if ((rc = mem_alloc(floats, sizeof(float), &p->copies)) < 0)
		return rc;
	for (size_t i = 0; i < p->n; i++) {
		struct wiring_layer *l = &p->layers[i];

		l->tall = p->copies + at;
		l->wide = l->tall + l->in * l->ld;
		at += l->in * l->ld + l->units * l->ld_in;
	}
	return 0;
}

int wiring_init(const struct net_shape *shape, struct net_weights *weights, struct wiring *out)
{
	struct net_tensors params, stats;
	size_t at;

	*out = (struct wiring){ .shape = shape, .weights = weights, .n = shape->n_hidden + 1 };
	net_shape_params(shape, &params);
	net_shape_stats(shape, &stats);
	out->layers = xcalloc(out->n, sizeof(*out->layers));
	out->embeds = xcalloc(shape->n_embedded, sizeof(*out->embeds));
	out->width = net_shape_width(shape);
	out->ld = out->ld_max = gemm_ld(out->width);
	lay_out(&params, &stats, out);
	if ((at = offset_of(&stats, "input.mean")) != SIZE_MAX)
		out->mean = weights->stats + at;
	if ((at = offset_of(&stats, "input.scale")) != SIZE_MAX)
		out->scale = weights->stats + at;
	if ((at = offset_of(&stats, "target.mean")) != SIZE_MAX)
		out->target = weights->stats + at;
	net_tensors_clear(&params);
	net_tensors_clear(&stats);
	return make_copies(out);
}

void wiring_clear(struct wiring *p)
{
	free(p->layers);
	free(p->embeds);
	free(p->copies);
	*p = (struct wiring){ 0 };
}

void wiring_refresh(struct wiring *p, size_t part, size_t parts)
{
	for (size_t i = 0; i < p->n; i++) {
		struct wiring_layer *l = &p->layers[i];
		const float *from = p->weights->params + l->weight;
		size_t first = l->units * part / parts, end = l->units * (part + 1) / parts;

		gemm_transpose(from + first * l->in, end - first, l->in, l->in, l->tall + first,
			       l->ld);
		for (size_t j = first; j < end; j++)
			memcpy(l->wide + j * l->ld_in, from + j * l->in, l->in * sizeof(float));
	}
}
