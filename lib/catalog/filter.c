/* filter.c - recursive descent over a condition; each rule leaves the SQL of what it read. */
#define _GNU_SOURCE
#include "lib/catalog/filter.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/catalog/lexer.h"
#include "lib/catalog/operand.h"

enum {
	DEPTH_MAX = 60,	 /* of parentheses, NOT and minus */
	TERMS_MAX = 300, /* SQLite takes expressions up to 1000 deep */
	TEXT_MAX_BYTES = 64 * 1024,
	SHOWN_BYTES = 400,
};

struct parser {
	struct filter *out;
	filter_find_fn find;
	void *payload;
	struct lexer lexer;
	unsigned depth, terms;
	bool right; /* reading what a column is compared with */
};

static int parse_any(struct parser *p, struct operand *o);

static int as_value(const struct operand *o, const char *what)
{
	if (o->type != FILTER_CONDITION)
		return 0;
	return error_set(ERR_INPUT, "%s wants a column or a value on both sides, not a condition",
			 what);
}

static int parse_column(struct parser *p, struct operand *o)
{
	bool quoted = p->lexer.token == TOKEN_QUOTED;
	int rc = p->find(p->payload, p->lexer.word, &o->sql, &o->type);

	if (rc < 0 && (p->right || quoted || !*error_hint_text())) {
		char *near = xstrdup(error_hint_text());

		error_hint(rc, "%s%stext is written in single quotes: '%s'", near,
			   *near ? "; " : "", p->lexer.word);
		free(near);
	}
	if (rc < 0)
		return rc;
	memcpy(o->name, p->lexer.word, sizeof o->name);
	return lexer_next(&p->lexer);
}

static int parse_literal(struct parser *p, struct operand *o)
{
	bool truth = p->lexer.token == TOKEN_WORD;

	if (truth)
		p->lexer.value = (struct filter_value){ .type = FILTER_VALUE_INT,
							.i = !strcasecmp(p->lexer.word, "true") };
	operand_literal(p->out, p->lexer.value,
			truth					   ? FILTER_BOOL
			: p->lexer.value.type == FILTER_VALUE_TEXT ? FILTER_TEXT
								   : FILTER_NUMBER,
			o);
	p->lexer.value.s = NULL;
	return lexer_next(&p->lexer);
}

static bool is_keyword(const char *word)
{
	static const char *const words[] = { "and",  "or",   "not",	"in",  "is",
					     "like", "glob", "between", "null" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcasecmp(word, words[i]))
			return true;
	return false;
}

static int parse_primary(struct parser *p, struct operand *o)
{
	if (++p->terms > TERMS_MAX)
		return lexer_refuse(&p->lexer, "a shorter condition");
	if (p->lexer.token == TOKEN_NUMBER || p->lexer.token == TOKEN_TEXT ||
	    lexer_at_keyword(&p->lexer, "true") || lexer_at_keyword(&p->lexer, "false"))
		return parse_literal(p, o);
	if (p->lexer.token == TOKEN_QUOTED ||
	    (p->lexer.token == TOKEN_WORD && !is_keyword(p->lexer.word)))
		return parse_column(p, o);
	if (!lexer_at_sign(&p->lexer, "("))
		return lexer_refuse(&p->lexer, "a column, a number or 'text'");
	if (lexer_next(&p->lexer) < 0 || parse_any(p, o) < 0)
		return ERR_INPUT;
	return lexer_sign(&p->lexer, ")", "a closing )");
}

static int parse_unary(struct parser *p, struct operand *o)
{
	struct buf sql = BUF_INIT;

	if (!lexer_at_sign(&p->lexer, "-"))
		return parse_primary(p, o);
	if (++p->depth > DEPTH_MAX)
		return lexer_refuse(&p->lexer, "fewer levels");
	if (lexer_next(&p->lexer) < 0 || parse_unary(p, o) < 0 || as_value(o, "-") < 0)
		return ERR_INPUT;
	p->depth--;
	buf_addstr(&sql, "(- ");
	operand_number_sql(p->out, o, &sql);
	buf_addch(&sql, ')');
	operand_set(o, &sql, FILTER_NUMBER);
	return 0;
}

/* a OP b into a, for numbers. Division is never the integers'. */
static int arithmetic(struct parser *p, struct operand *a, const char *op, const struct operand *b)
{
	struct buf sql = BUF_INIT;

	if (as_value(a, op) < 0 || as_value(b, op) < 0)
		return ERR_INPUT;
	if (operand_is_text(p->out, a) || operand_is_text(p->out, b))
		return error_set(ERR_INPUT, "cannot calculate with text");
	buf_addch(&sql, '(');
	operand_number_sql(p->out, a, &sql);
	buf_addf(&sql, "%s %s ", *op == '/' ? " * 1.0" : "", op);
	operand_number_sql(p->out, b, &sql);
	buf_addch(&sql, ')');
	operand_set(a, &sql, FILTER_NUMBER);
	return 0;
}

typedef int (*rule_fn)(struct parser *p, struct operand *o);

static int parse_chain(struct parser *p, struct operand *o, const char *const ops[2], rule_fn rule)
{
	struct operand next = OPERAND_INIT;
	int rc = rule(p, o);

	while (rc == 0 && (lexer_at_sign(&p->lexer, ops[0]) || lexer_at_sign(&p->lexer, ops[1]))) {
		char op[2] = { p->lexer.word[0], 0 };

		if ((rc = lexer_next(&p->lexer)) < 0 || (rc = rule(p, &next)) < 0)
			break;
		rc = arithmetic(p, o, op, &next);
		operand_clear(&next);
		next = (struct operand)OPERAND_INIT;
	}
	operand_clear(&next);
	return rc;
}

static int parse_product(struct parser *p, struct operand *o)
{
	static const char *const ops[] = { "*", "/" };

	return parse_chain(p, o, ops, parse_unary);
}

static int parse_sum(struct parser *p, struct operand *o)
{
	static const char *const ops[] = { "+", "-" };

	return parse_chain(p, o, ops, parse_product);
}

/* Read one value and add `o OP value` to sql. */
static int compare_next(struct parser *p, const struct operand *o, const char *op, struct buf *sql)
{
	struct operand next = OPERAND_INIT;
	int rc;

	p->right = true;
	rc = parse_sum(p, &next);
	p->right = false;
	if (rc == 0 && (rc = as_value(&next, op)) == 0)
		rc = operand_compare(p->out, o, op, &next, sql);
	operand_clear(&next);
	return rc;
}

static int parse_in(struct parser *p, const struct operand *o, struct buf *sql)
{
	if (lexer_sign(&p->lexer, "(", "( after IN") < 0)
		return ERR_INPUT;
	buf_addch(sql, '(');
	for (;;) {
		if (compare_next(p, o, "=", sql) < 0)
			return ERR_INPUT;
		if (!lexer_at_sign(&p->lexer, ","))
			break;
		buf_addstr(sql, " OR ");
		if (lexer_next(&p->lexer) < 0)
			return ERR_INPUT;
	}
	buf_addch(sql, ')');
	return lexer_sign(&p->lexer, ")", ", or a closing )");
}

static int parse_between(struct parser *p, const struct operand *o, struct buf *sql)
{
	buf_addch(sql, '(');
	if (compare_next(p, o, ">=", sql) < 0 ||
	    lexer_keyword(&p->lexer, "and", "AND of BETWEEN") < 0)
		return ERR_INPUT;
	buf_addstr(sql, " AND ");
	if (compare_next(p, o, "<=", sql) < 0)
		return ERR_INPUT;
	buf_addch(sql, ')');
	return 0;
}

static int parse_pattern(struct parser *p, const struct operand *o, const char *op, struct buf *sql)
{
	struct operand next = OPERAND_INIT;

	if (p->lexer.token != TOKEN_TEXT)
		return lexer_refuse(&p->lexer, "a pattern in single quotes");
	if (parse_literal(p, &next) < 0)
		return ERR_INPUT;
	buf_addch(sql, '(');
	operand_sql(p->out, o, sql);
	buf_addf(sql, " %s ", op);
	operand_sql(p->out, &next, sql);
	buf_addch(sql, ')');
	return 0;
}

static int parse_is(struct parser *p, const struct operand *o, struct buf *sql)
{
	bool negated = lexer_at_keyword(&p->lexer, "not");

	if ((negated && lexer_next(&p->lexer) < 0) ||
	    lexer_keyword(&p->lexer, "null", "NULL after IS") < 0)
		return ERR_INPUT;
	buf_addch(sql, '(');
	operand_sql(p->out, o, sql);
	buf_addstr(sql, negated ? " IS NOT NULL)" : " IS NULL)");
	return 0;
}

/* What follows a value: [NOT] IN, BETWEEN, LIKE, GLOB; IS; a comparison. 1: none of them. */
static int parse_test(struct parser *p, const struct operand *o, struct buf *sql)
{
	static const char *const ops[] = { "=", "==", "!=", "<>", "<", "<=", ">", ">=" };
	bool negated = lexer_at_keyword(&p->lexer, "not");

	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		if (lexer_at_sign(&p->lexer, ops[i])) {
			const char *op = i == 1 ? "=" : i == 3 ? "!=" : ops[i];

			return lexer_next(&p->lexer) < 0 ? ERR_INPUT : compare_next(p, o, op, sql);
		}
	if (lexer_at_keyword(&p->lexer, "is"))
		return lexer_next(&p->lexer) < 0 ? ERR_INPUT : parse_is(p, o, sql);
	if (negated) {
		if (lexer_next(&p->lexer) < 0)
			return ERR_INPUT;
		buf_addstr(sql, "NOT ");
	}
	if (lexer_at_keyword(&p->lexer, "in"))
		return lexer_next(&p->lexer) < 0 ? ERR_INPUT : parse_in(p, o, sql);
	if (lexer_at_keyword(&p->lexer, "between"))
		return lexer_next(&p->lexer) < 0 ? ERR_INPUT : parse_between(p, o, sql);
	if (lexer_at_keyword(&p->lexer, "like"))
		return lexer_next(&p->lexer) < 0 ? ERR_INPUT : parse_pattern(p, o, "LIKE", sql);
	if (lexer_at_keyword(&p->lexer, "glob"))
		return lexer_next(&p->lexer) < 0 ? ERR_INPUT : parse_pattern(p, o, "GLOB", sql);
	return negated ? lexer_refuse(&p->lexer, "IN, BETWEEN, LIKE or GLOB after NOT") : 1;
}

static int parse_comparison(struct parser *p, struct operand *o)
{
	struct buf sql = BUF_INIT;
	int rc = parse_sum(p, o);

	if (rc == 0 && o->type != FILTER_CONDITION) {
		buf_addch(&sql, '(');
		rc = parse_test(p, o, &sql);
		buf_addch(&sql, ')');
		if (rc == 0)
			operand_set(o, &sql, FILTER_CONDITION);
		else if (rc > 0)
			rc = 0;
	}
	buf_clear(&sql);
	return rc;
}

static int parse_not(struct parser *p, struct operand *o)
{
	struct buf sql = BUF_INIT;

	if (!lexer_at_keyword(&p->lexer, "not"))
		return parse_comparison(p, o);
	if (++p->depth > DEPTH_MAX)
		return lexer_refuse(&p->lexer, "fewer levels");
	if (lexer_next(&p->lexer) < 0 || parse_not(p, o) < 0 || operand_condition(p->out, o) < 0)
		return ERR_INPUT;
	p->depth--;
	buf_addf(&sql, "(NOT %s)", o->sql.data);
	operand_set(o, &sql, FILTER_CONDITION);
	return 0;
}

/* rule {KEYWORD rule} */
static int parse_logic(struct parser *p, struct operand *o, const char *keyword, rule_fn rule)
{
	struct operand next = OPERAND_INIT;
	struct buf sql = BUF_INIT;
	int rc = rule(p, o);

	while (rc == 0 && lexer_at_keyword(&p->lexer, keyword)) {
		if ((rc = operand_condition(p->out, o)) < 0 || (rc = lexer_next(&p->lexer)) < 0 ||
		    (rc = rule(p, &next)) < 0 || (rc = operand_condition(p->out, &next)) < 0)
			break;
		buf_addf(&sql, "(%s %s %s)", o->sql.data, keyword, next.sql.data);
		operand_set(o, &sql, FILTER_CONDITION);
		operand_clear(&next);
		next = (struct operand)OPERAND_INIT;
	}
	operand_clear(&next);
	return rc;
}

static int parse_and(struct parser *p, struct operand *o)
{
	return parse_logic(p, o, "AND", parse_not);
}

static int parse_any(struct parser *p, struct operand *o)
{
	bool right = p->right;
	int rc;

	if (++p->depth > DEPTH_MAX)
		return lexer_refuse(&p->lexer, "fewer levels");
	p->right = false;
	rc = parse_logic(p, o, "OR", parse_and);
	p->right = right;
	p->depth--;
	return rc;
}

static int parse(struct parser *p)
{
	struct operand o = OPERAND_INIT;
	int rc;

	if ((rc = lexer_next(&p->lexer)) == 0 && (rc = parse_any(p, &o)) == 0) {
		if (p->lexer.token != TOKEN_END)
			rc = lexer_refuse(&p->lexer, o.type == FILTER_CONDITION
							     ? "AND, OR or the end"
							     : "a comparison such as = or <");
		else if ((rc = operand_condition(p->out, &o)) == 0)
			buf_add(&p->out->sql, o.sql.data, o.sql.len);
	}
	operand_clear(&o);
	return rc;
}

int filter_parse(const char *text, size_t n, unsigned first, filter_find_fn find, void *payload,
		 struct filter *out)
{
	struct parser p = { .out = out, .find = find, .payload = payload };
	int rc;

	*out = (struct filter)FILTER_INIT;
	out->first = first;
	if (n > TEXT_MAX_BYTES || memchr(text, '\0', n))
		return error_set(ERR_INPUT, "a condition is text of at most %d bytes",
				 TEXT_MAX_BYTES);
	error_clear();
	lexer_init(&p.lexer, text, n);
	rc = parse(&p);
	lexer_clear(&p.lexer);
	return rc < 0 ? error_wrap(rc, "condition '%.*s'", (int)(n > SHOWN_BYTES ? SHOWN_BYTES : n),
				   text)
		      : 0;
}

void filter_clear(struct filter *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->values[i].s);
	free(f->values);
	buf_clear(&f->sql);
	*f = (struct filter)FILTER_INIT;
}
