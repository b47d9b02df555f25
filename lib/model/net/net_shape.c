/* net_shape.c - shapes of nets, checked. */
#include "lib/model/net/net_shape.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

void net_shape_clear(struct net_shape *s)
{
	free(s->numeric);
	free(s->embedded);
	free(s->hidden);
	*s = (struct net_shape)NET_SHAPE_INIT;
}

static void *copy_of(const void *v, size_t n, size_t size)
{
	void *copy = xcalloc(n, size);

	if (n)
		memcpy(copy, v, n * size);
	return copy;
}

void net_shape_copy(const struct net_shape *s, struct net_shape *out)
{
	*out = *s;
	out->numeric = copy_of(s->numeric, s->n_numeric, sizeof(*s->numeric));
	out->embedded = copy_of(s->embedded, s->n_embedded, sizeof(*s->embedded));
	out->hidden = copy_of(s->hidden, s->n_hidden, sizeof(*s->hidden));
}

bool net_shape_equal(const struct net_shape *a, const struct net_shape *b)
{
	json_t *x = net_shape_json(a), *y = net_shape_json(b);
	bool same = a->inputs == b->inputs && json_equal(x, y);

	json_decref(x);
	json_decref(y);
	return same;
}

void net_shape_numeric(struct net_shape *s, size_t input)
{
	s->numeric = xrealloc(s->numeric, (s->n_numeric + 1) * sizeof(*s->numeric));
	s->numeric[s->n_numeric++] = input;
}

void net_shape_embedded(struct net_shape *s, struct net_embedding e)
{
	s->embedded = xrealloc(s->embedded, (s->n_embedded + 1) * sizeof(*s->embedded));
	s->embedded[s->n_embedded++] = e;
}

void net_shape_hidden(struct net_shape *s, struct net_hidden h)
{
	s->hidden = xrealloc(s->hidden, (s->n_hidden + 1) * sizeof(*s->hidden));
	s->hidden[s->n_hidden++] = h;
}

size_t net_shape_width(const struct net_shape *s)
{
	size_t width = s->n_numeric;

	for (size_t i = 0; i < s->n_embedded; i++)
		width += s->embedded[i].dim;
	return width;
}

/* Mark an input as used. */
static int use_input(const struct net_shape *s, size_t input, char *used)
{
	if (input >= s->inputs)
		return error_set(ERR_INPUT, "the net asks for input %zu of %zu", input, s->inputs);
	if (used[input]++)
		return error_set(ERR_INPUT, "the net uses input %zu twice", input);
	return 0;
}

static int check_inputs(const struct net_shape *s)
{
	char *used;
	int rc = 0;

	if (s->inputs > NET_INPUTS_MAX)
		return error_set(ERR_INPUT, "a net of %zu inputs: more than %d", s->inputs,
				 NET_INPUTS_MAX);
	if (!s->n_numeric && !s->n_embedded)
		return error_set(ERR_INPUT, "the net has no inputs");
	used = xcalloc(s->inputs + 1, 1);
	for (size_t i = 0; !rc && i < s->n_numeric; i++)
		rc = use_input(s, s->numeric[i], used);
	for (size_t i = 0; !rc && i < s->n_embedded; i++) {
		const struct net_embedding *e = &s->embedded[i];

		rc = use_input(s, e->input, used);
		if (!rc && (!e->categories || e->categories > NET_CATEGORIES_MAX || !e->dim ||
			    e->dim > NET_UNITS_MAX))
			rc = error_set(
				ERR_INPUT,
				"the embedding of input %zu has %zu categories of %zu numbers",
				e->input, e->categories, e->dim);
	}
	free(used);
	return rc;
}

static int check_layers(const struct net_shape *s)
{
	if (s->n_hidden > NET_HIDDEN_MAX)
		return error_set(ERR_INPUT, "the net has %zu hidden layers, more than %d",
				 s->n_hidden, NET_HIDDEN_MAX);
	for (size_t i = 0; i < s->n_hidden; i++) {
		const struct net_hidden *h = &s->hidden[i];

		if (!h->units || h->units > NET_UNITS_MAX)
			return error_set(ERR_INPUT, "hidden layer %zu has %zu units, want 1 to %d",
					 i, h->units, NET_UNITS_MAX);
		if (!(h->dropout >= 0 && h->dropout < 1))
			return error_set(ERR_INPUT,
					 "hidden layer %zu has a dropout of %g, want 0 to below 1",
					 i, h->dropout);
	}
	if (!s->outputs || s->outputs > NET_UNITS_MAX)
		return error_set(ERR_INPUT, "the net has %zu outputs, want 1 to %d", s->outputs,
				 NET_UNITS_MAX);
	if (s->head == NET_SOFTMAX ? s->outputs < 2 : s->outputs != 1)
		return error_set(ERR_INPUT, "a %s head with %zu outputs", net_head_name(s->head),
				 s->outputs);
	return 0;
}

static int check_size(const struct net_shape *s)
{
	size_t width = net_shape_width(s), floats = 0;

	for (size_t i = 0; i < s->n_embedded; i++)
		floats += (s->embedded[i].categories + 1) * s->embedded[i].dim;
	for (size_t i = 0; i < s->n_hidden; i++) {
		floats += s->hidden[i].units * (width + 6);
		width = s->hidden[i].units;
	}
	floats += s->outputs * (width + 1) + 2 * s->n_numeric + 2;
	if (floats > NET_FLOATS_MAX)
		return error_set(ERR_INPUT, "the net has %zu weights, more than %d", floats,
				 NET_FLOATS_MAX);
	return 0;
}

int net_shape_check(const struct net_shape *s)
{
	int rc;

	if ((rc = check_inputs(s)) < 0 || (rc = check_layers(s)) < 0)
		return rc;
	return check_size(s);
}
