/* operand.c - a part of a condition as SQL. */
#include "lib/catalog/operand.h"

#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"

void operand_clear(struct operand *o)
{
	buf_clear(&o->sql);
}

void operand_set(struct operand *o, struct buf *sql, enum filter_type type)
{
	buf_clear(&o->sql);
	o->sql = *sql;
	*sql = (struct buf)BUF_INIT;
	o->type = type;
	o->literal = false;
	o->name[0] = '\0';
}

void operand_literal(struct filter *f, struct filter_value v, enum filter_type type,
		     struct operand *o)
{
	ARRAY_GROW(f->values, f->n, f->cap);
	f->values[f->n] = v;
	o->literal = true;
	o->type = type;
	o->index = f->n++;
}

/* The CAST gives a number an affinity, so that SQLite reads a stored '5' as 5 against it. */
void operand_sql(const struct filter *f, const struct operand *o, struct buf *sql)
{
	static const char *const types[] = { "NUMERIC", "NUMERIC", "TEXT" };

	if (o->literal)
		buf_addf(sql, "CAST(?%zu AS %s)", f->first + o->index,
			 types[f->values[o->index].type]);
	else
		buf_add(sql, o->sql.data, o->sql.len);
}

bool operand_is_text(const struct filter *f, const struct operand *o)
{
	return o->literal && f->values[o->index].type == FILTER_VALUE_TEXT;
}

void operand_number_sql(const struct filter *f, const struct operand *o, struct buf *sql)
{
	if (o->literal || o->type != FILTER_ANY) {
		operand_sql(f, o, sql);
		return;
	}
	buf_addstr(sql, "CASE WHEN ");
	operand_sql(f, o, sql);
	buf_addstr(sql, " <= CAST(9e999 AS NUMERIC) THEN ");
	operand_sql(f, o, sql);
	buf_addstr(sql, " END");
}

static int time_literal(const struct filter *f, const struct operand *column,
			const struct operand *o)
{
	struct filter_value *v = &f->values[o->index];
	int64_t ms = 0;

	if (v->type != FILTER_VALUE_TEXT || clock_parse_iso(v->s, &ms) < 0)
		return error_set(ERR_INPUT,
				 "%s is a time: compare it with one, as in %s > '2026-11-22'",
				 column->name, column->name);
	free(v->s);
	*v = (struct filter_value){ .type = FILTER_VALUE_INT, .i = ms };
	return 0;
}

/* A parameter beside text is text. */
static void add_side(const struct filter *f, const struct operand *o, bool text, struct buf *sql)
{
	buf_addstr(sql, text ? "CAST(" : "");
	operand_sql(f, o, sql);
	buf_addstr(sql, text ? " AS TEXT)" : "");
}

int operand_compare(const struct filter *f, const struct operand *a, const char *op,
		    const struct operand *b, struct buf *sql)
{
	const struct operand *any = !a->literal && a->type == FILTER_ANY   ? a
				    : !b->literal && b->type == FILTER_ANY ? b
									   : NULL;
	const struct operand *other = any == a ? b : a;
	bool ordered = *op == '<' || *op == '>';

	if (!a->literal && a->type == FILTER_TIME && b->literal && time_literal(f, a, b) < 0)
		return ERR_INPUT;
	if (!b->literal && b->type == FILTER_TIME && a->literal && time_literal(f, b, a) < 0)
		return ERR_INPUT;
	buf_addch(sql, '(');
	if (any && !operand_is_text(f, other) && other->type == FILTER_BOOL) {
		buf_addf(sql, "(");
		operand_sql(f, any, sql);
		buf_addstr(sql, " IN (1, 'true')) IS ");
		buf_addstr(sql, *op == '=' ? "" : "NOT ");
		operand_sql(f, other, sql);
		buf_addstr(sql, " AND ");
		operand_sql(f, any, sql);
		buf_addstr(sql, " IS NOT NULL)");
		return 0;
	}
	add_side(f, a, a == any && operand_is_text(f, b), sql);
	buf_addf(sql, " %s ", op);
	add_side(f, b, b == any && operand_is_text(f, a), sql);
	if (ordered && any && !operand_is_text(f, other) &&
	    (other->literal || other->type == FILTER_NUMBER)) {
		buf_addstr(sql, " AND ");
		operand_sql(f, any, sql);
		buf_addstr(sql, " <= CAST(9e999 AS NUMERIC)");
	}
	buf_addch(sql, ')');
	return 0;
}

int operand_condition(const struct filter *f, struct operand *o)
{
	struct buf sql = BUF_INIT;

	if (o->type == FILTER_CONDITION)
		return 0;
	if (o->type != FILTER_BOOL && (o->literal || o->type != FILTER_ANY || !o->name[0])) {
		if (o->name[0])
			return error_set(ERR_INPUT,
					 "%s alone is neither true nor false: compare it, as in "
					 "%s = 1",
					 o->name, o->name);
		return error_set(
			ERR_INPUT,
			"a value alone is neither true nor false: want a comparison, as in "
			"max_depth > 4");
	}
	buf_addch(&sql, '(');
	operand_sql(f, o, &sql);
	buf_addstr(&sql, o->type == FILTER_ANY ? " IN (1, 'true'))" : " = 1)");
	operand_set(o, &sql, FILTER_CONDITION);
	return 0;
}
