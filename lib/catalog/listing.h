/* listing.h - versions as a table: which ones, in which order, with which columns. */
#ifndef MICH_CATALOG_LISTING_H
#define MICH_CATALOG_LISTING_H

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/catalog/facet.h"
#include "lib/record/version.h"

struct listing_query {
	const char *kind, *name;      /* NULL: any */
	const char *space, *released; /* only what is released under that namespace, that name in
					 it; NULL: any, also what is not */
	bool versions;		      /* a row a version; else a row an artifact: its latest */
	const char *where;	      /* a condition (filter.h), NULL: all */
	const char
		*sort; /* "test.rmse, -started": a dash for falling; NULL: by name, newest first */
	const char *columns; /* "ref,params,test.rmse"; params, metrics, tags are all of them. NULL:
				usual */
};

struct listing_cell {
	enum { CELL_NONE, CELL_INT, CELL_REAL, CELL_TEXT, CELL_TIME } type;
	int64_t i;
	double d;
	char *s; /* owned */
};

struct listing {
	struct facet *columns; /* (n_columns) */
	size_t n_columns, columns_cap;
	struct version *versions;   /* (n) */
	struct listing_cell *cells; /* (n, n_columns) */
	size_t n, cap;
};

#define LISTING_INIT \
	{            \
		0    \
	}

/* ERR_INPUT for a column or a condition that cannot be; an unknown kind or name is an empty table.
 */
int listing_read(struct index *x, const struct listing_query *q, struct listing *out);
void listing_clear(struct listing *l);

const struct listing_cell *listing_cell(const struct listing *l, size_t row, size_t column);
void listing_text(const struct listing_cell *c, struct buf *out); /* "" for CELL_NONE */
bool listing_is_number(const struct listing *l, size_t column);	  /* every cell is, and some is */

#endif
