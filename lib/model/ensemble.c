/* ensemble.c - the member "ensemble" of model.json. */
#include "lib/model/ensemble.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

static const char *const combines[] = { "mean", "vote", "weighted", "stacked" };

const char *ensemble_combine_name(enum ensemble_combine c)
{
	return combines[c];
}

void ensemble_add(struct ensemble *e, const char *name, double weight)
{
	e->v = xrealloc(e->v, (e->n + 1) * sizeof *e->v);
	e->v[e->n++] = (struct ensemble_member){ xstrdup(name), weight };
}

void ensemble_clear(struct ensemble *e)
{
	for (size_t i = 0; i < e->n; i++)
		free(e->v[i].name);
	free(e->v);
	*e = (struct ensemble)ENSEMBLE_INIT;
}

json_t *ensemble_json(const struct ensemble *e)
{
	json_t *members = json_array(), *v;

	for (size_t i = 0; i < e->n; i++) {
		json_t *m = json_pack("{s:s}", "name", e->v[i].name);

		if (e->combine == ENSEMBLE_WEIGHTED || e->combine == ENSEMBLE_VOTE)
			json_object_set_new(m, "weight", json_number(e->v[i].weight));
		json_array_append_new(members, m);
	}
	v = json_pack("{s:s,s:o}", "combine", combines[e->combine], "members", members);
	if (e->combine == ENSEMBLE_STACKED)
		json_object_set_new(v, "passthrough", json_boolean(e->passthrough));
	return v;
}

static int bad(const char *what)
{
	return error_set(ERR_CORRUPT, "cannot read the model's ensemble: %s", what);
}

/* The folder of a member: a name as the record has them, so none is _final or leads elsewhere. */
static bool is_folder(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return n && n <= 255 && !name[n] && name[0] != '_' && name[0] != '-';
}

static int member_parse(const json_t *v, struct ensemble *out)
{
	const char *name = json_str(v, "name", "");
	const json_t *weight = json_object_get(v, "weight");
	double w = weight ? json_number_value(weight) : 1;

	if (!is_folder(name))
		return bad("a member without a name");
	for (size_t i = 0; i < out->n; i++)
		if (!strcmp(out->v[i].name, name))
			return bad("two members of one name");
	if ((weight && !json_is_number(weight)) || !(w >= 0) || isinf(w))
		return bad("a weight that is none");
	ensemble_add(out, name, w);
	return 0;
}

static int members_parse(const json_t *members, struct ensemble *out)
{
	double total = 0;
	json_t *m;
	size_t i;
	int rc = 0;

	if (!json_is_array(members) || !json_array_size(members) ||
	    json_array_size(members) > ENSEMBLE_MEMBERS)
		return bad("no members, or too many");
	json_array_foreach((json_t *)members, i, m)
		if (!rc)
			rc = member_parse(m, out);
	for (i = 0; i < out->n; i++)
		total += out->v[i].weight;
	if (!rc && (!(total > 0) || isinf(total)))
		rc = bad("weights that add up to nothing");
	return rc;
}

int ensemble_parse(const json_t *v, struct ensemble *out)
{
	const char *combine = json_str(v, "combine", "");
	size_t i = 0;
	int rc;

	*out = (struct ensemble)ENSEMBLE_INIT;
	while (i < ARRAY_LEN(combines) && strcmp(combines[i], combine))
		i++;
	if (i == ARRAY_LEN(combines))
		return bad("'combine' is not known");
	out->combine = (enum ensemble_combine)i;
	out->passthrough = json_bool(v, "passthrough", false);
	rc = members_parse(json_object_get(v, "members"), out);
	if (rc)
		ensemble_clear(out);
	return rc;
}

void ensemble_answers(const struct ensemble *e, struct model *const *models, struct contract *c)
{
	for (size_t i = 0; i < e->n; i++) {
		size_t n, floats = model_floats(models[i]);
		const struct model_output *o = model_outputs(models[i], &n);

		for (size_t k = floats; k < n; k++) {
			char *name = xasprintf("%s:%s", e->v[i].name, o[k].name);

			contract_add(c, name, FRAME_DOUBLE)->nullable = true;
			free(name);
		}
	}
}
