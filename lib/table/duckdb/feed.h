/* feed.h - rows of ours that DuckDB reads as a table, in order and on one thread. */
#ifndef MICH_TABLE_DUCKDB_FEED_H
#define MICH_TABLE_DUCKDB_FEED_H

#include "lib/base/buf.h"
#include "lib/table/duckdb/session.h"

/* Rows of one Parquet row group: fixed, so that the bytes of a file depend on its rows alone. */
enum { TABLE_ROW_GROUP = 122880 };

struct feed {
	size_t n;
	const char *const *names; /* (n) */
	void *const *types;	  /* (n) logical types; borrowed while the feed is registered */
	/* Fill chunk and set its size; size 0 is the end. Negative: error_set() was called. */
	int (*next)(struct feed *f, void *chunk);
	void *payload;
};

/* Register, and append the table expression that reads it. A feed can be read once. */
int feed_sql(struct session *s, struct feed *f, struct buf *sql);

#endif
