/* operand.h - a part of a condition as SQL: a column, a value, a sum, a comparison. */
#ifndef MICH_CATALOG_OPERAND_H
#define MICH_CATALOG_OPERAND_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/catalog/filter.h"
#include "lib/catalog/lexer.h"

struct operand {
	struct buf sql; /* empty for a literal */
	enum filter_type type;
	bool literal;
	size_t index;		     /* of a literal in the filter's values */
	char name[LEXER_WORD_BYTES]; /* of a plain column, else "" */
};

#define OPERAND_INIT            \
	{                       \
		.sql = BUF_INIT \
	}

void operand_clear(struct operand *o);

/* Let sql, taken, be the operand. */
void operand_set(struct operand *o, struct buf *sql, enum filter_type type);

/* A literal; v is taken. */
void operand_literal(struct filter *f, struct filter_value v, enum filter_type type,
		     struct operand *o);

void operand_sql(const struct filter *f, const struct operand *o, struct buf *sql);

/* The same where a number is wanted: text is NULL, not 0. */
void operand_number_sql(const struct filter *f, const struct operand *o, struct buf *sql);
bool operand_is_text(const struct filter *f, const struct operand *o); /* a literal text */

/*
 * Add `a OP b` to sql. For a parameter against a number, text is neither less nor more. ERR_INPUT:
 * a time is compared with what is none.
 */
int operand_compare(const struct filter *f, const struct operand *a, const char *op,
		    const struct operand *b, struct buf *sql);

/* What AND, OR and NOT take: a comparison, or a column that is true or false by itself. ERR_INPUT.
 */
int operand_condition(const struct filter *f, struct operand *o);

#endif
