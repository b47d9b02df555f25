/* net_inherit.c - what another net knows of columns, categories and classes that are ours too. */
#include "lib/learn/net_inherit.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/model/contract.h"

/* A net with what its inputs and its outputs are called. */
struct side {
	const struct net_shape *shape;
	const struct net_weights *w;
	struct contract contract;
	struct strlist inputs;
	struct net_tensors params, stats;
};

struct base {
	struct side side;
	struct net_shape shape;
	struct net_weights weights;
};

static void side_clear(struct side *s)
{
	contract_clear(&s->contract);
	strlist_clear(&s->inputs);
	net_tensors_clear(&s->params);
	net_tensors_clear(&s->stats);
}

/* Its contract is there. */
static void side_name(struct side *s, const struct net_shape *shape, const struct net_weights *w)
{
	s->shape = shape;
	s->w = w;
	contract_inputs(&s->contract, &s->inputs);
	net_shape_params(shape, &s->params);
	net_shape_stats(shape, &s->stats);
}

static float *tensor_in(const struct net_tensors *t, float *all, const char *name)
{
	const struct net_tensor *found = net_tensors_find(t, name);

	return found ? all + found->offset : NULL;
}

static float *param(const struct side *s, const char *name)
{
	return tensor_in(&s->params, s->w->params, name);
}

static float *stat_of(const struct side *s, const char *name)
{
	return tensor_in(&s->stats, s->w->stats, name);
}

static int read_json(const char *dir, const char *name, json_t **out)
{
	char *path = path_join(dir, name);
	int rc = json_read(path, out);

	free(path);
	return rc;
}

static int open_weights(const char *dir, const json_t *meta, struct base *b)
{
	const char *name = json_str(meta, "weights", "");
	char *path;
	int rc;

	if (!*name || *name == '.' || strchr(name, '/'))
		return error_set(ERR_CORRUPT, "its model.json names no weights");
	path = path_join(dir, name);
	rc = net_weights_read(&b->shape, path, &b->weights);
	free(path);
	return rc;
}

static int base_open(const char *dir, struct base *b)
{
	json_t *meta = NULL;
	int rc = read_json(dir, "model.json", &meta);

	if (rc == ERR_NOT_FOUND)
		return error_set(ERR_INPUT, "init-from: it has no model.json, so it is no net");
	if (!rc && strcmp(json_str(meta, "kind", ""), "net"))
		rc = error_set(ERR_INPUT,
			       "init-from: a model of kind '%.60s' has no weights to start from",
			       json_str(meta, "kind", ""));
	if (!rc)
		rc = contract_parse(json_object_get(meta, "contract"), &b->side.contract);
	if (!rc)
		rc = net_shape_parse(json_object_get(meta, "net"), b->side.contract.inputs,
				     &b->shape);
	if (!rc)
		rc = open_weights(dir, meta, b);
	if (!rc)
		side_name(&b->side, &b->shape, &b->weights);
	json_decref(meta);
	return rc;
}

static void hidden_text(const struct net_shape *s, struct buf *out)
{
	for (size_t i = 0; i < s->n_hidden; i++)
		buf_addf(out, "%s%zu %s%s%s", i ? ", " : "", s->hidden[i].units,
			 net_activation_name(s->hidden[i].activation),
			 s->hidden[i].norm ? " norm " : "",
			 s->hidden[i].norm ? net_norm_name(s->hidden[i].norm) : "");
	if (!s->n_hidden)
		buf_addstr(out, "none");
}

static int check_layers(const struct net_shape *ours, const struct net_shape *theirs)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	bool same;

	hidden_text(ours, &a);
	hidden_text(theirs, &b);
	same = !strcmp(a.data, b.data);
	if (!same)
		error_set(ERR_INPUT, "init-from: its hidden layers are %s, not %s", b.data, a.data);
	buf_clear(&a);
	buf_clear(&b);
	return same ? 0 : ERR_INPUT;
}

/* Where the numbers of an input begin among the first activations; *dim of them. false: not used. */
static bool place_of(const struct net_shape *s, size_t input, size_t *at, size_t *dim,
		     size_t *table)
{
	size_t first = s->n_numeric;

	*table = SIZE_MAX;
	*dim = 1;
	for (size_t i = 0; i < s->n_numeric; i++) {
		*at = i;
		if (s->numeric[i] == input)
			return true;
	}
	for (size_t i = 0; i < s->n_embedded; i++) {
		*table = i;
		*at = first;
		*dim = s->embedded[i].dim;
		if (s->embedded[i].input == input)
			return true;
		first += s->embedded[i].dim;
	}
	return false;
}

static const struct contract_column *column_of(const struct contract *c, size_t input)
{
	for (size_t i = 0; i < c->n; i++)
		if (input >= c->cols[i].input && input < c->cols[i].input + c->cols[i].n_parts)
			return &c->cols[i];
	return NULL;
}

/* Row by row by the category's name; a new one starts as a missing value was. */
static void take_table(const struct side *ours, const struct side *theirs, size_t a, size_t b)
{
	const struct net_embedding *ea = &ours->shape->embedded[a];
	const struct net_embedding *eb = &theirs->shape->embedded[b];
	const struct contract_column *ca = column_of(&ours->contract, ea->input);
	const struct contract_column *cb = column_of(&theirs->contract, eb->input);
	char name[40];
	float *to;
	const float *from;

	snprintf(name, sizeof name, "embed.%zu.weight", a);
	to = param(ours, name);
	snprintf(name, sizeof name, "embed.%zu.weight", b);
	from = param(theirs, name);
	for (size_t i = 0; i <= ea->categories; i++) {
		int64_t row = i < ea->categories && i < ca->categories.n
				      ? dict_find(&cb->categories, ca->categories.v[i].s)
				      : -1;

		if (row < 0 || (size_t)row >= eb->categories)
			row = (int64_t)eb->categories;
		memcpy(to + i * ea->dim, from + (size_t)row * eb->dim, ea->dim * sizeof *to);
	}
}

/* One input that both know: its column of the first layer, and what goes before it. */
static void take_input(const struct side *ours, const struct side *theirs, size_t input,
		       const char *first)
{
	size_t width_a = net_shape_width(ours->shape), width_b = net_shape_width(theirs->shape);
	const struct net_tensor *t = net_tensors_find(&ours->params, first);
	size_t at_a, at_b, dim_a, dim_b, table_a, table_b, other = 0;
	float *to = param(ours, first);
	const float *from = param(theirs, first);

	while (other < theirs->inputs.n &&
	       strcmp(theirs->inputs.v[other], ours->inputs.v[input]) != 0)
		other++;
	if (!place_of(ours->shape, input, &at_a, &dim_a, &table_a))
		return;
	for (size_t k = 0; k < t->dims[0]; k++) /* what is new begins without effect */
		memset(to + k * width_a + at_a, 0, dim_a * sizeof *to);
	if (other == theirs->inputs.n || !place_of(theirs->shape, other, &at_b, &dim_b, &table_b) ||
	    dim_a != dim_b || (table_a == SIZE_MAX) != (table_b == SIZE_MAX))
		return;
	for (size_t k = 0; k < t->dims[0]; k++)
		memcpy(to + k * width_a + at_a, from + k * width_b + at_b, dim_a * sizeof *to);
	if (table_a != SIZE_MAX) {
		take_table(ours, theirs, table_a, table_b);
		return;
	}
	stat_of(ours, "input.mean")[at_a] = stat_of(theirs, "input.mean")[at_b];
	stat_of(ours, "input.scale")[at_a] = stat_of(theirs, "input.scale")[at_b];
}

/* A tensor of one name and shape in both. */
static void take_same(const struct net_tensors *a, float *to, const struct net_tensors *b,
		      float *from, const char *name)
{
	const struct net_tensor *x = net_tensors_find(a, name), *y = net_tensors_find(b, name);

	if (x && y && x->count == y->count)
		memcpy(to + x->offset, from + y->offset, x->count * sizeof *to);
}

static void take_hidden(const struct side *ours, const struct side *theirs)
{
	for (size_t i = 0; i < ours->params.n; i++) {
		const char *name = ours->params.v[i].name;
		bool inner = !strncmp(name, "layer.", 6) || !strncmp(name, "norm.", 5);

		if (inner && strcmp(name, "layer.0.weight"))
			take_same(&ours->params, ours->w->params, &theirs->params,
				  theirs->w->params, name);
	}
	for (size_t i = 0; i < ours->stats.n; i++)
		if (!strncmp(ours->stats.v[i].name, "norm.", 5))
			take_same(&ours->stats, ours->w->stats, &theirs->stats, theirs->w->stats,
				  ours->stats.v[i].name);
}

static bool same_answer(const struct side *ours, const struct side *theirs)
{
	const struct strlist *a = &ours->contract.classes, *b = &theirs->contract.classes;

	if (ours->shape->head != theirs->shape->head ||
	    ours->shape->outputs != theirs->shape->outputs || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]))
			return false;
	return true;
}

/* Of a linear model the output's weights were taken with the inputs. */
static void take_output(const struct side *ours, const struct side *theirs)
{
	if (ours->shape->n_hidden)
		take_same(&ours->params, ours->w->params, &theirs->params, theirs->w->params,
			  "output.weight");
	take_same(&ours->params, ours->w->params, &theirs->params, theirs->w->params,
		  "output.bias");
	take_same(&ours->stats, ours->w->stats, &theirs->stats, theirs->w->stats, "target.mean");
	take_same(&ours->stats, ours->w->stats, &theirs->stats, theirs->w->stats, "target.scale");
}

static int take(const struct side *ours, const struct side *theirs)
{
	bool answer = same_answer(ours, theirs);
	int rc = check_layers(ours->shape, theirs->shape);

	if (!rc && !ours->shape->n_hidden && !answer)
		rc = error_set(ERR_INPUT,
			       "init-from: a linear model that answers something else has "
			       "nothing to give");
	if (rc)
		return rc;
	for (size_t i = 0; i < ours->shape->inputs; i++)
		take_input(ours, theirs, i,
			   ours->shape->n_hidden ? "layer.0.weight" : "output.weight");
	take_hidden(ours, theirs);
	if (answer)
		take_output(ours, theirs);
	return 0;
}

int net_inherit(const char *dir, const char *matrix, const struct net_shape *shape,
		struct net_weights *w)
{
	struct base base = { .side = { .contract = CONTRACT_INIT }, .shape = NET_SHAPE_INIT };
	struct side ours = { .contract = CONTRACT_INIT };
	json_t *contract = NULL;
	int rc = base_open(dir, &base);

	if (!rc)
		rc = read_json(matrix, "contract.json", &contract);
	if (!rc)
		rc = contract_parse(contract, &ours.contract);
	if (!rc && ours.contract.inputs != shape->inputs)
		rc = error_set(ERR_CORRUPT, "the matrix and its contract have other inputs");
	if (!rc) {
		side_name(&ours, shape, w);
		rc = take(&ours, &base.side);
	}
	json_decref(contract);
	side_clear(&ours);
	side_clear(&base.side);
	net_weights_clear(&base.weights);
	net_shape_clear(&base.shape);
	return rc;
}
