/* adopt-contract.c - the contract of a model that was trained elsewhere: made, completed, held to the trees. */
#include "lib/model/trees/adopt.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"

static const char *type_of(const struct adopted *a, size_t input)
{
	return a->trees.types.n == a->trees.inputs ? a->trees.types.v[input] : "";
}

static bool is_categorical(const struct adopted *a, size_t input)
{
	return a->inputs[input].codes || !strcmp(type_of(a, input), "c");
}

static int no_column(const struct frame *head, const char *name)
{
	const char **names = xcalloc(head->n + 1, sizeof *names);

	for (size_t i = 0; i < head->n; i++)
		names[i] = head->cols[i].name;
	error_set(ERR_INPUT, "the file's input '%s' is no column of the data", name);
	strlist_hint(ERR_INPUT, names, head->n, name);
	free(names);
	return ERR_INPUT;
}

/* The time column that "t.hour" is made of, as long as t is one; else NULL. */
static const struct frame_column *time_of(const struct frame *head, const char *input)
{
	const char *dot = strrchr(input, '.');
	char *stem = dot ? xstrndup(input, (size_t)(dot - input)) : NULL;
	const struct frame_column *c = stem ? frame_find(head, stem) : NULL;

	free(stem);
	return c && c->type == FRAME_TIME ? c : NULL;
}

int adopted_columns(const struct adopted *a, const struct frame *head, const char *const *names,
		    size_t n, struct strlist *out)
{
	const bool given = n > 0;

	if (!given && !a->names.n)
		return error_hint(error_set(ERR_INPUT, "the file does not name its %zu inputs",
					    a->trees.inputs),
				  "name the columns in their order: --columns COLUMN,...");
	names = given ? names : (const char *const *)a->names.v;
	n = given ? n : a->names.n;
	for (size_t i = 0; i < n; i++) {
		const struct frame_column *c = frame_find(head, names[i]);

		c = c ? c : time_of(head, names[i]);
		if (!c)
			return no_column(head, names[i]);
		if (!strlist_has(out, c->name))
			strlist_add(out, c->name);
	}
	return 0;
}

static int unnamed(const struct adopted *a, size_t input, const char *column)
{
	if (a->inputs[input].numbers) {
		error_set(ERR_INPUT,
			  "column '%s' has categories that are numbers: only text is scored",
			  column);
		return error_hint(ERR_INPUT, "give its codes as integers: --categories codes");
	}
	error_set(ERR_INPUT,
		  "column '%s' has categories, and the file does not say which code each has",
		  column);
	return error_hint(
		ERR_INPUT,
		"say it: --contract FILE, or --like DATASET with --categories sorted (as pandas) or "
		"frequent (as mich), or --categories codes");
}

static int set_categories(const struct strlist *from, const char *column, struct dict *out)
{
	dict_clear(out);
	*out = (struct dict)DICT_INIT;
	for (size_t i = 0; i < from->n; i++) {
		json_t *s = json_string(from->v[i]);

		json_decref(s);
		if (!s || dict_add(out, from->v[i]) != i)
			return error_set(
				ERR_INPUT,
				"column '%s' has a category twice, or one that is not UTF-8",
				column);
	}
	return 0;
}

static int too_many(const char *column, size_t n)
{
	return error_set(ERR_INPUT, "column '%s' has %zu categories, at most %d are scored", column,
			 n, CONTRACT_CATEGORIES);
}

static int add_column(const struct adopted *a, size_t input, const char *name,
		      enum adopt_order order, struct contract *c)
{
	const struct strlist *known = &a->inputs[input].categories;
	const char *type = type_of(a, input);
	enum frame_type t = !strcmp(type, "i")	   ? FRAME_BOOL
			    : !strcmp(type, "int") ? FRAME_INT
						   : FRAME_DOUBLE;
	struct contract_column *col;

	if (is_categorical(a, input) && order == ADOPT_CODES)
		t = FRAME_INT;
	else if (is_categorical(a, input) && !known->n)
		return unnamed(a, input, name);
	else if (is_categorical(a, input))
		t = FRAME_STRING;
	if (t == FRAME_STRING && known->n > CONTRACT_CATEGORIES)
		return too_many(name, known->n);
	col = contract_add(c, name, t);
	col->nullable = true;
	return t == FRAME_STRING ? set_categories(known, name, &col->categories) : 0;
}

int adopted_contract(const struct adopted *a, const char *const *names, size_t n,
		     enum adopt_order order, struct contract *c)
{
	struct dict seen = DICT_INIT;
	char counted[24];
	int rc = 0;

	if (n && n != a->trees.inputs)
		return error_set(ERR_INPUT, "%zu columns are named, but the file has %zu inputs", n,
				 a->trees.inputs);
	for (size_t i = 0; i < a->trees.inputs && !rc; i++) {
		const char *name = n ? names[i] : a->names.n ? a->names.v[i] : counted;

		snprintf(counted, sizeof counted, "f%zu", i);
		if (dict_add(&seen, name) != i)
			rc = error_set(ERR_INPUT, "two inputs are called '%s'", name);
		else
			rc = add_column(a, i, name, order, c);
	}
	c->task = a->trees.objective->task;
	dict_clear(&seen);
	return rc;
}

/* The categories that rows have, in their order by bytes or by count. */
static void order_categories(const struct dict *d, enum adopt_order order, struct strlist *out)
{
	for (size_t i = 0; i < d->n; i++)
		strlist_add(out, d->v[i].s);
	if (order == ADOPT_SORTED)
		strlist_sort(out);
}

static int recode(const struct adopted *a, enum adopt_order order, struct contract_column *col)
{
	const struct adopted_input *in = &a->inputs[col->input];
	struct strlist ordered = STRLIST_INIT;
	int rc;

	if (in->categories.n > CONTRACT_CATEGORIES)
		return too_many(col->name, in->categories.n);
	if (in->categories.n)
		return set_categories(&in->categories, col->name, &col->categories);
	if (order != ADOPT_SORTED && order != ADOPT_FREQUENT)
		return unnamed(a, col->input, col->name);
	order_categories(&col->categories, order, &ordered);
	rc = set_categories(&ordered, col->name, &col->categories);
	strlist_clear(&ordered);
	return rc;
}

int adopted_recode(const struct adopted *a, enum adopt_order order, struct contract *c)
{
	int rc = 0;

	if (c->inputs != a->trees.inputs)
		return adopted_check(a, c);
	for (size_t i = 0; i < c->n && !rc; i++) {
		const struct contract_column *col = &c->cols[i];

		if (col->type == FRAME_STRING)
			rc = recode(a, order, &c->cols[i]);
		else if (is_categorical(a, col->input) && order != ADOPT_CODES)
			rc = unnamed(a, col->input, col->name);
	}
	return rc;
}

void adopted_classes(const struct adopted *a, struct contract *c)
{
	size_t n = a->trees.groups > 1 ? a->trees.groups : 2;

	if (c->classes.n || (c->task != TASK_BINARY && c->task != TASK_MULTICLASS))
		return;
	c->label_type = FRAME_INT;
	for (size_t i = 0; i < n; i++)
		strlist_addf(&c->classes, "%zu", i);
}

/* What the objective predicts may be taken for something else of the same shape. */
static bool suits(const struct adopted *a, enum contract_task task)
{
	const struct objective *o = a->trees.objective;

	switch (task) {
	case TASK_BINARY:
		return a->trees.groups == 1 && (o->output == LINK_LOGISTIC || o->task == task);
	case TASK_REGRESSION:
		return o->task != TASK_MULTICLASS;
	case TASK_RANKING:
		return a->trees.groups == 1;
	default:
		return o->task == task;
	}
}

static int check_task(const struct adopted *a, const struct contract *c)
{
	enum contract_task own = a->trees.objective->task;
	size_t groups = a->trees.groups;

	if (!suits(a, c->task))
		return error_set(ERR_INPUT, "the file is of task %s (%s), the contract of %s",
				 contract_task_name(own), a->trees.objective->name,
				 contract_task_name(c->task));
	if (own == TASK_MULTICLASS && c->classes.n != groups)
		return error_set(ERR_INPUT, "the file has %zu classes, the contract %zu", groups,
				 c->classes.n);
	return 0;
}

static int check_column(const struct adopted *a, const struct contract_column *col)
{
	size_t codes = a->inputs[col->input].codes;
	bool named = a->inputs[col->input].categories.n > 0;

	if (col->type == FRAME_STRING && col->categories.n < codes)
		return error_set(
			ERR_INPUT,
			"column '%s' has %zu categories in the contract, but the trees ask for code %zu",
			col->name, col->categories.n, codes - 1);
	if (col->type == FRAME_STRING && *type_of(a, col->input) && !is_categorical(a, col->input))
		return error_set(ERR_INPUT, "column '%s' is text, but a number in the file",
				 col->name);
	if (col->type != FRAME_STRING && col->type != FRAME_INT && is_categorical(a, col->input))
		return error_set(
			ERR_INPUT,
			"column '%s' has categories in the file; want %s, and the contract has %s",
			col->name, named ? "a string" : "a string, or the codes as an int",
			frame_type_name(col->type));
	return 0;
}

int adopted_check(const struct adopted *a, const struct contract *c)
{
	struct strlist inputs = STRLIST_INIT;
	int rc = 0;

	if (c->inputs != a->trees.inputs)
		return error_set(ERR_INPUT, "the contract makes %zu inputs, but the file has %zu",
				 c->inputs, a->trees.inputs);
	contract_inputs(c, &inputs);
	for (size_t i = 0; i < a->names.n && !rc; i++)
		if (strcmp(a->names.v[i], inputs.v[i]))
			rc = error_set(ERR_INPUT,
				       "input %zu is '%s' in the file, but '%s' in the contract", i,
				       a->names.v[i], inputs.v[i]);
	for (size_t i = 0; i < c->n && !rc; i++)
		rc = check_column(a, &c->cols[i]);
	strlist_clear(&inputs);
	return rc ? rc : check_task(a, c);
}
