/*
 * column.h - all values of one column of one split, and the figures of profile.h about them.
 *
 * Numbers are kept and sorted, texts are counted; either way the figures do not depend on the order
 * in which values came.
 */
#ifndef MICH_TABLE_PROFILE_COLUMN_H
#define MICH_TABLE_PROFILE_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/json.h"

enum column_kind { COLUMN_INT, COLUMN_DOUBLE, COLUMN_TIME, COLUMN_BOOL, COLUMN_TEXT };

struct column {
	enum column_kind kind;
	int64_t rows, nulls, odd; /* odd: NaN and infinities */
	uint64_t *key;		  /* numbers: (n) in an order-keeping form */
	size_t n, cap;
	int64_t yes;	     /* bool: how many are true */
	struct tally *tally; /* text */
};

void column_init(struct column *c, enum column_kind kind);
void column_clear(struct column *c);

/* valid: DuckDB's mask or NULL. ERR_FAIL: no memory. */
int column_add(struct column *c, const void *data, const uint64_t *valid, size_t n);

/* The figures; sorts. A new reference. */
int column_figures(struct column *c, json_t **out);

#endif
