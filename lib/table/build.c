/* build.c - the whole job of a data set step. */
#include "lib/table/build.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/table/checks.h"
#include "lib/table/duckdb/sql.h"
#include "lib/table/profile/profile.h"
#include "lib/table/result.h"
#include "lib/table/source/inputs.h"

struct build {
	const struct table_plan *plan;
	struct inputs in;
	struct query q;
	struct result r;
	const char *order; /* what orders the rows */
	char *out[SPLITS]; /* the files */
	int64_t bytes[SPLITS];
	bool sequential;
	json_t *report;
};

static int place_outputs(struct build *b, const char *out_dir)
{
	char *real = realpath(out_dir, NULL);

	if (!real)
		return error_errno("cannot write to '%s'", out_dir);
	for (int k = 0; k < SPLITS; k++) {
		b->out[k] = xasprintf("%s/%s.parquet", real, split_names[k]);
		strlist_add(&b->in.opts.paths, b->out[k]);
	}
	free(real);
	return 0;
}

/* Positions, from 1, of the columns of plan->order. */
static int find_order(const struct build *b, size_t **out)
{
	*out = xcalloc(b->plan->n_order + 1, sizeof **out);
	for (size_t i = 0; i < b->plan->n_order; i++) {
		for (size_t c = 0; c < b->q.names.n && !(*out)[i]; c++)
			if (strcmp(b->q.names.v[c], b->plan->order[i]) == 0)
				(*out)[i] = c + 1;
		if (!(*out)[i])
			return error_set(ERR_INPUT,
					 "cannot order by '%s': the data have no such column",
					 b->plan->order[i]);
	}
	return 0;
}

static int check_label(const struct build *b)
{
	const char *label = b->plan->label;

	if (!label)
		return 0;
	for (size_t i = 0; i < b->q.names.n; i++)
		if (strcmp(b->q.names.v[i], label) == 0)
			return 0;
	error_set(ERR_INPUT, "cannot use label '%s': the data have no such column", label);
	return strlist_hint(ERR_INPUT, (const char *const *)b->q.names.v, b->q.names.n, label);
}

static int check_varies(struct build *b)
{
	struct buf sql = BUF_INIT;
	struct answer a = { 0 };
	int rc;

	if (!b->plan->label)
		return 0;
	buf_addstr(&sql, "SELECT min(l) IS NOT DISTINCT FROM max(l), min(l) IS NULL FROM (SELECT ");
	sql_ident(&sql, b->plan->label);
	buf_addstr(&sql, " AS l FROM mich.result)");
	rc = answer_query(b->in.s, sql.data, "read the label", &a);
	if (!rc && strcmp(answer_at(&a, 0, 0), "true") == 0) {
		error_set(ERR_INPUT, "cannot use label '%s': it is %s in all %lld rows",
			  b->plan->label,
			  strcmp(answer_at(&a, 0, 1), "true") == 0 ? "missing" : "the same",
			  (long long)b->r.rows);
		rc = error_hint(ERR_INPUT, "name a column that varies: label = COLUMN");
	}
	answer_clear(&a);
	buf_clear(&sql);
	return rc;
}

/* Read, judge and settle the query; afterwards the session is locked. */
static int prepare(struct build *b, char **sql_out)
{
	const struct table_plan *p = b->plan;
	size_t *order = NULL;
	int rc = inputs_ask(&b->in, p->query, p->clock_ms, p->is_volatile, &b->q);

	if (!rc)
		rc = check_label(b);
	if (!rc)
		rc = find_order(b, &order);
	if (!rc)
		rc = query_ordered(b->in.s, &b->q, order, p->n_order, &b->order, sql_out);
	free(order);
	b->sequential = p->exact && b->q.sequential;
	if (!rc && b->sequential)
		rc = session_threads(b->in.s, 1);
	return rc ? rc : inputs_settle(&b->in);
}

/* The rows, in their final order, as the table mich.result. */
static int run_query(struct build *b, const char *sql)
{
	struct buf text = BUF_INIT;
	struct answer a = { 0 };
	int rc;

	buf_addf(&text, "CREATE TABLE mich.result AS %s", sql);
	rc = inputs_explain(&b->in, session_exec(b->in.s, text.data, "run the query"));
	if (!rc)
		rc = answer_query(b->in.s, "SELECT count(*) FROM mich.result", "count the rows",
				  &a);
	if (!rc) {
		b->r.s = b->in.s;
		b->r.q = &b->q;
		b->r.rows = strtoll(answer_at(&a, 0, 0), NULL, 10);
		if (!b->r.rows)
			rc = error_set(ERR_INPUT, "cannot make a data set: there are no rows");
	}
	answer_clear(&a);
	buf_clear(&text);
	return rc;
}

static int write_splits(struct build *b)
{
	struct stat st;
	int rc = 0;

	for (int k = 0; k < SPLITS && !rc; k++) {
		if (!b->r.count[k])
			continue;
		rc = result_write(&b->r, k, b->out[k]);
		if (!rc && stat(b->out[k], &st) < 0)
			rc = error_errno("cannot read '%s'", b->out[k]);
		b->bytes[k] = rc ? 0 : (int64_t)st.st_size;
	}
	return rc;
}

static int add_profile(struct build *b)
{
	struct table_split_file files[SPLITS];
	json_t *profile = NULL, *schema, *column;
	size_t n = 0, i;
	int rc;

	for (int k = 0; k < SPLITS; k++)
		if (b->r.count[k])
			files[n++] = (struct table_split_file){ split_names[k], b->out[k] };
	rc = table_profile(files, n, b->plan->threads, &profile);
	if (rc)
		return rc;
	json_object_set_new(b->report, "profile", profile);
	/* Parquet has fewer types: a HUGEINT becomes a DOUBLE, an ENUM a VARCHAR. */
	schema = json_array();
	json_array_foreach(json_object_get(profile, "columns"), i, column)
		json_array_append_new(schema,
				      json_pack("{s:s, s:s}", "name", json_str(column, "name", ""),
						"type", json_str(column, "type", "")));
	json_object_set_new(b->report, "schema", schema);
	return 0;
}

static void report(struct build *b)
{
	json_t *schema = json_array(), *rows = json_object(), *bytes = json_object();
	struct buf split = BUF_INIT;
	struct answer a = { 0 };

	for (size_t i = 0; i < b->q.names.n; i++)
		json_array_append_new(schema, json_pack("{s:s, s:s}", "name", b->q.names.v[i],
							"type", b->q.types.v[i]));
	for (int k = 0; k < SPLITS; k++) {
		json_object_set_new(rows, split_names[k], json_integer(b->r.count[k]));
		json_object_set_new(bytes, split_names[k], json_integer(b->bytes[k]));
	}
	table_split_format(&b->plan->split, &split);
	if (answer_query(b->in.s, "SELECT current_setting('threads')", "read the threads", &a))
		error_clear();
	b->report = json_pack("{s:o, s:o, s:o, s:I, s:s, s:s, s:I, s:s?, s:b, s:b, s:s+}", "schema",
			      schema, "rows", rows, "bytes", bytes, "seed",
			      (json_int_t)b->plan->split.seed, "split", split.data, "order",
			      b->order, "threads_used",
			      (json_int_t)(a.rows ? strtoll(answer_at(&a, 0, 0), NULL, 10) : 0),
			      "single_thread_reason", b->sequential ? b->q.sequential : NULL,
			      "exact", b->plan->exact || !b->q.sequential, "clock", b->q.clock,
			      "engine", "DuckDB ", duck.library_version());
	answer_clear(&a);
	buf_clear(&split);
}

static void put_warnings(struct build *b)
{
	json_t *all = json_array();

	for (size_t i = 0; i < b->in.n; i++)
		for (size_t k = 0; k < b->in.v[i].odd.n; k++)
			json_array_append_new(all, json_string(b->in.v[i].odd.v[k]));
	if (json_array_size(all))
		json_object_set(b->report, "warnings", all);
	json_decref(all);
}

static void build_clear(struct build *b)
{
	result_clear(&b->r);
	query_clear(&b->q);
	inputs_close(&b->in);
	for (int k = 0; k < SPLITS; k++)
		free(b->out[k]);
	json_decref(b->report);
}

int table_build(const struct table_plan *plan, const char *out_dir, json_t **report_out)
{
	struct build b = { .plan = plan };
	json_t *checks = NULL;
	char *sql = NULL;
	int rc, verdict = 0;

	*report_out = NULL;
	if ((rc = place_outputs(&b, out_dir)) ||
	    (rc = inputs_open(&b.in, plan->sources, plan->n_sources, plan->threads,
			      plan->memory_bytes, plan->scratch_dir)) ||
	    (rc = prepare(&b, &sql)) || (rc = run_query(&b, sql)) || (rc = check_varies(&b)) ||
	    (rc = result_split(&b.r, &plan->split)) || (rc = result_views(&b.r)) ||
	    (rc = write_splits(&b)))
		goto out;
	report(&b);
	put_warnings(&b);
	verdict = check_all(&b.r, plan->checks, plan->n_checks, &checks);
	if (verdict && verdict != ERR_NO) {
		rc = verdict;
		goto out;
	}
	json_object_set_new(b.report, "checks", checks);
	if (!verdict && (rc = add_profile(&b)))
		goto out;
	*report_out = json_incref(b.report);
	rc = verdict;
out:
	free(sql);
	build_clear(&b);
	return rc;
}
