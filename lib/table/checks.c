/* checks.c - what the rows of a data set must hold. */
#define _GNU_SOURCE
#include "lib/table/checks.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/table/duckdb/sql.h"

static const char *const tables[] = { "data", "train", "test", "validation", "facts" };

static bool has_column(const struct query *q, const char *name)
{
	for (size_t i = 0; i < q->names.n; i++)
		if (strcasecmp(q->names.v[i], name) == 0)
			return true;
	return false;
}

/* main.data: all rows with split and rows; main.facts: one row that holds the counts. */
static int make_views(struct result *r)
{
	struct buf b = BUF_INIT;
	int rc;

	buf_addstr(&b, "CREATE OR REPLACE VIEW main.data AS SELECT *");
	if (!has_column(r->q, "split"))
		buf_addstr(&b, ", ['train', 'test', 'validation'][mich_split(rowid) + 1] AS split");
	if (!has_column(r->q, "rows"))
		buf_addf(&b, ", CAST(%lld AS BIGINT) AS rows", (long long)r->rows);
	buf_addstr(&b, " FROM mich.result");
	rc = session_exec(r->s, b.data, "prepare the checks");
	buf_reset(&b);
	buf_addf(&b, "CREATE OR REPLACE VIEW main.facts AS SELECT CAST(%lld AS BIGINT) AS rows",
		 (long long)r->rows);
	for (int k = 0; k < SPLITS; k++)
		buf_addf(&b, ", {'rows': CAST(%lld AS BIGINT)} AS %s", (long long)r->count[k],
			 split_names[k]);
	if (!rc)
		rc = session_exec(r->s, b.data, "prepare the checks");
	buf_clear(&b);
	return rc;
}

/* What an expression names outside of its subqueries. */
struct names {
	struct strlist functions;
	bool columns; /* any column of the data */
};

static void collect(const json_t *node, const struct query *q, struct names *out)
{
	const char *key, *class, *first;
	json_t *v;
	size_t i;

	if (json_is_array(node)) {
		json_array_foreach(node, i, v)
			collect(v, q, out);
		return;
	}
	if (!json_is_object(node))
		return;
	class = json_str(node, "class", "");
	if (strcmp(class, "FUNCTION") == 0 && !json_bool(node, "is_operator", false))
		strlist_add(&out->functions, json_str(node, "function_name", ""));
	if (strcmp(class, "COLUMN_REF") == 0) {
		first = json_string_value(json_array_get(json_object_get(node, "column_names"), 0));
		out->columns |= first && (has_column(q, first) || strcasecmp(first, "split") == 0);
	}
	json_object_foreach((json_t *)node, key, v)
		if (strcmp(class, "SUBQUERY") != 0 || strcmp(key, "subquery") != 0)
			collect(v, q, out);
}

static int any_aggregate(struct session *s, const struct strlist *functions, bool *out)
{
	struct buf b = BUF_INIT;
	struct answer a = { 0 };
	int rc;

	*out = false;
	if (!functions->n)
		return 0;
	buf_addstr(
		&b,
		"SELECT count(*) FROM duckdb_functions() WHERE function_type = 'aggregate' AND function_name IN (");
	for (size_t i = 0; i < functions->n; i++) {
		buf_addstr(&b, i ? ", lower(" : "lower(");
		sql_text(&b, functions->v[i]);
		buf_addch(&b, ')');
	}
	buf_addch(&b, ')');
	rc = answer_query(s, b.data, "read the check", &a);
	if (!rc)
		*out = strcmp(answer_at(&a, 0, 0), "0") != 0;
	answer_clear(&a);
	buf_clear(&b);
	return rc;
}

/* Row by row over data, or once over data (an aggregate), or once over facts. */
enum scope { SCOPE_ROWS, SCOPE_ALL, SCOPE_FACTS };

static int find_scope(struct result *r, const char *expr, enum scope *out)
{
	struct strlist inputs = STRLIST_INIT;
	struct names names = { 0 };
	struct query q = { 0 };
	json_t *tree = NULL;
	bool aggregate = false;
	char *sql = xasprintf("SELECT (%s\n)", expr);
	int rc;

	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		strlist_add(&inputs, tables[i]);
	rc = query_tree(r->s, sql, "check", &inputs, &q, &tree);
	if (!rc) {
		collect(json_object_get(tree, "select_list"), r->q, &names);
		rc = any_aggregate(r->s, &names.functions, &aggregate);
	}
	*out = aggregate ? SCOPE_ALL : names.columns ? SCOPE_ROWS : SCOPE_FACTS;
	free(sql);
	sql = xasprintf("SELECT (%s\n) AS ok FROM %s", expr,
			*out == SCOPE_FACTS ? "facts" : "data");
	if (!rc)
		rc = query_read(r->s, sql, "check", &inputs, &q);
	if (!rc && (q.random || q.clock))
		rc = error_set(
			ERR_INPUT,
			"it asks for the time or for random values: its answer would change");
	if (!rc && q.types.n && strcmp(q.types.v[0], "BOOLEAN") != 0)
		rc = error_set(ERR_INPUT, "it gives %s; a check is a condition, true or false",
			       q.types.v[0]);
	query_clear(&q);
	strlist_clear(&names.functions);
	strlist_clear(&inputs);
	json_decref(tree);
	free(sql);
	return rc;
}

static int count_failed(struct result *r, const char *expr, enum scope scope, int64_t *out)
{
	struct answer a = { 0 };
	char *sql;
	int rc;

	if (scope == SCOPE_ROWS)
		sql = xasprintf("SELECT count(*) FROM data WHERE NOT (%s\n)", expr);
	else
		sql = xasprintf("SELECT CASE WHEN (%s\n) THEN 0 ELSE 1 END FROM %s", expr,
				scope == SCOPE_ALL ? "data" : "facts");
	rc = answer_query(r->s, sql, "run the check", &a);
	if (!rc)
		*out = a.rows && answer_at(&a, 0, 0) ? strtoll(answer_at(&a, 0, 0), NULL, 10) : 1;
	answer_clear(&a);
	free(sql);
	return rc;
}

/* Up to five rows that fail, as objects. */
static int offenders(struct result *r, const char *expr, json_t *out)
{
	char *sql = xasprintf(
		"SELECT to_json(x) FROM (SELECT * EXCLUDE (rows) FROM data WHERE NOT (%s\n) LIMIT 5) x",
		expr);
	struct answer a = { 0 };
	json_t *row;
	int rc;

	if (has_column(r->q, "rows"))
		memmove(strstr(sql, "EXCLUDE (rows)"), "              ", 14);
	rc = answer_query(r->s, sql, "run the check", &a);
	for (size_t i = 0; i < a.rows && !rc; i++) {
		rc = json_parse(answer_at(&a, i, 0), strlen(answer_at(&a, i, 0)), "a row", &row);
		if (!rc)
			json_array_append_new(out, row);
	}
	answer_clear(&a);
	free(sql);
	return rc;
}

static int check_one(struct result *r, const char *expr, json_t **out)
{
	json_t *rows = json_array();
	int64_t failed = 0;
	enum scope scope = SCOPE_FACTS;
	int rc = find_scope(r, expr, &scope);

	if (!rc)
		rc = count_failed(r, expr, scope, &failed);
	if (!rc && failed && scope == SCOPE_ROWS)
		rc = offenders(r, expr, rows);
	if (rc) {
		json_decref(rows);
		return error_wrap(rc, "check '%s'", expr);
	}
	*out = json_pack("{s:s, s:b, s:I, s:o}", "expr", expr, "ok", !failed, "failed",
			 (json_int_t)failed, "rows", rows);
	return 0;
}

/* Of a row, the columns that the expression names: "distance 0, carrier "UA"". */
static void add_row(const char *expr, const json_t *row, struct buf *b)
{
	const char *key;
	bool more = false;
	json_t *v;

	json_object_foreach((json_t *)row, key, v) {
		if (!strcasestr(expr, key))
			continue;
		buf_addf(b, "%s%s ", more ? ", " : "; the first: ", key);
		json_canonical(v, b);
		more = true;
	}
}

static int failure(const json_t *check, size_t others)
{
	const char *expr = json_str(check, "expr", "");
	const json_t *row = json_array_get(json_object_get(check, "rows"), 0);
	struct buf b = BUF_INIT;

	buf_addf(&b, "check '%s' does not hold", expr);
	if (row) {
		buf_addf(&b, " in %lld rows", (long long)json_int(check, "failed", 0));
		add_row(expr, row, &b);
	}
	if (others)
		buf_addf(&b, " (and %zu more)", others);
	error_set(ERR_NO, "%s", b.data);
	buf_clear(&b);
	return ERR_NO;
}

int check_all(struct result *r, const char *const *checks, size_t n, json_t **out)
{
	json_t *list = json_array(), *one = NULL, *first = NULL;
	size_t failed = 0;
	int rc = n ? make_views(r) : 0;

	for (size_t i = 0; i < n && !rc; i++) {
		rc = check_one(r, checks[i], &one);
		if (rc)
			break;
		if (!json_bool(one, "ok", false) && !failed++)
			first = one;
		json_array_append_new(list, one);
	}
	if (rc) {
		json_decref(list);
		return rc;
	}
	*out = list;
	return first ? failure(first, failed - 1) : 0;
}
