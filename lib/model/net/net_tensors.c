/* net_tensors.c - where the tensors of a net lie in a flat buffer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/model/net/net_shape.h"

enum { OF_AN_EMBEDDING = 1, OF_A_LAYER = 4, OF_THE_REST = 4 };

/* One more tensor; cols 0: a vector. name holds one %zu, or none. */
static void add(struct net_tensors *t, size_t rows, size_t cols, const char *of, size_t i,
		const char *what)
{
	struct net_tensor *v = &t->v[t->n++];

	if (i == SIZE_MAX)
		snprintf(v->name, sizeof v->name, "%s.%s", of, what);
	else
		snprintf(v->name, sizeof v->name, "%s.%zu.%s", of, i, what);
	v->dims[0] = rows;
	v->dims[1] = cols;
	v->n_dims = cols ? 2 : 1;
	v->offset = t->count;
	v->count = rows * (cols ? cols : 1);
	t->count += v->count;
}

static void begin(const struct net_shape *s, struct net_tensors *out)
{
	*out = (struct net_tensors){ 0 };
	out->v = xcalloc(s->n_embedded * OF_AN_EMBEDDING + s->n_hidden * OF_A_LAYER + OF_THE_REST,
			 sizeof(*out->v));
}

void net_shape_params(const struct net_shape *s, struct net_tensors *out)
{
	size_t width = net_shape_width(s);

	begin(s, out);
	for (size_t i = 0; i < s->n_embedded; i++)
		add(out, s->embedded[i].categories + 1, s->embedded[i].dim, "embed", i, "weight");
	for (size_t i = 0; i < s->n_hidden; i++) {
		size_t units = s->hidden[i].units;

		add(out, units, width, "layer", i, "weight");
		add(out, units, 0, "layer", i, "bias");
		if (s->hidden[i].norm != NET_NORM_NONE) {
			add(out, units, 0, "norm", i, "weight");
			add(out, units, 0, "norm", i, "bias");
		}
		width = units;
	}
	add(out, s->outputs, width, "output", SIZE_MAX, "weight");
	add(out, s->outputs, 0, "output", SIZE_MAX, "bias");
}

void net_shape_stats(const struct net_shape *s, struct net_tensors *out)
{
	begin(s, out);
	if (s->n_numeric) {
		add(out, s->n_numeric, 0, "input", SIZE_MAX, "mean");
		add(out, s->n_numeric, 0, "input", SIZE_MAX, "scale");
	}
	for (size_t i = 0; i < s->n_hidden; i++)
		if (s->hidden[i].norm == NET_NORM_BATCH) {
			add(out, s->hidden[i].units, 0, "norm", i, "mean");
			add(out, s->hidden[i].units, 0, "norm", i, "var");
		}
	if (s->head == NET_IDENTITY) {
		add(out, 1, 0, "target", SIZE_MAX, "mean");
		add(out, 1, 0, "target", SIZE_MAX, "scale");
	}
}

void net_tensors_clear(struct net_tensors *t)
{
	free(t->v);
	*t = (struct net_tensors){ 0 };
}

const struct net_tensor *net_tensors_find(const struct net_tensors *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->v[i].name, name))
			return &t->v[i];
	return NULL;
}
