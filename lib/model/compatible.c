/* compatible.c - two contracts, column by column. */
#include "lib/model/compatible.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/model/rows/cell.h"

enum { NAMED = 5 }; /* so many categories are told by name */

struct comparing {
	const struct contract *old, *now;
	json_t *rows;
	bool breaks;
};

/* before and after are taken. */
__attribute__((format(printf, 7, 8))) static void differ(struct comparing *c, const char *what,
							 const char *column, json_t *before,
							 json_t *after, bool breaking,
							 const char *fmt, ...)
{
	struct buf why = BUF_INIT;
	json_t *row;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&why, fmt, ap);
	va_end(ap);
	row = json_pack("{s:s, s:s*, s:o, s:o, s:b, s:s}", "what", what, "column", column, "before",
			before, "after", after, "breaking", breaking, "why", why.data);
	json_array_append_new(c->rows, row);
	c->breaks = c->breaks || breaking;
	buf_clear(&why);
}

static void compare_type(struct comparing *c, const struct contract_column *a,
			 const struct contract_column *b)
{
	const char *before = frame_type_name(a->type), *after = frame_type_name(b->type);
	bool wider = a->type == FRAME_INT && b->type == FRAME_DOUBLE;

	if (a->type != b->type)
		differ(c, "type", a->name, json_string(before), json_string(after), !wider,
		       "column '%s' was %s, is %s", a->name, before, after);
}

static void compare_missing(struct comparing *c, const struct contract_column *a,
			    const struct contract_column *b)
{
	if (a->nullable != b->nullable)
		differ(c, "nullable", a->name, json_boolean(a->nullable), json_boolean(b->nullable),
		       a->nullable, "column '%s' %s be missing", a->name,
		       a->nullable ? "may no longer" : "may now");
}

/* The names of `from` that are not in `in`: a list, and the first of them as text. */
static json_t *names_not_in(const struct dict *from, const struct dict *in, struct buf *text)
{
	json_t *list = json_array();

	for (size_t i = 0; i < from->n; i++) {
		if (dict_find(in, from->v[i].s) >= 0)
			continue;
		if (json_array_size(list) < NAMED)
			buf_addf(text, "%s'%s'", text->len ? ", " : "", from->v[i].s);
		json_array_append_new(list, json_bytes(from->v[i].s));
	}
	if (json_array_size(list) > NAMED)
		buf_addf(text, " and %zu more", json_array_size(list) - NAMED);
	return list;
}

static void compare_categories(struct comparing *c, const struct contract_column *a,
			       const struct contract_column *b)
{
	struct buf gone = BUF_INIT, came = BUF_INIT;
	json_t *lost, *won;

	if (!contract_coded(a) || !contract_coded(b))
		return;
	lost = names_not_in(&a->categories, &b->categories, &gone);
	won = names_not_in(&b->categories, &a->categories, &came);
	if (json_array_size(lost))
		differ(c, "categories", a->name, lost, won, true, "column '%s' no longer knows %s",
		       a->name, gone.data);
	else if (json_array_size(won))
		differ(c, "categories", a->name, lost, won, false, "column '%s' knows also %s",
		       a->name, came.data);
	else
		json_decref(lost), json_decref(won);
	buf_clear(&gone);
	buf_clear(&came);
}

static json_t *range_of(const struct contract_column *col)
{
	return col->ranged ? json_pack("[o,o]", json_number(col->min), json_number(col->max))
			   : json_null();
}

static void put_range(const struct contract_column *col, struct buf *out)
{
	if (!col->ranged) {
		buf_addstr(out, "any value");
		return;
	}
	for (int i = 0; i < 2; i++) {
		double v = i ? col->max : col->min;

		buf_addstr(out, i ? " to " : "");
		if (col->type == FRAME_TIME)
			cell_put_time(out, (int64_t)v);
		else
			cell_put_double(out, v);
	}
}

static void compare_range(struct comparing *c, const struct contract_column *a,
			  const struct contract_column *b)
{
	bool narrower = b->ranged && (!a->ranged || b->min > a->min || b->max < a->max);
	struct buf before = BUF_INIT, after = BUF_INIT;

	if (a->ranged != b->ranged || (a->ranged && (a->min != b->min || a->max != b->max))) {
		put_range(a, &before);
		put_range(b, &after);
		differ(c, "range", a->name, range_of(a), range_of(b),
		       narrower && c->now->mode == CONTRACT_REJECT,
		       "column '%s' was %s in training, now %s", a->name, before.data, after.data);
	}
	buf_clear(&before);
	buf_clear(&after);
}

static void compare_column(struct comparing *c, const struct contract_column *a)
{
	const struct contract_column *b = contract_find(c->now, a->name);

	if (!b) {
		differ(c, "removed", a->name, json_string(frame_type_name(a->type)), json_null(),
		       false, "column '%s' is no longer asked for", a->name);
		return;
	}
	compare_type(c, a, b);
	compare_missing(c, a, b);
	compare_categories(c, a, b);
	if (!contract_coded(a) && !contract_coded(b))
		compare_range(c, a, b);
}

static void compare_added(struct comparing *c, const struct contract_column *b)
{
	const char *type = frame_type_name(b->type);

	if (!contract_find(c->old, b->name))
		differ(c, "added", b->name, json_null(), json_string(type), true,
		       "column '%s' (%s) is asked for", b->name, type);
}

/* coerce takes the most, then warn, then reject. */
static void compare_mode(struct comparing *c)
{
	static const int strict[] = {
		[CONTRACT_COERCE] = 0, [CONTRACT_WARN] = 1, [CONTRACT_REJECT] = 2
	};
	static const char *const names[] = {
		[CONTRACT_WARN] = "warn", [CONTRACT_REJECT] = "reject", [CONTRACT_COERCE] = "coerce"
	};
	const char *before = names[c->old->mode], *after = names[c->now->mode];

	if (c->old->mode != c->now->mode)
		differ(c, "mode", NULL, json_string(before), json_string(after),
		       strict[c->now->mode] > strict[c->old->mode], "the contract was %s, is %s",
		       before, after);
}

static json_t *list_of(const struct strlist *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(list, json_bytes(l->v[i]));
	return list;
}

static bool same_list(const struct strlist *a, const struct strlist *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = !strcmp(a->v[i], b->v[i]);
	return same;
}

static void compare_answer(struct comparing *c)
{
	const struct contract *a = c->old, *b = c->now;
	const char *before = contract_task_name(a->task), *after = contract_task_name(b->task);
	bool classes = a->classes.n && b->classes.n;

	if (a->task != b->task) {
		differ(c, "task", NULL, json_string(before), json_string(after), true,
		       "it answered %s, now %s", before, after);
		return;
	}
	if (!same_list(&a->classes, &b->classes))
		differ(c, "classes", NULL, list_of(&a->classes), list_of(&b->classes), true,
		       "it answered %zu classes, now other ones (%zu)", a->classes.n, b->classes.n);
	if (classes && a->label_type != b->label_type)
		differ(c, "label type", NULL, json_string(frame_type_name(a->label_type)),
		       json_string(frame_type_name(b->label_type)), true,
		       "the predicted class was %s, is %s", frame_type_name(a->label_type),
		       frame_type_name(b->label_type));
}

bool contract_compatible(const struct contract *old, const struct contract *new_,
			 json_t **differences)
{
	struct comparing c = { .old = old, .now = new_, .rows = json_array() };

	for (size_t i = 0; i < old->n; i++)
		compare_column(&c, &old->cols[i]);
	for (size_t i = 0; i < new_->n; i++)
		compare_added(&c, &new_->cols[i]);
	compare_mode(&c);
	compare_answer(&c);
	*differences = c.rows;
	return !c.breaks;
}
