/*
 * query.h - what a user's query is: refused, in parallel or on one thread, and in which order.
 *
 * Everything is read from DuckDB's own trees (json_serialize_sql, json_serialize_plan), so quotes,
 * comments, common table expressions and macros hide nothing. Allowed is one SELECT over the inputs
 * by their names; table functions that make rows (range, unnest, ...) but none that reads anything.
 */
#ifndef MICH_TABLE_DUCKDB_QUERY_H
#define MICH_TABLE_DUCKDB_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/table/duckdb/session.h"

struct query {
	char *sql;	      /* without comments and semicolons at its end */
	bool clock;	      /* it asks what time it is */
	bool random;	      /* it calls random() or the like */
	bool keeps_order;     /* scan, filter, projection: rows come in the source's order */
	bool ordered;	      /* its own ORDER BY */
	bool ordered_by_all;  /* ... ALL */
	bool limited;	      /* its own LIMIT or OFFSET */
	char *sequential;     /* why it must run on one thread; NULL: it need not */
	char *foreign;	      /* what it reads besides its inputs: refused by query_read() */
	struct strlist names; /* of its columns */
	struct strlist types; /* DuckDB's names of their types */
};

/*
 * Read and judge sql over tables of these names, which must exist in the session already (empty
 * ones will do). what names it in errors: "query". ERR_INPUT: refused, with what to do instead.
 */
int query_read(struct session *s, const char *sql, const char *what, const struct strlist *inputs,
	       struct query *out);
void query_clear(struct query *q);

/*
 * Make now() and its relatives give clock_ms in this session, and check that nothing of the query
 * still asks the real clock. To be called while the inputs are what they were in query_read().
 */
int query_set_clock(struct session *s, const struct query *q, int64_t clock_ms);

/*
 * The query with its rows in an order that no thread can change: its own, then order (positions
 * from 1, n of them), then all columns; untouched where the source's order or a LIMIT decides.
 * *how_out: "query", "source" or "columns". Caller frees *sql_out.
 */
int query_ordered(struct session *s, const struct query *q, const size_t *order, size_t n,
		  const char **how_out, char **sql_out);

/*
 * The pieces, for checks.c. query_tree: parse and judge sql; *node_out (a new reference) is DuckDB's
 * tree of it, numbers as reals; only q->random is set. query_serialized: the raw answer of
 * json_serialize_sql or json_serialize_plan. query_tree_error: the sentence for an answer that is
 * an error.
 */
int query_tree(struct session *s, const char *sql, const char *what, const struct strlist *inputs,
	       struct query *q, json_t **node_out);
int query_serialized(struct session *s, const char *function, const char *sql, json_t **out);
int query_tree_error(const json_t *answer, const char *sql, const char *what);
bool query_is_row_maker(const char *table_function);	     /* range(), unnest(): reads nothing */
bool query_is_clock(const char *function, size_t arguments); /* age() only with one argument */

#endif
