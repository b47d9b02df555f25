/* stack.c - answers as columns, and a model over them. */
#define _GNU_SOURCE
#include "lib/make/ensemble/stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/npy.h"
#include "lib/make/ensemble/outoffold.h"
#include "lib/make/ensemble/roster.h"
#include "lib/make/ensemble/workshop.h"
#include "lib/model/ensemble.h"
#include "lib/model/joined.h"
#include "lib/spec/spec.h"
#include "lib/table/rows/scan.h"
#include "lib/table/rows/table_sink.h"

struct job {
	struct attempt *a;
	const struct spec_node *node;
	const char *parts;	  /* where outoffold_run left its files */
	const char *data;	  /* the data set's folder */
	const char *into;	  /* the folder of the one that is made */
	const char *columns_path; /* {"answers": [...], "columns": [...], "task"}: for the parent */

	struct roster r;
	struct contract answers; /* a column for each */
};

/* Columns of answers in front of the ones that were there. */
struct stage {
	const struct job *j;
	struct frame_column *cols; /* (answers + columns of the data) */
	double **cells;		   /* (answers) */
	struct table_sink *sink;
};

static int stage_open(const struct job *j, const struct frame *head, const char *part,
		      struct stage *s)
{
	size_t n = j->answers.n;
	char *file = xasprintf("%s.parquet", part), *path = path_join(j->into, file);
	struct frame wide;
	int rc = 0;

	*s = (struct stage){ .j = j };
	s->cols = xcalloc(n + head->n + 1, sizeof *s->cols);
	s->cells = xcalloc(n + 1, sizeof *s->cells);
	for (size_t i = 0; !rc && i < n; i++) {
		s->cols[i] = (struct frame_column){ .name = j->answers.cols[i].name,
						    .type = FRAME_DOUBLE };
		if (frame_find(head, s->cols[i].name))
			rc = error_set(ERR_INPUT,
				       "the data set has a column '%s', as a member's answers are "
				       "called",
				       s->cols[i].name);
	}
	for (size_t i = 0; i < head->n; i++)
		s->cols[n + i] = head->cols[i];
	wide = (struct frame){ 0, n + head->n, s->cols };
	if (!rc)
		rc = table_sink_open(path, &wide, NULL, &s->sink);
	free(path);
	free(file);
	return rc;
}

/* v (rows, k): what the member whose first column is `at` says. */
static void stage_put(struct stage *s, size_t at, const float *v, size_t k, int64_t rows)
{
	for (size_t c = 0; c < k; c++) {
		s->cells[at + c] = xrealloc(s->cells[at + c], (size_t)rows * sizeof(double) + 1);
		for (int64_t i = 0; i < rows; i++)
			s->cells[at + c][i] = (double)v[(size_t)i * k + c];
		s->cols[at + c].d = s->cells[at + c];
	}
}

static int stage_add(struct stage *s, const struct frame *rows)
{
	size_t n = s->j->answers.n;
	struct frame wide = { rows->rows, n + rows->n, s->cols };

	for (size_t i = 0; i < rows->n; i++)
		s->cols[n + i] = rows->cols[i];
	return table_sink_add(s->sink, &wide);
}

static int stage_close(struct stage *s, int rc)
{
	if (!rc && s->sink)
		rc = table_sink_finish(s->sink);
	else
		table_sink_abort(s->sink);
	for (size_t i = 0; s->cells && i < s->j->answers.n; i++)
		free(s->cells[i]);
	free(s->cells);
	free(s->cols);
	return rc;
}

/* The rows of one part with what was said of them. */
static int add_part(struct stage *s, const char *dir, struct table_scan *scan)
{
	const struct job *j = s->j;
	struct npy *said = xcalloc(j->r.e.n + 1, sizeof *said);
	struct frame rows;
	int64_t at = 0;
	int rc = 0;

	for (size_t i = 0; !rc && i < j->r.e.n; i++) {
		char *path = xasprintf("%s/%zu.npy", dir, i);

		rc = npy_open(path, &said[i]);
		free(path);
	}
	while (!rc && (rc = table_scan_next(scan, &rows)) > 0) {
		size_t column = 0;

		for (size_t i = 0; i < j->r.e.n; i++) {
			size_t k = (size_t)said[i].cols;

			if (at + rows.rows > said[i].rows)
				return error_set(ERR_CORRUPT, "'%s' has too few rows", dir);
			stage_put(s, column, (const float *)said[i].data + (size_t)at * k, k,
				  rows.rows);
			column += k;
		}
		rc = stage_add(s, &rows);
		at += rows.rows;
	}
	for (size_t i = 0; i < j->r.e.n; i++)
		npy_close(&said[i]);
	free(said);
	return rc;
}

static int write_train(const struct job *j)
{
	struct stage s = { .j = j };
	int rc = 0;

	for (int k = 0; !rc && k < (int)j->node->folds; k++) {
		char *dir = xasprintf("%s/%d", j->parts, k), *held = path_join(dir, "held.parquet");
		const char *const paths[] = { held };
		struct table_scan *scan = NULL;

		rc = table_scan_open(paths, 1, NULL, 0, j->a->threads, &scan);
		if (!rc && !k)
			rc = stage_open(j, table_scan_head(scan), "train", &s);
		if (!rc)
			rc = add_part(&s, dir, scan);
		table_scan_close(scan);
		free(held);
		free(dir);
	}
	return stage_close(&s, rc);
}

/* The validation split with what the members themselves say of it. */
static int write_validation(const struct job *j)
{
	char *path = path_join(j->data, "validation.parquet");
	const char *const paths[] = { path };
	struct stage s = { .j = j };
	struct scores scores = SCORES_INIT;
	struct table_scan *scan = NULL;
	struct frame rows;
	int rc = 0;

	if (access(path, R_OK) < 0)
		goto out;
	rc = table_scan_open(paths, 1, NULL, 0, j->a->threads, &scan);
	if (!rc)
		rc = stage_open(j, table_scan_head(scan), "validation", &s);
	while (!rc && (rc = table_scan_next(scan, &rows)) > 0) {
		size_t column = 0;

		rc = 0;
		for (size_t i = 0; !rc && i < j->r.e.n; i++) {
			rc = model_score(j->r.models[i], &rows, j->a->threads, &scores);
			if (!rc)
				stage_put(&s, column, scores.v, scores.k, rows.rows);
			column += scores.k;
		}
		if (!rc)
			rc = stage_add(&s, &rows);
	}
	rc = stage_close(&s, rc);
out:
	table_scan_close(scan);
	scores_clear(&scores);
	free(path);
	return rc;
}

static json_t *names_of(const struct contract *c)
{
	json_t *names = json_array();

	for (size_t i = 0; i < c->n; i++)
		json_array_append_new(names, json_string(c->cols[i].name));
	return names;
}

static int body(void *payload)
{
	struct job *j = payload;
	int rc = roster_open(j->a, &j->r);
	json_t *columns = NULL;

	if (!rc)
		ensemble_answers(&j->r.e, j->r.models, &j->answers);
	if (!rc)
		rc = write_train(j);
	if (!rc)
		rc = write_validation(j);
	if (!rc) {
		columns = json_pack("{s:o,s:o,s:s}", "answers", names_of(&j->answers), "columns",
				    names_of(&j->r.joined.contract), "task",
				    contract_task_name(j->r.joined.contract.task));
		rc = json_write(j->columns_path, columns);
	}
	json_decref(columns);
	contract_clear(&j->answers);
	roster_close(&j->r);
	return rc;
}

/* Names between commas, each in quotes. */
static void add_names(const json_t *names, struct buf *out)
{
	json_t *name;
	size_t i;

	json_array_foreach((json_t *)names, i, name) {
		buf_addstr(out, out->len ? ", \"" : "\"");
		for (const char *p = json_string_value(name); *p; p++)
			buf_addf(out, *p == '"' ? "\"\"" : "%c", *p);
		buf_addch(out, '"');
	}
}

/* The section of the final model, as if somebody had typed it. */
static int define_final(const struct job *j, const json_t *columns, struct spec **spec,
			struct spec_node **node)
{
	const char *label = json_str(j->a->step->recipe, "label", "");
	struct buf features = BUF_INIT;
	const char *pairs[32] = {
		"dataset", "stage", "learner", j->node->learner,
		"label",   label,   "task",    json_str(columns, "task", ""),
		"feature",
	};
	size_t n = 9, params = j->node->param.n;
	const char **all;
	int rc;

	add_names(json_object_get(columns, "answers"), &features);
	if (j->node->passthrough)
		add_names(json_object_get(columns, "columns"), &features);
	pairs[n++] = features.data;
	if (j->node->weight) {
		pairs[n++] = "weight";
		pairs[n++] = j->node->weight;
	}
	all = xcalloc(n + 2 * params + 1, sizeof *all);
	memcpy(all, pairs, n * sizeof *all);
	for (size_t i = 0; i < params; i++) {
		all[n++] = "param";
		all[n++] = j->node->param.v[i].text;
	}
	rc = spec_parse("", 0, "the final model", spec);
	if (!rc)
		rc = spec_define(*spec, SPEC_MODEL, j->node->name, all, node);
	free(all);
	buf_clear(&features);
	return rc;
}

/* Its curve becomes the ensemble's, and its folder the one that the scorer asks for. */
static int train_final(struct job *j, struct workshop *w)
{
	char *final = path_join(j->a->out, ENSEMBLE_FINAL);
	json_t *columns = NULL;
	struct spec *spec = NULL;
	struct spec_node *node = NULL;
	int rc = json_read(j->columns_path, &columns);

	if (!rc)
		rc = define_final(j, columns, &spec, &node);
	if (!rc)
		rc = workshop_run(w, node);
	if (rc)
		error_wrap(rc, "the final model");
	if (!rc && rename(w->a.out, final) < 0)
		rc = error_errno("cannot move the final model to '%s'", final);
	if (!rc && file_exists(w->a.events) && rename(w->a.events, j->a->events) < 0)
		rc = error_errno("cannot move the final model's curve");
	free(final);
	spec_free(spec);
	json_decref(columns);
	return rc;
}

int stack_run(struct attempt *a, const struct spec_node *node)
{
	char *parts = path_join(a->tmp, "parts"), *shop = path_join(a->run.dir, "final");
	char *data = attempt_input_path(a, step_find_input(a->step, "dataset")), *into = NULL;
	char *columns_path = path_join(a->tmp, "columns.json");
	struct workshop w = { 0 };
	struct job j = { .a = a,
			 .node = node,
			 .parts = parts,
			 .data = data,
			 .columns_path = columns_path,
			 .answers = CONTRACT_INIT };
	int rc = outoffold_run(a, (int)node->folds, parts);

	if (!rc)
		rc = workshop_open(a, a->step, shop, &w);
	if (!rc) {
		j.into = into = workshop_data(&w);
		rc = file_make_dirs(into);
	}
	if (!rc)
		rc = attempt_body(a, body, &j);
	if (!rc)
		rc = train_final(&j, &w);
	workshop_close(&w, false);
	if (!rc)
		rc = file_remove_tree(parts);
	free(parts);
	free(shop);
	free(data);
	free(into);
	free(columns_path);
	return rc;
}
