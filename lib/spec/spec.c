/* spec.c - the Michfile, checked. */
#include "lib/spec/spec.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/spec/config.h"
#include "lib/spec/field.h"
#include "lib/spec/key.h"
#include "lib/spec/needs.h"
#include "lib/spec/policy.h"
#include "lib/spec/section.h"

enum { MAX_NAME_BYTES = 200, MAX_NODES = 10000 };

static const char *const kind_names[SPEC_KINDS] = { "dataset", "model", "eval", "prediction",
						    "bench" };

const char *spec_kind_name(enum spec_kind kind)
{
	return kind_names[kind];
}

int spec_kind_parse(const char *text, size_t n)
{
	for (int i = 0; i < SPEC_KINDS; i++)
		if (strlen(kind_names[i]) == n && !memcmp(kind_names[i], text, n))
			return i;
	return -1;
}

int spec_check_name(const char *name)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	static const char rest[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";

	if (!strspn(name, first) || name[strspn(name, rest)])
		return error_set(ERR_INPUT, "'%s' is not a name: want [a-z0-9][a-z0-9_-]*", name);
	if (strlen(name) > MAX_NAME_BYTES)
		return error_set(ERR_INPUT,
				 "'%.20s...' is too long for a name: %zu bytes, at most %d", name,
				 strlen(name), MAX_NAME_BYTES);
	return 0;
}

struct spec_node *spec_find(const struct spec *s, enum spec_kind kind, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i]->kind == kind && !strcmp(s->v[i]->name, name))
			return s->v[i];
	return NULL;
}

/* Put node, which s then owns, at a place among the others. */
static void insert(struct spec *s, size_t place, struct spec_node *node)
{
	ARRAY_GROW(s->v, s->n, s->cap);
	memmove(&s->v[place + 1], &s->v[place], (s->n - place) * sizeof(struct spec_node *));
	s->v[place] = node;
	s->n++;
	for (size_t i = place; i < s->n; i++)
		s->v[i]->place = i;
}

static void drop(struct spec *s, size_t place)
{
	section_free(s->v[place]);
	s->n--;
	memmove(&s->v[place], &s->v[place + 1], (s->n - place) * sizeof(struct spec_node *));
	for (size_t i = place; i < s->n; i++)
		s->v[i]->place = i;
}

static int bad_kind(const struct field_where *w, const struct config_section *c)
{
	const char *near = strlist_nearest(kind_names, SPEC_KINDS, c->name);

	if (!near)
		return field_error(
			w,
			"unknown section [%s], want dataset, model, eval, prediction, bench or release",
			c->name);
	return field_error(w, "unknown section [%s], did you mean [%s \"%s\"]?", c->name, near,
			   c->sub ? c->sub : "NAME");
}

/* The header of a section, as the node that it opens or goes on with. */
static int open_section(struct spec *s, const struct config_section *c, struct spec_node **out)
{
	struct field_where w = { s->file, c->line };
	int kind;

	if (!c->name)
		return field_error(&w, "a key before the first [section]");
	if ((kind = spec_kind_parse(c->name, strlen(c->name))) < 0)
		return bad_kind(&w, c);
	if (!c->sub)
		return field_error(&w, "[%s] needs a name: [%s \"NAME\"]", c->name, c->name);
	if (spec_check_name(c->sub) < 0)
		return error_wrap(ERR_INPUT, "%s:%d", s->file, c->line);
	*out = spec_find(s, (enum spec_kind)kind, c->sub);
	if (*out)
		return 0;
	if (s->n == MAX_NODES)
		return field_error(&w, "more than %d sections", MAX_NODES);
	*out = section_new((enum spec_kind)kind, c->sub, s->file, c->line);
	insert(s, s->n, *out);
	return 0;
}

static int read_sections(struct spec *s, const struct config *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct spec_node *node = NULL;
		bool policy = c->v[i].name && !strcmp(c->v[i].name, "release");
		int rc = policy ? policy_read(s, &c->v[i]) : open_section(s, &c->v[i], &node);

		for (size_t j = 0; rc == 0 && node && j < c->v[i].n; j++)
			rc = section_read(node, &c->v[i].v[j]);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* The section of the model that an eval or a prediction names, NULL where it is pinned or absent.
 */
static const struct spec_node *model_of(const struct spec *s, const struct spec_node *node)
{
	const char *name = node->ref_text[SPEC_MODEL];

	if (name && !strncmp(name, "model/", 6))
		name += 6;
	return name ? spec_find(s, SPEC_MODEL, name) : NULL;
}

/* An eval or a bench without a data set measures on its model's. */
static int inherit_dataset(const struct spec *s, struct spec_node *node)
{
	struct field_where w = { node->file, node->line };
	const struct spec_node *model = model_of(s, node);

	if ((node->kind != SPEC_EVAL && node->kind != SPEC_BENCH) || node->synthetic ||
	    !node->ref_text[SPEC_MODEL] || section_given(node, "dataset"))
		return 0;
	if (!model || !model->ref_text[SPEC_DATASET])
		return field_error(&w,
				   "[%s \"%s\"] needs dataset = NAME, since this file has no "
				   "[model \"%s\"]",
				   spec_kind_name(node->kind), node->name,
				   node->ref_text[SPEC_MODEL]);
	free(node->ref_text[SPEC_DATASET]);
	node->ref_text[SPEC_DATASET] = xstrdup(model->ref_text[SPEC_DATASET]);
	return 0;
}

/* The eval that a model's gates ask for: a section of that name and model, else an implied one. */
static int imply_eval(struct spec *s, const struct spec_node *model)
{
	struct spec_node *node = spec_find(s, SPEC_EVAL, model->name);
	struct field_where w = { s->file, model->gate.v[0].line };

	if (node && node->ref_text[SPEC_MODEL] && model_of(s, node) != model)
		return field_error(&w,
				   "the gates of [model \"%s\"] are judged by eval/%s, but [eval "
				   "\"%s\"] on line %d measures another model",
				   model->name, model->name, node->name, node->line);
	if (!node) {
		node = section_new(SPEC_EVAL, model->name, s->file, w.line);
		node->implied = true;
		node->ref_text[SPEC_MODEL] = xstrdup(model->name);
		insert(s, model->place + 1, node);
	}
	section_take_gates(node, model);
	return 0;
}

static int imply_evals(struct spec *s)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->n; i++)
		if (s->v[i]->kind == SPEC_MODEL && s->v[i]->gate.n)
			rc = imply_eval(s, s->v[i]);
	return rc;
}

/* What each node reads; nodes that read each other in a circle are refused. */
static int link_all(struct spec *s)
{
	const struct spec_node **order;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->n; i++)
		if ((rc = inherit_dataset(s, s->v[i])) == 0 && (rc = section_finish(s->v[i])) == 0)
			rc = needs_read(s, s->v[i]);
	for (size_t i = 0; rc == 0 && i < s->n; i++)
		rc = section_check_linked(s->v[i]);
	if (rc == 0 && (rc = spec_order(s, &order)) == 0)
		free(order);
	return rc;
}

int spec_parse(const char *data, size_t n, const char *file, struct spec **out)
{
	struct spec *s = xcalloc(1, sizeof *s);
	struct config c;
	int rc;

	*out = NULL;
	s->file = xstrdup(file);
	rc = config_parse(data, n, file, &c);
	if (rc == 0)
		rc = read_sections(s, &c);
	if (rc == 0)
		rc = imply_evals(s);
	if (rc == 0)
		rc = link_all(s);
	config_clear(&c);
	if (rc == 0)
		*out = s;
	else
		spec_free(s);
	return rc;
}

int spec_load(const char *path, struct spec **out)
{
	struct buf b = BUF_INIT;
	int rc;

	*out = NULL;
	if (!file_exists(path)) {
		error_set(ERR_NOT_FOUND, "there is no %s here", path_base(path));
		return error_hint(ERR_NOT_FOUND, "mich quickstart FILE --label COLUMN writes one");
	}
	rc = file_read(path, &b);
	if (rc == 0)
		rc = spec_parse(b.data, b.len, path_base(path), out);
	buf_clear(&b);
	return rc;
}

void spec_free(struct spec *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		section_free(s->v[i]);
	for (size_t i = 0; i < s->n_policy; i++)
		policy_clear(&s->policy[i]);
	free(s->policy);
	free(s->v);
	free(s->file);
	free(s);
}

/* Read pairs into node as if a section had them. */
static int read_pairs(struct spec_node *node, const char *const *pairs)
{
	int rc = 0;

	for (; rc == 0 && *pairs; pairs += 2) {
		char *key = xstrdup(pairs[0]), *value = xstrdup(pairs[1]);
		struct config_entry e = { .key = key, .value = value };

		rc = section_read(node, &e);
		free(key);
		free(value);
	}
	return rc;
}

int spec_define(struct spec *s, enum spec_kind kind, const char *name, const char *const *pairs,
		struct spec_node **out)
{
	struct spec_node *node, *old = spec_find(s, kind, name);
	int rc = spec_check_name(name);

	*out = NULL;
	if (rc < 0)
		return rc;
	if (old && !old->implied)
		return error_set(ERR_EXISTS, "%s/%s is a section of %s, line %d",
				 spec_kind_name(kind), name, s->file, old->line);
	node = section_new(kind, name, "command line", 0);
	if ((rc = read_pairs(node, pairs)) < 0 || (rc = inherit_dataset(s, node)) < 0 ||
	    (rc = section_finish(node)) < 0) {
		section_free(node);
		return rc;
	}
	if (old)
		drop(s, old->place);
	insert(s, s->n, node);
	if ((rc = link_all(s)) == 0)
		*out = node;
	return rc;
}

int spec_set(struct spec *s, struct spec_node *node, const char *const *assignments, size_t n)
{
	struct spec_node *eval = spec_find(s, SPEC_EVAL, node->name);
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = section_set(node, assignments[i]);
	if (rc == 0 && node->kind == SPEC_MODEL && eval && eval->implied)
		section_take_gates(eval, node);
	return rc < 0 ? rc : link_all(s);
}
