/* dataset.c - a data set: tables through the table layer, or files, split and recorded. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/engines.h"
#include "lib/make/filesplit.h"
#include "lib/make/make.h"
#include "lib/record/repo.h"
#include "lib/record/run/scratch.h"
#include "lib/table/build.h"
#include "lib/table/judge.h"

enum { DATASET_NUMBER = 2 };

/* One data set step: what the child that runs the table layer is given. */
struct job {
	struct attempt *a;
	const struct spec_node *node;
	struct table_source *sources;
	struct strlist names; /* of files that a command made; sources borrow from it */
	size_t n;
	struct strlist order, checks;
	char *report; /* path of the report that the child leaves */
};

static int describe(struct plan *p, const struct spec_node *node, struct step *s)
{
	(void)node;
	return engines_describe(plan_repo(p), ENGINE_DUCKDB, s);
}

/* Does this folder hold a table a split, as a recorded data set does? */
static bool holds_splits(const char *dir)
{
	bool any = false;

	for (int i = 0; i < SPLITS; i++) {
		char *path = xasprintf("%s/%s.parquet", dir, split_names[i]);

		any = any || access(path, R_OK) == 0;
		free(path);
	}
	return any;
}

static int run_tables(void *payload)
{
	struct job *j = payload;
	const struct spec_node *node = j->node;
	struct table_plan plan = {
		.sources = j->sources,
		.n_sources = j->n,
		.query = node->query,
		.label = node->label,
		.order = (const char *const *)j->order.v,
		.n_order = j->order.n,
		.exact = node->exact,
		.is_volatile = node->is_volatile,
		.clock_ms = j->a->step->clock_ms,
		.threads = j->a->threads,
		.memory_bytes = node->memory_bytes,
		.checks = (const char *const *)j->checks.v,
		.n_checks = j->checks.n,
		.scratch_dir = j->a->tmp,
	};
	json_t *report = NULL;
	int rc = table_split_parse(node->split.text, &plan.split), written = 0;

	plan.split.seed = node->seed;
	if (!rc)
		rc = table_build(&plan, j->a->out, &report);
	if (report)
		written = json_write(j->report, report);
	table_split_clear(&plan.split);
	json_decref(report);
	return rc ? rc : written;
}

/* Rows of the checks in a report, as a judgement has them. */
static json_t *rows_of(const json_t *checks)
{
	json_t *rows = json_array(), *c;
	size_t i;

	json_array_foreach((json_t *)checks, i, c) {
		bool ok = json_bool(c, "ok", false);
		bool by_row = json_array_size(json_object_get(c, "rows")) > 0;
		char *why = ok || !by_row ? xstrdup("")
					  : xasprintf("not so in %lld rows",
						      (long long)json_int(c, "failed", 0));

		json_array_append_new(rows, json_pack("{s:s,s:b,s:s,s:O?}", "what",
						      json_str(c, "expr", ""), "ok", ok, "why", why,
						      "rows", json_object_get(c, "rows")));
		free(why);
	}
	return rows;
}

/* Into the log, where whoever asked for the step finds them. */
static int log_warnings(const struct attempt *a, const json_t *warnings)
{
	struct buf b = BUF_INIT;
	const json_t *w;
	size_t i;
	FILE *f;
	int rc = 0;

	json_array_foreach(warnings, i, w)
		buf_addf(&b, "mich-dataset: warning: %s\n", json_string_value(w));
	if (b.len && !((f = fopen(a->log, "a")) && fputs(b.data, f) >= 0 && !fclose(f)))
		rc = error_errno("cannot write to '%s'", a->log);
	buf_clear(&b);
	return rc;
}

/* The report is about the data, whether they were accepted or not. */
static int take_report(struct job *j)
{
	json_t *report = NULL, *rows, *n;
	const char *split;
	int rc;

	if (!file_exists(j->report))
		return 0;
	rc = json_read(j->report, &report);
	if (rc)
		return rc;
	j->a->profile = report;
	j->a->metrics = json_object();
	rows = json_object_get(report, "rows");
	json_object_foreach(rows, split, n)
		json_object_set_new(j->a->metrics, split, json_pack("{s:O}", "rows", n));
	json_object_set(j->a->facts, "engine", json_object_get(report, "engine"));
	if (json_object_get(report, "checks"))
		j->a->judged = rows_of(json_object_get(report, "checks"));
	return log_warnings(j->a, json_object_get(report, "warnings"));
}

/* Take the report along, and keep the reason that is set. */
static int finish(struct job *j, int rc)
{
	char *why = xstrdup(error_text()), *hint = xstrdup(error_hint_text());
	int taken = take_report(j);

	if (rc) {
		error_set(rc, "%s", why);
		if (*hint)
			error_hint(rc, "%s", hint);
	}
	free(why);
	free(hint);
	return rc ? rc : taken;
}

static int build_tables(struct job *j)
{
	return finish(j, attempt_body(j->a, run_tables, j));
}

static void add_source(struct job *j, const char *name, const char *path, const char *member)
{
	j->sources = xrealloc(j->sources, (j->n + 1) * sizeof *j->sources);
	j->sources[j->n++] = (struct table_source){ .name = name, .path = path, .member = member };
}

/* The files that a command left: tables by their endings, or a folder of anything. */
static int add_made(const char *path, const char *rel, const struct stat *st, void *payload)
{
	struct strlist *files = payload;

	(void)rel;
	if (S_ISREG(st->st_mode))
		strlist_add(files, path);
	return 0;
}

static char *stem(const char *path)
{
	const char *base = path_base(path), *dot = strchr(base, '.');

	return dot ? xstrndup(base, (size_t)(dot - base)) : xstrdup(base);
}

/* Make room for the real result: what the command left is now the source of it. */
static int move_made(struct job *j, char **made)
{
	*made = path_join(j->a->run.dir, "made");
	if (rename(j->a->out, *made) < 0)
		return error_errno("cannot move '%s'", j->a->out);
	return file_make_dirs(j->a->out);
}

/* Splits that a command made itself stay as they are; they are described and checked. */
static int keep_splits(void *payload)
{
	struct job *j = payload;
	struct table_judge judge = { .dir = j->a->out,
				     .checks = (const char *const *)j->checks.v,
				     .n_checks = j->checks.n,
				     .threads = j->a->threads,
				     .scratch_dir = j->a->tmp };
	json_t *report = NULL;
	int rc = table_judge(&judge, &report), written = 0;

	if (report)
		written = json_write(j->report, report);
	json_decref(report);
	return rc ? rc : written;
}

static int take_made(struct job *j)
{
	struct strlist files = STRLIST_INIT;
	bool tables = true;
	char *made = NULL;
	int rc;

	if (holds_splits(j->a->out)) {
		rc = attempt_body(j->a, keep_splits, j);
		return finish(j, rc);
	}
	rc = move_made(j, &made);
	if (!rc)
		rc = file_walk(made, add_made, &files);
	if (!rc && !files.n)
		rc = error_hint(error_set(ERR_STEP, "its command left nothing in $MICH_OUT"),
				"write a table or files to the folder that $MICH_OUT names");
	for (size_t i = 0; i < files.n; i++)
		tables = tables && table_format_of(files.v[i]);
	if (!rc && tables && files.n > 1) {
		rc = error_set(ERR_STEP,
			       "its command left %zu tables in $MICH_OUT, and one makes a data set",
			       files.n);
		error_hint(
			rc,
			"leave one table, or its splits: train.parquet, test.parquet, validation.parquet");
	}
	for (size_t i = 0; !rc && tables && i < files.n; i++) {
		strlist_take(&j->names, stem(files.v[i]));
		add_source(j, j->names.v[j->names.n - 1], files.v[i], NULL);
	}
	if (!rc)
		rc = tables ? build_tables(j) : filesplit_run(j->a, j->node, made);
	strlist_clear(&files);
	free(made);
	return rc;
}

/* A single folder of anything but tables, and no query: its files are the rows. */
static bool is_files(const struct job *j)
{
	const struct step *s = j->a->step;

	return s->n_inputs == 1 && s->inputs[0].is_source && s->inputs[0].source.is_dir &&
	       !j->node->query && !holds_splits(j->sources[0].path);
}

static int run(struct attempt *a, const struct spec_node *node)
{
	struct job j = { .a = a, .node = node, .report = path_join(a->tmp, "report.json") };
	struct strlist paths = STRLIST_INIT;
	int rc;

	for (size_t i = 0; i < node->order.n; i++)
		strlist_add(&j.order, node->order.v[i].text);
	for (size_t i = 0; i < node->check.n; i++)
		strlist_add(&j.checks, node->check.v[i].text);
	if (node->command) {
		rc = attempt_program(a, NULL);
		if (!rc)
			rc = take_made(&j);
		goto out;
	}
	for (size_t i = 0; i < a->step->n_inputs; i++)
		strlist_take(&paths, attempt_input_path(a, &a->step->inputs[i]));
	for (size_t i = 0; i < a->step->n_inputs; i++)
		add_source(&j, a->step->inputs[i].role, paths.v[i], node->source[i].table);
	rc = is_files(&j) ? filesplit_run(a, node, paths.v[0]) : build_tables(&j);
out:
	strlist_clear(&paths);
	strlist_clear(&j.order);
	strlist_clear(&j.checks);
	strlist_clear(&j.names);
	free(j.sources);
	free(j.report);
	return rc;
}

/* The recorded tables once more, against checks that came later than they did. */
static int judge(struct repo *r, const struct spec_node *node, const struct version *v,
		 json_t **rows)
{
	char *dir, *files, *scratch;
	struct strlist checks = STRLIST_INIT;
	struct table_judge judge = { 0 };
	json_t *report = NULL;
	int rc = scratch_make(r, "judge", &dir), removed;

	if (rc)
		return rc;
	judge.dir = files = path_join(dir, "files");
	judge.scratch_dir = scratch = path_join(dir, "scratch");
	for (size_t i = 0; i < node->check.n; i++)
		strlist_add(&checks, node->check.v[i].text);
	judge.checks = (const char *const *)checks.v;
	judge.n_checks = checks.n;
	rc = file_make_dirs(scratch);
	if (!rc)
		rc = version_place(r, v, PLACE_LINK, files);
	if (!rc)
		rc = table_judge(&judge, &report);
	if (rc == ERR_NO)
		rc = 0;
	if (!rc)
		*rows = rows_of(json_object_get(report, "checks"));
	json_decref(report);
	strlist_clear(&checks);
	removed = file_remove_tree(dir);
	free(dir);
	free(files);
	free(scratch);
	return rc ? rc : removed;
}

const struct step_ops make_dataset = {
	.number = DATASET_NUMBER,
	.run_checks = true,
	.describe = describe,
	.run = run,
	.judge = judge,
};
