/*
 * filter.h - a condition on versions as a person types it, turned into SQL with every value bound.
 *
 *	max_depth > 4 AND test.rmse < 20 AND state = 'good' AND tag.owner = 'ann'
 *
 * OR AND NOT ( ) = == != <> < <= > >= IN (..) BETWEEN .. AND .. LIKE GLOB IS [NOT] NULL + - * /,
 *numbers, 'text', TRUE, FALSE, and columns: words with dots and dashes, or anything in double
 *quotes. A column that a version lacks is NULL: no comparison with it holds. Numbers never compare
 *with text. None of the typed bytes reaches the SQL: columns are replaced by what the caller gives
 *for them.
 */
#ifndef MICH_CATALOG_FILTER_H
#define MICH_CATALOG_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

enum filter_type {
	FILTER_ANY, /* a parameter or a tag: text or a number */
	FILTER_NUMBER,
	FILTER_TEXT,
	FILTER_TIME,	  /* milliseconds since 1970; compared with '2026-11-22' or
			     '2026-11-22T06:12:02Z' */
	FILTER_BOOL,	  /* 0 or 1 */
	FILTER_CONDITION, /* true, false or NULL; no column has it */
};

struct filter_value {
	enum { FILTER_VALUE_INT, FILTER_VALUE_REAL, FILTER_VALUE_TEXT } type;
	int64_t i;
	double d;
	char *s; /* owned */
};

/*
 * The SQL expression of a column, such as "v.number", added to sql. ERR_INPUT when there is no such
 * column, with the nearest as hint.
 */
typedef int (*filter_find_fn)(void *payload, const char *name, struct buf *sql,
			      enum filter_type *type);

struct filter {
	struct buf sql;		     /* one expression; value i is ?(first + i) */
	struct filter_value *values; /* (n) to bind, in order */
	size_t n, cap;
	unsigned first;
};

#define FILTER_INIT             \
	{                       \
		.sql = BUF_INIT \
	}

/* Parse n bytes. ERR_INPUT says where and what was wanted. filter_clear() after errors too. */
int filter_parse(const char *text, size_t n, unsigned first, filter_find_fn find, void *payload,
		 struct filter *out);
void filter_clear(struct filter *f);

#endif
