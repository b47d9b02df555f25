/* net_params.c - parameters sorted, refused and filled with what they are by themselves. */
#include "lib/learn/net_params.h"

#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"
#include "lib/learn/net_value.h"

const char *net_math_name(enum net_math m)
{
	static const char *const names[] = { "fp32", "tf32", "bf16" };

	return names[m];
}

int net_math_cpu(enum net_math m)
{
	if (m == NET_MATH_FP32)
		return 0;
	error_set(ERR_INPUT, "parameter 'math' cannot be '%s' on the CPU: its products are fp32",
		  net_math_name(m));
	return error_hint(ERR_INPUT, "gpus = 1 trains on a GPU; leave math out for the CPU");
}

static int read_param(const char *name, const json_t *v, struct net_params *p)
{
	const struct net_row *r = net_table_find(name);

	if (!r)
		return net_table_unknown(name, p->linear);
	if (!p->linear || !r->net_only)
		return net_value_read(r, v, p);
	error_set(ERR_INPUT,
		  "parameter '%s' cannot be given: the learner 'linear' has no hidden layer", name);
	return error_hint(ERR_INPUT, "learner = net has them");
}

static void fill_defaults(struct net_params *p)
{
	const struct net_row *r;

	for (size_t i = 0; (r = net_table_row(i)); i++)
		net_value_default(r, p);
	if (p->linear)
		return;
	p->n_hidden = 2;
	p->hidden = xcalloc(p->n_hidden, sizeof *p->hidden);
	p->hidden[0] = p->hidden[1] = 128;
}

/* A net without a hidden layer is the learner linear by another name: what is of hidden layers has no meaning. */
static int become_linear(const struct strlist *given, struct net_params *p)
{
	const struct net_row *r;

	for (size_t i = 0; !p->linear && (r = net_table_row(i)); i++) {
		if (!r->net_only || r->type == VALUE_UNITS || !strlist_has(given, r->name))
			continue;
		error_set(ERR_INPUT,
			  "parameter '%s' means nothing with hidden = none: it is of hidden layers",
			  r->name);
		return error_hint(ERR_INPUT, "leave %s out, or give hidden=128,64", r->name);
	}
	p->linear = true;
	return 0;
}

int net_params_parse(const json_t *params, bool linear, struct net_params *out)
{
	struct strlist names = STRLIST_INIT;
	const char *name;
	int rc = 0;
	json_t *v;

	*out = (struct net_params){ .linear = linear };
	fill_defaults(out);
	json_object_foreach((json_t *)params, name, v)
		strlist_add(&names, name);
	strlist_sort(&names);
	for (size_t i = 0; i < names.n && !rc; i++)
		rc = read_param(names.v[i], json_object_get(params, names.v[i]), out);
	if (!rc && !out->n_hidden)
		rc = become_linear(&names, out);
	strlist_clear(&names);
	if (rc)
		net_params_clear(out);
	return rc;
}

int net_params_promise(const char *word, struct net_params *p)
{
	int place = net_value_place("run|world|off", word ? word : "run");

	if (place < 0)
		return error_set(ERR_INPUT, "MICH_DETERMINISM is '%s', want run, world or off",
				 word);
	p->determinism = place;
	return 0;
}

void net_params_clear(struct net_params *p)
{
	free(p->hidden);
	free(p->class_weights);
	*p = (struct net_params)NET_PARAMS_INIT;
}

json_t *net_params_json(const struct net_params *p)
{
	json_t *o = json_object();
	const struct net_row *r;

	for (size_t i = 0; (r = net_table_row(i)); i++)
		json_object_set_new(o, r->name, net_value_json(r, p));
	json_object_set_new(o, "determinism", json_integer(p->determinism));
	return o;
}
