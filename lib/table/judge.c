/* judge.c - check recorded tables without building them again. */
#include "lib/table/judge.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/table/checks.h"
#include "lib/table/result.h"
#include "lib/table/source/inputs.h"

struct tables {
	struct table_source sources[SPLITS];
	char *paths[SPLITS];
	int split[SPLITS]; /* of each source */
	size_t n;
	struct inputs in;
	struct query q;
	struct result r;
};

static int find_tables(struct tables *t, const char *dir)
{
	for (int k = 0; k < SPLITS; k++) {
		char *path = xasprintf("%s/%s.parquet", dir, split_names[k]);

		if (access(path, R_OK) < 0) {
			free(path);
			continue;
		}
		t->paths[t->n] = path;
		t->split[t->n] = k;
		t->sources[t->n++] = (struct table_source){ .name = split_names[k], .path = path };
	}
	return t->n ? 0
		    : error_set(ERR_INPUT, "there is no train, test or validation.parquet in '%s'",
				dir);
}

/* All rows in the order of the splits, as the table mich.result. */
static int load(struct tables *t)
{
	struct buf sql = BUF_INIT, create = BUF_INIT;
	int rc;

	for (size_t i = 0; i < t->n; i++)
		buf_addf(&sql, "%sSELECT * FROM %s", i ? " UNION ALL " : "", t->sources[i].name);
	rc = inputs_ask(&t->in, sql.data, 0, false, &t->q);
	if (!rc)
		rc = inputs_settle(&t->in);
	buf_addf(&create, "CREATE TABLE mich.result AS %s", sql.data);
	if (!rc)
		rc = session_exec(t->in.s, create.data, "read the tables");
	buf_clear(&sql);
	buf_clear(&create);
	return rc;
}

static int count(struct tables *t)
{
	struct answer a = { 0 };
	int64_t at = 0;
	int rc = 0;

	t->r.s = t->in.s;
	t->r.q = &t->q;
	for (size_t i = 0; i < t->n && !rc; i++) {
		char *sql = xasprintf("SELECT count(*) FROM %s", t->sources[i].name);

		rc = answer_query(t->in.s, sql, "count the rows", &a);
		if (!rc)
			t->r.count[t->split[i]] = strtoll(answer_at(&a, 0, 0), NULL, 10);
		t->r.rows += rc ? 0 : t->r.count[t->split[i]];
		answer_clear(&a);
		a = (struct answer){ 0 };
		free(sql);
	}
	if (!rc)
		rc = mem_alloc((size_t)t->r.rows, 1, &t->r.split);
	for (size_t i = 0; i < t->n && !rc; i++) {
		memset(t->r.split + at, t->split[i], (size_t)t->r.count[t->split[i]]);
		at += t->r.count[t->split[i]];
	}
	return rc;
}

static json_t *describe(const struct tables *t)
{
	json_t *schema = json_array(), *rows = json_object();

	for (size_t i = 0; i < t->q.names.n; i++)
		json_array_append_new(schema, json_pack("{s:s,s:s}", "name", t->q.names.v[i],
							"type", t->q.types.v[i]));
	for (int k = 0; k < SPLITS; k++)
		json_object_set_new(rows, split_names[k], json_integer(t->r.count[k]));
	return json_pack("{s:o,s:o,s:s+}", "schema", schema, "rows", rows, "engine", "DuckDB ",
			 duck.library_version());
}

int table_judge(const struct table_judge *j, json_t **report_out)
{
	struct tables t = { 0 };
	json_t *checks = NULL;
	int rc;

	*report_out = NULL;
	if ((rc = find_tables(&t, j->dir)) ||
	    (rc = inputs_open(&t.in, t.sources, t.n, j->threads, 0, j->scratch_dir)) ||
	    (rc = load(&t)) || (rc = count(&t)) || (rc = result_views(&t.r)))
		goto out;
	rc = check_all(&t.r, j->checks, j->n_checks, &checks);
	if (rc && rc != ERR_NO)
		goto out;
	*report_out = describe(&t);
	json_object_set(*report_out, "checks", checks);
out:
	json_decref(checks);
	result_clear(&t.r);
	query_clear(&t.q);
	inputs_close(&t.in);
	for (size_t i = 0; i < t.n; i++)
		free(t.paths[i]);
	return rc;
}
