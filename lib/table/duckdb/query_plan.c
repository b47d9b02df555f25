/* query_plan.c - what a query does once names and types are bound: its clock, its order, its
 * threads. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/table/duckdb/query.h"
#include "lib/table/duckdb/sql.h"

/* What gives the same rows whatever the number of threads, in some order. */
static const char *const parallel_steps[] = {
	"LOGICAL_GET",
	"LOGICAL_FILTER",
	"LOGICAL_PROJECTION",
	"LOGICAL_ORDER_BY",
	"LOGICAL_AGGREGATE_AND_GROUP_BY",
	"LOGICAL_COMPARISON_JOIN",
	"LOGICAL_ANY_JOIN",
	"LOGICAL_CROSS_PRODUCT",
	"LOGICAL_DELIM_JOIN",
	"LOGICAL_DELIM_GET",
	"LOGICAL_DEPENDENT_JOIN",
	"LOGICAL_UNION",
	"LOGICAL_EXCEPT",
	"LOGICAL_INTERSECT",
	"LOGICAL_DUMMY_SCAN",
	"LOGICAL_EXPRESSION_GET",
	"LOGICAL_CHUNK_GET",
	"LOGICAL_EMPTY_RESULT",
	"LOGICAL_MATERIALIZED_CTE",
	"LOGICAL_CTE_REF",
	"LOGICAL_UNNEST",
	"LOGICAL_DISTINCT",
};
static const char *const ordered_steps[] = { "LOGICAL_GET", "LOGICAL_FILTER", "LOGICAL_PROJECTION",
					     "LOGICAL_LIMIT", "LOGICAL_ORDER_BY" };
static const char *const exact_types[] = { "BOOLEAN",  "TINYINT", "SMALLINT", "INTEGER",
					   "BIGINT",   "HUGEINT", "UTINYINT", "USMALLINT",
					   "UINTEGER", "UBIGINT", "UHUGEINT", "DECIMAL" };

static bool listed(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(names[i], name) == 0)
			return true;
	return false;
}
#define LISTED(names, name) listed(names, ARRAY_LEN(names), name)

static void sequential(struct query *q, const char *fmt, const char *name)
{
	if (!q->sequential)
		q->sequential = xasprintf(fmt, name);
}

static bool inexact_type(const char *type)
{
	return strcmp(type, "FLOAT") == 0 || strcmp(type, "DOUBLE") == 0 ||
	       strcmp(type, "LIST") == 0 || strcmp(type, "STRUCT") == 0 ||
	       strcmp(type, "ARRAY") == 0 || strcmp(type, "MAP") == 0;
}

/* Counts, and sums and extremes of what has no rounding and no two zeros. */
static void judge_aggregate(struct query *q, const json_t *a)
{
	const char *name = json_str(a, "name", "?");
	const json_t *args = json_object_get(a, "arguments");
	const char *type = json_str(json_array_get(args, 0), "id", "");

	if (strcmp(name, "count") == 0 || strcmp(name, "count_star") == 0)
		return;
	if ((strcmp(name, "min") == 0 || strcmp(name, "max") == 0) && json_array_size(args) == 1 &&
	    !inexact_type(type))
		return;
	if ((strcmp(name, "sum") == 0 || strcmp(name, "avg") == 0 ||
	     strcmp(name, "sum_no_overflow") == 0) &&
	    LISTED(exact_types, type))
		return;
	if (!q->sequential)
		q->sequential = xasprintf("%s(%s) depends on the order of its rows", name, type);
}

/* A macro of DuckDB's own can read its catalog: pg_get_viewdef(), for one. */
static void judge_source(struct query *q, const json_t *get, size_t *gets)
{
	const char *name = json_str(get, "name", "");

	(*gets)++;
	if (strcmp(name, "seq_scan") != 0 && !query_is_row_maker(name) && !q->foreign)
		q->foreign = xstrdup(name);
}

static void judge_step(struct query *q, const json_t *node, const char *type, size_t *gets)
{
	if (strcmp(type, "LOGICAL_GET") == 0)
		judge_source(q, node, gets);
	if (!LISTED(ordered_steps, type))
		q->keeps_order = false;
	if (strcmp(type, "LOGICAL_DISTINCT") == 0 &&
	    strcmp(json_str(node, "distinct_type", ""), "DISTINCT") != 0)
		sequential(q, "DISTINCT ON keeps the first of several rows%s", "");
	else if (strcmp(type, "LOGICAL_LIMIT") == 0 || strcmp(type, "LOGICAL_TOP_N") == 0)
		sequential(q, "LIMIT, or a subquery for one value, keeps some of several rows%s",
			   "");
	else if (strcmp(type, "LOGICAL_WINDOW") == 0)
		sequential(q, "a window function depends on the order of its rows%s", "");
	else if (strcmp(type, "LOGICAL_SAMPLE") == 0)
		sequential(q, "SAMPLE keeps some of the rows%s", "");
	else if (!LISTED(parallel_steps, type))
		sequential(q, "%s may depend on the order of its rows", type + strlen("LOGICAL_"));
}

static void judge_function(struct query *q, const json_t *f)
{
	size_t n = json_array_size(json_object_get(f, "children"));

	q->clock |= query_is_clock(json_str(f, "name", ""), n);
}

static void judge(struct query *q, const json_t *node, size_t *gets)
{
	const char *key, *type, *class;
	json_t *v;
	size_t i;

	if (json_is_array(node)) {
		json_array_foreach(node, i, v)
			judge(q, v, gets);
		return;
	}
	if (!json_is_object(node))
		return;
	type = json_str(node, "type", "");
	class = json_str(node, "expression_class", "");
	if (strncmp(type, "LOGICAL_", 8) == 0 && !*class)
		judge_step(q, node, type, gets);
	else if (strcmp(class, "BOUND_AGGREGATE") == 0)
		judge_aggregate(q, node);
	else if (strcmp(class, "BOUND_FUNCTION") == 0)
		judge_function(q, node);
	json_object_foreach((json_t *)node, key, v)
		judge(q, v, gets);
}

/* A tree without types is all there is when a plan cannot be written down. */
static bool names_clock(const json_t *node)
{
	static const char *const words[] = { "current_timestamp", "current_date", "current_time",
					     "localtime", "localtimestamp" };
	const char *key, *name;
	json_t *v;
	size_t i;

	if (json_is_array(node)) {
		json_array_foreach(node, i, v)
			if (names_clock(v))
				return true;
		return false;
	}
	if (!json_is_object(node))
		return false;
	name = json_str(node, "function_name", "");
	if (query_is_clock(name, 1))
		return true;
	name = json_string_value(json_array_get(json_object_get(node, "column_names"), 0));
	if (name && LISTED(words, name))
		return true;
	json_object_foreach((json_t *)node, key, v)
		if (names_clock(v))
			return true;
	return false;
}

static int read_plan(struct session *s, const char *what, const json_t *tree, struct query *q)
{
	json_t *plan = NULL;
	size_t gets = 0;
	int rc = query_serialized(s, "json_serialize_plan", q->sql, &plan);

	if (rc)
		return rc;
	q->keeps_order = true;
	if (!json_bool(plan, "error", true)) {
		judge(q, json_object_get(plan, "plans"), &gets);
		q->keeps_order &= gets <= 1;
		if (q->foreign)
			rc = error_set(
				ERR_INPUT,
				"cannot run the %s: it reads %s(), and a %s reads only its inputs",
				what, q->foreign, what);
	} else if (strcmp(json_str(plan, "error_type", ""), "not implemented") == 0) {
		q->keeps_order = false;
		q->clock = names_clock(tree);
		sequential(q, "its plan cannot be read (%s)", json_str(plan, "error_message", ""));
	} else {
		rc = query_tree_error(plan, q->sql, what);
	}
	json_decref(plan);
	return rc;
}

static void read_modifiers(const json_t *tree, struct query *q, size_t *n_orders)
{
	json_t *m, *first;
	size_t i;

	json_array_foreach(json_object_get(tree, "modifiers"), i, m) {
		const char *type = json_str(m, "type", "");

		if (strncmp(type, "LIMIT", 5) == 0)
			q->limited = true;
		if (strcmp(type, "ORDER_MODIFIER") != 0)
			continue;
		q->ordered = true;
		*n_orders = json_array_size(json_object_get(m, "orders"));
		first = json_object_get(json_array_get(json_object_get(m, "orders"), 0),
					"expression");
		q->ordered_by_all = strcmp(json_str(first, "class", ""), "STAR") == 0;
	}
}

/* Names as a table made of the query would have them: a second "x" is "x_1". */
static int read_columns(struct session *s, struct query *q)
{
	struct buf b = BUF_INIT;
	struct answer g = { 0 };
	int rc;

	buf_addf(&b, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM (%s\n))",
		 q->sql);
	rc = answer_query(s, b.data, "run the query", &g);
	for (size_t i = 0; i < g.rows; i++) {
		strlist_add(&q->names, answer_at(&g, i, 0));
		strlist_add(&q->types, answer_at(&g, i, 1));
	}
	answer_clear(&g);
	buf_clear(&b);
	return rc;
}

int query_read(struct session *s, const char *sql, const char *what, const struct strlist *inputs,
	       struct query *out)
{
	json_t *tree = NULL;
	size_t n = 0;
	int rc;

	memset(out, 0, sizeof *out);
	out->sql = xstrndup(sql, sql_trimmed(sql, strlen(sql)));
	rc = query_tree(s, out->sql, what, inputs, out, &tree);
	if (!rc) {
		read_modifiers(tree, out, &n);
		rc = read_plan(s, what, tree, out);
	}
	if (!rc)
		rc = read_columns(s, out);
	json_decref(tree);
	if (rc)
		query_clear(out);
	return rc;
}

void query_clear(struct query *q)
{
	free(q->sql);
	free(q->sequential);
	free(q->foreign);
	strlist_clear(&q->names);
	strlist_clear(&q->types);
	memset(q, 0, sizeof *q);
}

int query_set_clock(struct session *s, const struct query *q, int64_t clock_ms)
{
	static const char *const macros[][2] = {
		{ "now()", "CAST(make_timestamp(%lld000) AT TIME ZONE 'UTC' AS TIMESTAMPTZ)" },
		{ "get_current_timestamp()",
		  "CAST(make_timestamp(%lld000) AT TIME ZONE 'UTC' AS TIMESTAMPTZ)" },
		{ "transaction_timestamp()",
		  "CAST(make_timestamp(%lld000) AT TIME ZONE 'UTC' AS TIMESTAMPTZ)" },
		{ "current_localtimestamp()", "make_timestamp(%lld000)" },
		{ "current_date()", "CAST(make_timestamp(%lld000) AS DATE)" },
		{ "today()", "CAST(make_timestamp(%lld000) AS DATE)" },
		{ "current_localtime()", "CAST(make_timestamp(%lld000) AS TIME)" },
		{ "get_current_time()", "CAST(CAST(make_timestamp(%lld000) AS TIME) AS TIMETZ)" },
		{ "age(a)", "system.main.age(make_timestamp(%lld000), CAST(a AS TIMESTAMP)), "
			    "(a, b) AS system.main.age(a, b)" },
	};
	struct query after = { .sql = q->sql };
	struct buf b = BUF_INIT;
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(macros) && !rc; i++) {
		const char *at = strstr(macros[i][1], "%lld");

		buf_reset(&b);
		buf_addf(&b, "CREATE OR REPLACE MACRO %s AS ", macros[i][0]);
		buf_add(&b, macros[i][1], (size_t)(at - macros[i][1]));
		buf_addf(&b, "%lld%s", (long long)clock_ms, at + 4);
		rc = session_exec(s, b.data, "set the clock");
	}
	buf_clear(&b);
	if (!rc)
		rc = read_plan(s, "query", NULL, &after);
	if (!rc && after.clock)
		rc = error_set(
			ERR_INPUT,
			"cannot run the query: it asks what time it is in a way that cannot be "
			"replayed");
	after.sql = NULL;
	query_clear(&after);
	return rc;
}

/* Position i, then those of order that are not the same, then all others. */
static void add_positions(const struct query *q, const size_t *order, size_t n, bool comma,
			  struct buf *b)
{
	for (size_t i = 0; i < n; i++, comma = true)
		buf_addf(b, "%s%zu", comma ? ", " : "", order[i]);
	for (size_t i = 1; i <= q->names.n; i++, comma = true)
		buf_addf(b, "%s%zu", comma ? ", " : "", i);
}

/* The query's own ORDER BY with ties broken; the new text must parse to just that. */
static int break_ties(struct session *s, const struct query *q, const size_t *order, size_t n,
		      char **sql_out)
{
	struct query now = { 0 }, before = { 0 };
	struct buf b = BUF_INIT;
	json_t *tree = NULL;
	size_t had = 0, has = 0;
	int rc = query_serialized(s, "json_serialize_sql", q->sql, &tree);

	if (!rc)
		read_modifiers(
			json_object_get(json_array_get(json_object_get(tree, "statements"), 0),
					"node"),
			&before, &had);
	json_decref(tree);
	tree = NULL;
	buf_addstr(&b, q->sql);
	add_positions(q, order, n, true, &b);
	if (!rc)
		rc = query_serialized(s, "json_serialize_sql", b.data, &tree);
	if (!rc)
		read_modifiers(
			json_object_get(json_array_get(json_object_get(tree, "statements"), 0),
					"node"),
			&now, &has);
	json_decref(tree);
	if (!rc && has != had + n + q->names.n)
		rc = error_set(ERR_INPUT,
			       "cannot run the query: its ORDER BY must be its last clause");
	if (!rc)
		*sql_out = buf_take(&b);
	buf_clear(&b);
	return rc;
}

int query_ordered(struct session *s, const struct query *q, const size_t *order, size_t n,
		  const char **how_out, char **sql_out)
{
	struct buf b = BUF_INIT;

	if (q->ordered) {
		*how_out = "query";
		if (!q->limited && !q->ordered_by_all)
			return break_ties(s, q, order, n, sql_out);
		*sql_out = xstrdup(q->sql);
		return 0;
	}
	if (q->keeps_order && !n) {
		*how_out = "source";
		*sql_out = xstrdup(q->sql);
		return 0;
	}
	*how_out = "columns";
	buf_addf(&b, "SELECT * FROM (%s\n) ORDER BY ", q->sql);
	add_positions(q, order, n, false, &b);
	*sql_out = buf_take(&b);
	return 0;
}
