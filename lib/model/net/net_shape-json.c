/* net_shape-json.c - a net's shape as the member "net" of model.json. */
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/model/net/net_shape.h"

static const char *const activations[] = {
	[NET_RELU] = "relu", [NET_GELU] = "gelu", [NET_TANH] = "tanh"
};
static const char *const norms[] = {
	[NET_NORM_NONE] = "none", [NET_NORM_BATCH] = "batch", [NET_NORM_LAYER] = "layer"
};
static const char *const heads[] = { [NET_IDENTITY] = "identity",
				     [NET_LOGISTIC] = "logistic",
				     [NET_SOFTMAX] = "softmax",
				     [NET_EXP] = "exp" };

/* The position of name among n names. ERR_INPUT: "'x' is no WHAT: a, b". */
static int name_find(const char *what, const char *name, const char *const *names, size_t n)
{
	struct buf all = BUF_INIT;
	int rc;

	for (size_t i = 0; name && i < n; i++)
		if (!strcmp(names[i], name))
			return (int)i;
	for (size_t i = 0; i < n; i++)
		buf_addf(&all, i ? ", %s" : "%s", names[i]);
	rc = error_set(ERR_INPUT, "'%.60s' is no %s: %s", name ? name : "", what, all.data);
	buf_clear(&all);
	return rc;
}

int net_activation_parse(const char *name, enum net_activation *out)
{
	int i = name_find("activation", name, activations, ARRAY_LEN(activations));

	*out = i < 0 ? NET_RELU : (enum net_activation)i;
	return i < 0 ? i : 0;
}

int net_norm_parse(const char *name, enum net_norm *out)
{
	int i = name_find("norm", name, norms, ARRAY_LEN(norms));

	*out = i < 0 ? NET_NORM_NONE : (enum net_norm)i;
	return i < 0 ? i : 0;
}

int net_head_parse(const char *name, enum net_head *out)
{
	int i = name_find("head", name, heads, ARRAY_LEN(heads));

	*out = i < 0 ? NET_IDENTITY : (enum net_head)i;
	return i < 0 ? i : 0;
}

const char *net_activation_name(enum net_activation a)
{
	return activations[a];
}

const char *net_norm_name(enum net_norm n)
{
	return norms[n];
}

const char *net_head_name(enum net_head h)
{
	return heads[h];
}

static json_t *inputs_json(const struct net_shape *s)
{
	json_t *numeric = json_array(), *embedded = json_array();

	for (size_t i = 0; i < s->n_numeric; i++)
		json_array_append_new(numeric, json_integer((json_int_t)s->numeric[i]));
	for (size_t i = 0; i < s->n_embedded; i++) {
		const struct net_embedding *e = &s->embedded[i];

		json_array_append_new(embedded,
				      json_pack("{s:I,s:I,s:I}", "input", (json_int_t)e->input,
						"categories", (json_int_t)e->categories, "dim",
						(json_int_t)e->dim));
	}
	return json_pack("{s:o,s:o}", "numeric", numeric, "embedded", embedded);
}

json_t *net_shape_json(const struct net_shape *s)
{
	json_t *hidden = json_array();

	for (size_t i = 0; i < s->n_hidden; i++) {
		const struct net_hidden *h = &s->hidden[i];

		json_array_append_new(hidden,
				      json_pack("{s:I,s:s,s:s,s:f}", "units", (json_int_t)h->units,
						"activation", activations[h->activation], "norm",
						norms[h->norm], "dropout", h->dropout));
	}
	return json_pack("{s:o,s:o,s:I,s:s}", "inputs", inputs_json(s), "hidden", hidden, "outputs",
			 (json_int_t)s->outputs, "head", heads[s->head]);
}

static int member_size(const json_t *v, const char *key, size_t *out)
{
	int64_t n = json_int(v, key, -1);

	if (n < 0)
		return error_set(ERR_CORRUPT, "the net's '%s' is no count", key);
	*out = (size_t)n;
	return 0;
}

static int member_array(const json_t *v, const char *key, json_t **out)
{
	*out = json_object_get(v, key);
	return json_is_array(*out) ? 0 : error_set(ERR_CORRUPT, "the net's '%s' is no array", key);
}

static int inputs_parse(const json_t *v, struct net_shape *out)
{
	json_t *numeric, *embedded, *e;
	size_t i;
	int rc;

	if ((rc = member_array(v, "numeric", &numeric)) < 0 ||
	    (rc = member_array(v, "embedded", &embedded)) < 0)
		return rc;
	json_array_foreach(numeric, i, e) {
		if (!json_is_integer(e) || json_integer_value(e) < 0)
			return error_set(ERR_CORRUPT, "the net's numeric input %zu is no number",
					 i);
		net_shape_numeric(out, (size_t)json_integer_value(e));
	}
	json_array_foreach(embedded, i, e) {
		struct net_embedding m;

		if ((rc = member_size(e, "input", &m.input)) < 0 ||
		    (rc = member_size(e, "categories", &m.categories)) < 0 ||
		    (rc = member_size(e, "dim", &m.dim)) < 0)
			return rc;
		net_shape_embedded(out, m);
	}
	return 0;
}

static int hidden_parse(const json_t *v, struct net_shape *out)
{
	struct net_hidden h = { .dropout = json_num(v, "dropout", 0) };
	int rc;

	if ((rc = member_size(v, "units", &h.units)) < 0 ||
	    (rc = net_activation_parse(json_str(v, "activation", "relu"), &h.activation)) < 0 ||
	    (rc = net_norm_parse(json_str(v, "norm", "none"), &h.norm)) < 0)
		return rc;
	net_shape_hidden(out, h);
	return 0;
}

static int members_parse(const json_t *v, struct net_shape *out)
{
	json_t *hidden, *e;
	size_t i;
	int rc;

	if ((rc = member_array(v, "hidden", &hidden)) < 0 ||
	    (rc = inputs_parse(json_object_get(v, "inputs"), out)) < 0)
		return rc;
	json_array_foreach(hidden, i, e)
		if ((rc = hidden_parse(e, out)) < 0)
			return rc;
	if ((rc = member_size(v, "outputs", &out->outputs)) < 0 ||
	    (rc = net_head_parse(json_str(v, "head", ""), &out->head)) < 0)
		return rc;
	return net_shape_check(out);
}

int net_shape_parse(const json_t *v, size_t inputs, struct net_shape *out)
{
	*out = (struct net_shape)NET_SHAPE_INIT;
	out->inputs = inputs;
	if (members_parse(v, out) == 0)
		return 0;
	net_shape_clear(out);
	return error_wrap(ERR_CORRUPT, "bad net");
}
