/* prepare.c - build the matrix in a child, keep it in a cache of limited size. */
#define _GNU_SOURCE
#include "lib/make/train/prepare.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/learn/matrix.h"
#include "lib/make/cache.h"
#include "lib/make/train/basecontract.h"
#include "lib/make/train/partitioning.h"
#include "lib/make/train/splitfiles.h"
#include "lib/model/fit.h"
#include "lib/record/repo.h"
#include "lib/spec/spec.h"
#include "lib/step/attempt.h"
#include "lib/table/rows/scan.h"
#include "lib/table/split/split.h"

enum { MATRIX_NUMBER = 1 }; /* raised when the same columns give another matrix */

struct job {
	const struct spec_node *node;
	const char *label, *data, *dir; /* data: the data set's folder; dir: to fill */
	int threads;
	struct strlist columns; /* to read; none: all */
	struct strlist inputs;	/* features; none: all but label, weight, group and exclude */
	struct strlist skip;
	struct strlist keys; /* columns that part the rows; none: they stay in the table's order */
	struct partitioning partitions;
	char *base; /* model.json of the trees that training goes on from; NULL */
	struct contract contract;
	size_t width; /* inputs that the learner sees: all but those of keys that are no feature */
	struct matrix meta;
};

static char *part_path(const struct job *j, enum matrix_part part)
{
	return xasprintf("%s/%s.parquet", j->data, matrix_part_name(part));
}

static int open_part(const struct job *j, enum matrix_part part, struct table_scan **out)
{
	char *path = part_path(j, part);
	const char *const paths[] = { path };
	int rc = table_scan_open(paths, 1, (const char *const *)j->columns.v, j->columns.n,
				 j->threads, out);

	free(path);
	return rc;
}

static bool has_part(const struct job *j, enum matrix_part part)
{
	char *path = part_path(j, part);
	bool has = access(path, R_OK) == 0;

	free(path);
	return has;
}

static int fit(struct job *j)
{
	static const char *const tasks[] = { "auto", "regression", "binary", "multiclass",
					     "ranking" };
	struct fit_opts opts = {
		.columns = (const char *const *)j->inputs.v,
		.n = j->inputs.n,
		.skip = (const char *const *)j->skip.v,
		.n_skip = j->skip.n,
		.keys = (const char *const *)j->keys.v,
		.n_keys = j->keys.n,
		.label = j->label,
		.task = tasks[j->node->task],
	};
	struct table_scan *scan = NULL;
	struct fit *f = NULL;
	struct frame rows;
	int rc = fit_new(&opts, &f);

	if (!rc && !has_part(j, MATRIX_TRAIN))
		rc = error_set(ERR_INPUT, "its data set has no train split");
	if (!rc)
		rc = open_part(j, MATRIX_TRAIN, &scan);
	while (!rc && (rc = table_scan_next(scan, &rows)) > 0)
		rc = fit_add(f, &rows);
	if (!rc)
		rc = fit_finish(f, &j->contract);
	table_scan_close(scan);
	fit_free(f);
	return rc;
}

static int write_part(struct job *j, enum matrix_part part)
{
	struct matrix_split *split = &j->meta.splits[part];
	char *table = part_path(j, part), *dir = path_join(j->dir, matrix_part_name(part));
	const struct splitfiles files = { .table = table,
					  .dir = dir,
					  .columns = &j->columns,
					  .contract = &j->contract,
					  .weight = j->node->weight,
					  .group = j->node->group,
					  .partitions = j->keys.n ? &j->partitions : NULL,
					  .width = j->width,
					  .threads = j->threads };
	int rc = splitfiles_write(&files, &split->rows);

	split->present = true;
	free(table);
	free(dir);
	return rc ? error_wrap(rc, "split '%s'", matrix_part_name(part)) : 0;
}

static int write_meta(struct job *j)
{
	static const enum matrix_task tasks[] = {
		[TASK_REGRESSION] = MATRIX_REGRESSION,
		[TASK_BINARY] = MATRIX_BINARY,
		[TASK_MULTICLASS] = MATRIX_MULTICLASS,
		[TASK_RANKING] = MATRIX_RANKING,
	};
	struct strlist names = STRLIST_INIT;
	json_t *contract = contract_json(&j->contract);
	char *path = path_join(j->dir, "contract.json");
	size_t at = 0;
	int rc;

	j->meta.task = tasks[j->contract.task];
	for (size_t i = 0; i < j->contract.classes.n; i++)
		strlist_add(&j->meta.classes, j->contract.classes.v[i]);
	contract_inputs(&j->contract, &names);
	for (size_t c = 0; c < j->contract.n; c++)
		for (size_t k = 0; k < j->contract.cols[c].n_parts && at < j->width; k++, at++)
			matrix_add_input(&j->meta, names.v[at], contract_is_code(&j->contract, at),
					 (int64_t)j->contract.cols[c].categories.n);
	for (size_t i = 0; i < j->keys.n; i++)
		strlist_add(&j->meta.by, j->keys.v[i]);
	j->meta.values = j->partitions.values;
	j->partitions.values = (struct strlist)STRLIST_INIT;
	rc = matrix_write_meta(j->dir, &j->meta);
	if (!rc)
		rc = json_write(path, contract);
	json_decref(contract);
	strlist_clear(&names);
	free(path);
	return rc;
}

/* Keys that no feature names stand behind all inputs, and are none of the learner's. */
static int part_rows(struct job *j)
{
	char *table = part_path(j, MATRIX_TRAIN);
	int rc;

	j->width = j->contract.inputs;
	for (size_t i = 0; i < j->keys.n; i++)
		j->width -= !strlist_has(&j->inputs, j->keys.v[i]);
	if (!j->keys.n)
		rc = 0;
	else if (!j->width)
		rc = error_set(ERR_INPUT, "no column is left that could be an input");
	else
		rc = partitioning_open(&j->contract, &j->node->partition, table, j->threads,
				       &j->partitions);
	free(table);
	return rc;
}

static int body(void *payload)
{
	struct job *j = payload;
	int rc = fit(j);

	if (!rc && j->base)
		rc = basecontract_follow(j->base, j->node->name, &j->contract);
	if (!rc)
		rc = part_rows(j);
	for (int part = 0; !rc && part < MATRIX_PARTS; part++)
		if (has_part(j, (enum matrix_part)part))
			rc = write_part(j, (enum matrix_part)part);
	if (!rc)
		rc = write_meta(j);
	partitioning_close(&j->partitions);
	return rc;
}

static void choose_columns(struct job *j)
{
	const struct spec_node *n = j->node;

	for (size_t i = 0; i < n->exclude.n; i++)
		strlist_add(&j->skip, n->exclude.v[i].text);
	if (n->weight)
		strlist_add(&j->skip, n->weight);
	if (n->group)
		strlist_add(&j->skip, n->group);
	for (size_t i = 0; i < n->feature.n; i++)
		if (!strlist_has(&j->skip, n->feature.v[i].text)) {
			strlist_add(&j->inputs, n->feature.v[i].text);
			strlist_add(&j->columns, n->feature.v[i].text);
		}
	for (size_t i = 0; i < n->partition.n; i++)
		strlist_add(&j->keys, n->partition.v[i].text);
	if (!j->inputs.n)
		return;
	for (size_t i = 0; i < j->keys.n; i++)
		if (!strlist_has(&j->columns, j->keys.v[i]))
			strlist_add(&j->columns, j->keys.v[i]);
	strlist_add(&j->columns, j->label);
	if (n->weight)
		strlist_add(&j->columns, n->weight);
	if (n->group)
		strlist_add(&j->columns, n->group);
}

static json_t *texts(const struct spec_items *items)
{
	json_t *a = json_array();

	for (size_t i = 0; i < items->n; i++)
		json_array_append_new(a, json_string(items->v[i].text));
	return a;
}

/* base: content of the model that training goes on from, where the matrix depends on it. */
static void key_of(const struct job *j, const char *content, const char *base, char key[65])
{
	const struct spec_node *n = j->node;
	json_t *k = json_pack("{s:i,s:s,s:s,s:o,s:o,s:i,s:s,s:s}", "number", MATRIX_NUMBER,
			      "content", content, "label", j->label, "feature", texts(&n->feature),
			      "exclude", texts(&n->exclude), "task", n->task, "weight",
			      n->weight ? n->weight : "", "group", n->group ? n->group : "");

	if (n->partition.n)
		json_object_set_new(k, "partition", texts(&n->partition));
	if (j->base)
		json_object_set_new(k, "base", json_string(base));
	json_hash(k, key);
	json_decref(k);
}

static int read_contract(const char *dir, struct contract *c)
{
	char *path = path_join(dir, "contract.json");
	json_t *v = NULL;
	int rc = json_read(path, &v);

	if (!rc)
		rc = contract_parse(v, c);
	json_decref(v);
	free(path);
	return rc;
}

/* The model.json of the trees that training goes on from; caller frees. NULL: nothing to follow. */
static char *base_of(const struct attempt *a, const struct spec_node *node)
{
	const struct step_input *in = step_find_input(a->step, "init-from");
	char *dir, *path;

	if (!in || !node->learner || strcmp(node->learner, "xgboost"))
		return NULL;
	dir = attempt_input_path(a, in);
	path = path_join(dir, "model.json");
	free(dir);
	if (access(path, R_OK) == 0)
		return path;
	free(path);
	return NULL;
}

int prepare_matrix(struct attempt *a, const struct spec_node *node, const char *label,
		   const char *dir, struct contract *contract)
{
	const struct step_input *in = step_find_input(a->step, "dataset");
	char *data = attempt_input_path(a, in), *fresh = path_join(a->tmp, "matrix");
	struct job j = { .node = node,
			 .label = label,
			 .data = data,
			 .dir = fresh,
			 .threads = a->threads,
			 .contract = CONTRACT_INIT,
			 .meta = MATRIX_INIT };
	char key[65];
	int rc;

	choose_columns(&j);
	j.base = base_of(a, node);
	key_of(&j, in->content, j.base ? step_find_input(a->step, "init-from")->content : NULL,
	       key);
	rc = cache_get(a->repo, "matrix", key, dir);
	if (rc == ERR_NOT_FOUND) {
		rc = file_make_dirs(fresh);
		if (!rc)
			rc = attempt_body(a, body, &j);
		if (!rc)
			rc = cache_put(a->repo, "matrix", key, fresh, dir);
	}
	if (!rc)
		rc = read_contract(dir, contract);
	strlist_clear(&j.columns);
	strlist_clear(&j.inputs);
	free(j.base);
	strlist_clear(&j.skip);
	strlist_clear(&j.keys);
	free(data);
	free(fresh);
	return rc;
}
