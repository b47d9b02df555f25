/* joined.c - several contracts as one. */
#include "lib/model/joined.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

void joined_clear(struct joined *j)
{
	contract_clear(&j->contract);
	dict_clear(&j->names);
	strlist_clear(&j->by);
	free(j->first);
	free(j->labelled);
	*j = (struct joined)JOINED_INIT;
}

static bool same_classes(const struct strlist *a, const struct strlist *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]))
			return false;
	return true;
}

static bool is_number(enum frame_type t)
{
	return t == FRAME_INT || t == FRAME_DOUBLE;
}

static void classes_text(const struct strlist *classes, struct buf *out)
{
	enum { SHOWN = 8 };

	for (size_t i = 0; i < classes->n && i < SHOWN; i++)
		buf_addf(out, "%s%s", i ? ", " : "", classes->v[i]);
	if (classes->n > SHOWN)
		buf_addf(out, " and %zu more", classes->n - SHOWN);
	if (!classes->n)
		buf_addstr(out, "none");
}

static int refuse_classes(const struct joined *j, const struct contract *c, const char *name)
{
	struct buf a = BUF_INIT, b = BUF_INIT;

	classes_text(&j->contract.classes, &a);
	classes_text(&c->classes, &b);
	error_set(ERR_INPUT, "'%s' and '%s' differ in their classes: %s (%s), %s (%s)", j->first,
		  name, a.data, frame_type_name(j->contract.label_type), b.data,
		  frame_type_name(c->label_type));
	buf_clear(&a);
	buf_clear(&b);
	return ERR_INPUT;
}

/* A model made elsewhere may not know what its label is called. */
static int join_label(struct joined *j, const struct contract *c, const char *name)
{
	struct contract *all = &j->contract;

	if (c->label && all->label && strcmp(c->label, all->label))
		return error_set(ERR_INPUT, "'%s' predicts %s, '%s' predicts %s", j->labelled,
				 all->label, name, c->label);
	if (c->label && !all->label) {
		all->label = xstrdup(c->label);
		j->labelled = xstrdup(name);
		if (!all->classes.n)
			all->label_type = c->label_type;
	}
	return 0;
}

static int join_answer(struct joined *j, const struct contract *c, const char *name)
{
	struct contract *all = &j->contract;

	if (!j->first) {
		j->first = xstrdup(name);
		all->mode = c->mode;
		all->task = c->task;
		all->label_type = c->label_type;
		for (size_t i = 0; i < c->classes.n; i++)
			strlist_add(&all->classes, c->classes.v[i]);
	} else if (all->task != c->task) {
		return error_set(ERR_INPUT, "'%s' is a model of %s, '%s' one of %s", j->first,
				 contract_task_name(all->task), name, contract_task_name(c->task));
	} else if (!same_classes(&all->classes, &c->classes) ||
		   (c->classes.n && all->label_type != c->label_type)) {
		return refuse_classes(j, c, name);
	}
	if (!all->classes.n && is_number(all->label_type) && c->label_type == FRAME_DOUBLE)
		all->label_type = FRAME_DOUBLE;
	return join_label(j, c, name);
}

/* Do both hold values that mean the same to a model? An int does for a double. */
static bool same_kind(const struct contract_column *a, const struct contract_column *b)
{
	if (contract_coded(a) || contract_coded(b))
		return contract_coded(a) == contract_coded(b) && a->type == b->type;
	return a->type == b->type || (is_number(a->type) && is_number(b->type));
}

static const char *kind_name(const struct contract_column *c)
{
	return contract_coded(c) && c->type != FRAME_STRING ? "a category"
							    : frame_type_name(c->type);
}

void joined_copy_column(struct contract *c, const struct contract_column *from)
{
	struct contract_column *col = contract_coded(from)
					      ? contract_add_coded(c, from->name, from->type)
					      : contract_add(c, from->name, from->type);

	col->nullable = from->nullable;
	col->ranged = from->ranged;
	col->min = from->min;
	col->max = from->max;
	col->dropped = from->dropped;
	for (size_t i = 0; i < from->categories.n; i++)
		dict_add(&col->categories, from->categories.v[i].s);
}

static int widen(struct contract_column *col, const struct contract_column *with)
{
	if (col->type != with->type)
		col->type = FRAME_DOUBLE;
	col->nullable = col->nullable || with->nullable;
	col->ranged = col->ranged && with->ranged;
	col->min = fmin(col->min, with->min);
	col->max = fmax(col->max, with->max);
	col->dropped = col->dropped > with->dropped ? col->dropped : with->dropped;
	for (size_t i = 0; i < with->categories.n; i++)
		dict_add(&col->categories, with->categories.v[i].s);
	if (col->categories.n > CONTRACT_CATEGORIES)
		return error_set(ERR_INPUT, "the models know %zu categories of '%s', more than %d",
				 col->categories.n, col->name, CONTRACT_CATEGORIES);
	return 0;
}

int joined_add(struct joined *j, const struct contract *c, const char *name)
{
	int rc = join_answer(j, c, name);

	for (size_t i = 0; !rc && i < c->n; i++) {
		const struct contract_column *col = &c->cols[i];
		size_t at = dict_add(&j->names, col->name);

		if (at == j->contract.n) {
			joined_copy_column(&j->contract, col);
			strlist_add(&j->by, name);
			continue;
		}
		if (!same_kind(col, &j->contract.cols[at]))
			return error_set(ERR_INPUT, "the column '%s' is %s to '%s', and %s to '%s'",
					 col->name, kind_name(&j->contract.cols[at]), j->by.v[at],
					 kind_name(col), name);
		rc = widen(&j->contract.cols[at], col);
	}
	return rc;
}

void joined_pick_clear(struct joined_pick *p)
{
	for (size_t i = 0; p->codes && i < p->n; i++)
		free(p->codes[i]);
	free(p->codes);
	free(p->n_codes);
	free(p->from);
	*p = (struct joined_pick)JOINED_PICK_INIT;
}

/* NULL where each category has the same code in both. */
static float *codes_of(const struct dict *whole, const struct dict *part)
{
	float *codes = xcalloc(whole->n + 1, sizeof *codes);
	bool same = true;

	for (size_t i = 0; i < whole->n; i++) {
		int64_t at = dict_find(part, whole->v[i].s);

		codes[i] = at < 0 ? NAN : (float)at;
		same = same && at == (int64_t)i;
	}
	if (!same)
		return codes;
	free(codes);
	return NULL;
}

static int pick_column(const struct contract *whole, const struct dict *names,
		       const struct contract_column *col, struct joined_pick *p)
{
	int64_t at = dict_find(names, col->name);
	const struct contract_column *in = &whole->cols[at < 0 ? 0 : at];

	if (at < 0)
		return error_set(ERR_CORRUPT, "it asks for the column '%s', which is not given",
				 col->name);
	if (!same_kind(in, col))
		return error_set(ERR_CORRUPT, "its column '%s' is %s, and %s is given", col->name,
				 kind_name(col), kind_name(in));
	for (size_t k = 0; k < col->n_parts; k++)
		p->from[col->input + k] = in->input + k;
	if (contract_coded(col)) {
		p->codes[col->input] = codes_of(&in->categories, &col->categories);
		p->n_codes[col->input] = in->categories.n;
	}
	return 0;
}

int joined_pick_init(const struct contract *whole, const struct contract *part,
		     struct joined_pick *out)
{
	struct dict names = DICT_INIT;
	int rc = 0;

	*out = (struct joined_pick){ .n = part->inputs,
				     .width = whole->inputs,
				     .from = xcalloc(part->inputs + 1, sizeof *out->from),
				     .codes = xcalloc(part->inputs + 1, sizeof *out->codes),
				     .n_codes = xcalloc(part->inputs + 1, sizeof *out->n_codes) };
	for (size_t i = 0; !rc && i < whole->n; i++)
		if (dict_add(&names, whole->cols[i].name) != i)
			rc = error_set(ERR_CORRUPT, "two of its columns are called '%s'",
				       whole->cols[i].name);
	for (size_t i = 0; !rc && i < part->n; i++)
		rc = pick_column(whole, &names, &part->cols[i], out);
	dict_clear(&names);
	out->same = !rc && out->n == out->width;
	for (size_t i = 0; out->same && i < out->n; i++)
		out->same = out->from[i] == i && !out->codes[i];
	return rc;
}

static float recode(const struct joined_pick *p, size_t i, float code)
{
	return code >= 0 && code < (float)p->n_codes[i] ? p->codes[i][(size_t)code] : NAN;
}

void joined_pick_apply(const struct joined_pick *p, const float *x, int64_t rows, float *out)
{
	for (int64_t r = 0; r < rows; r++, x += p->width, out += p->n)
		for (size_t i = 0; i < p->n; i++)
			out[i] = p->codes[i] ? recode(p, i, x[p->from[i]]) : x[p->from[i]];
}
