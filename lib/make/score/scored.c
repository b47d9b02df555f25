/* scored.c - a model's answers for the rows of a table, held in memory. */
#define _GNU_SOURCE
#include "lib/make/score/scored.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/measure/chance/draw.h"
#include "lib/measure/slice/slicer.h"
#include "lib/model/model.h"
#include "lib/model/transform.h"
#include "lib/record/run/scratch.h"
#include "lib/record/version.h"
#include "lib/table/rows/scan.h"

/* Apart from the streams by which samples and permutations are drawn. */
static const uint64_t SAMPLE_STREAM = UINT64_MAX - 1;

struct reading {
	const struct model *m;
	const struct scored_ask *ask;
	struct scored *out;
	struct scores scores;
	struct slicer **slicer; /* (n_by) */
	size_t cap;
	size_t taken; /* of x_row */
};

static int grow(struct reading *r, size_t more)
{
	struct scored *s = r->out;
	size_t cap = s->rows + more;
	float *p;

	if (cap <= r->cap)
		return 0;
	cap = cap < r->cap * 2 ? r->cap * 2 : cap;
	p = realloc(s->predictions, cap * s->k * sizeof *p);
	if (p)
		s->predictions = p;
	if (p && (p = realloc(s->labels, cap * sizeof *p)))
		s->labels = p;
	if (!p)
		return error_set(ERR_FAIL, "cannot get memory for %zu rows", cap);
	r->cap = cap;
	return 0;
}

/* The model's inputs of the rows at hand that are wanted. */
static void keep_inputs(struct reading *r, size_t rows)
{
	struct scored *s = r->out;
	size_t bytes = s->inputs * sizeof(float);

	while (r->taken < s->x_rows && s->x_row[r->taken] < s->rows + rows) {
		size_t i = s->x_row[r->taken] - s->rows;

		memcpy(s->x + r->taken++ * s->inputs, r->scores.x + i * s->inputs, bytes);
	}
}

static int read_rows(struct reading *r, const struct frame *rows)
{
	struct scored *s = r->out;
	size_t n = (size_t)rows->rows;
	int rc = model_score(r->m, rows, r->ask->threads, &r->scores);

	s->k = r->scores.k;
	if (!rc)
		rc = grow(r, n);
	if (!rc)
		rc = transform_label(model_contract(r->m), rows, (int64_t)s->rows + 1,
				     s->labels + s->rows);
	if (!rc && r->ask->group)
		rc = groups_add(&s->groups, r->ask->group, rows);
	for (size_t i = 0; !rc && i < r->ask->n_by; i++)
		rc = slicer_add(r->slicer[i], rows);
	if (rc)
		return rc;
	memcpy(s->predictions + s->rows * s->k, r->scores.v, n * s->k * sizeof(float));
	keep_inputs(r, n);
	s->rows += n;
	return 0;
}

static void add_once(struct strlist *columns, const char *name)
{
	if (name && !strlist_has(columns, name))
		strlist_add(columns, name);
}

static void wanted(const struct reading *r, struct strlist *columns)
{
	const struct contract *c = model_contract(r->m);

	for (size_t i = 0; i < c->n; i++)
		strlist_add(columns, c->cols[i].name);
	add_once(columns, c->label);
	add_once(columns, r->ask->group);
	for (size_t i = 0; i < r->ask->n_by; i++)
		add_once(columns, r->ask->by[i]);
}

/* Room for the inputs of as many rows as are asked for, and which those are. */
static int choose_inputs(struct reading *r, const char *path)
{
	struct scored *s = r->out;
	const char *const paths[] = { path };
	int64_t rows;
	size_t want;
	int rc;

	s->inputs = model_contract(r->m)->inputs;
	if (!r->ask->inputs)
		return 0;
	if ((rc = table_rows(paths, 1, &rows)))
		return rc;
	want = r->ask->sample && r->ask->sample < (size_t)rows ? r->ask->sample : (size_t)rows;
	if ((rc = mem_alloc(want, sizeof *s->x_row, &s->x_row)) ||
	    (rc = mem_alloc(want, s->inputs * sizeof *s->x, &s->x)))
		return rc;
	s->x_rows =
		draw_sample(draw_stream(r->ask->seed, SAMPLE_STREAM), (size_t)rows, want, s->x_row);
	return 0;
}

static int scan(struct reading *r, const char *path)
{
	struct strlist columns = STRLIST_INIT;
	const char *const paths[] = { path };
	struct table_scan *t = NULL;
	struct frame rows;
	int rc = choose_inputs(r, path);

	wanted(r, &columns);
	if (!rc)
		rc = table_scan_open(paths, 1, (const char *const *)columns.v, columns.n,
				     r->ask->threads, &t);
	if (!rc)
		table_scan_frames(t, model_batch(r->m));
	while (!rc && (rc = table_scan_next(t, &rows)) > 0)
		rc = read_rows(r, &rows);
	table_scan_close(t);
	strlist_clear(&columns);
	return rc;
}

static int finish(struct reading *r)
{
	struct scored *s = r->out;
	const struct contract *c = model_contract(r->m);
	int rc = 0;

	s->label = xstrdup(c->label);
	for (size_t i = 0; i < c->classes.n; i++)
		strlist_add(&s->classes, c->classes.v[i]);
	s->counts = counts_json(&r->scores.counts, c);
	s->by = xcalloc(r->ask->n_by + 1, sizeof *s->by);
	for (size_t i = 0; !rc && i < r->ask->n_by; i++, s->n_by += !rc)
		rc = slicer_finish(r->slicer[i], &s->by[i]);
	return rc;
}

int scored_table(const struct model *m, const char *table_path, const struct scored_ask *ask,
		 struct scored *out)
{
	const struct contract *c = model_contract(m);
	struct reading r = { .m = m, .ask = ask, .out = out, .scores = SCORES_INIT };
	int rc = measure_task_parse(contract_task_name(c->task), &out->task);

	if (!rc && !c->label)
		rc = error_set(ERR_INPUT, "the model does not know its label");
	if (!rc && out->task == MEASURE_RANKING && !ask->group)
		rc = error_set(ERR_INPUT, "the model ranks, but does not know by which groups");
	if (rc)
		return rc;
	r.slicer = xcalloc(ask->n_by + 1, sizeof *r.slicer);
	for (size_t i = 0; i < ask->n_by; i++) {
		const struct contract_column *col = contract_find(c, ask->by[i]);

		r.slicer[i] = slicer_new(ask->by[i], ask->bins);
		if (col && contract_coded(col))
			slicer_each(r.slicer[i]);
	}
	rc = scan(&r, table_path);
	if (!rc && !out->rows)
		rc = error_set(ERR_INPUT, "there are no rows to measure on");
	if (!rc)
		rc = finish(&r);
	for (size_t i = 0; i < ask->n_by; i++)
		slicer_free(r.slicer[i]);
	free(r.slicer);
	scores_clear(&r.scores);
	return rc;
}

int scored_files(const char *model_dir, const char *table_path, const struct scored_ask *ask,
		 struct scored *out)
{
	struct model *m = NULL;
	int rc = model_open(model_dir, &m);

	if (!rc)
		rc = scored_table(m, table_path, ask, out);
	model_free(m);
	return rc;
}

int scored_group(struct repo *r, const struct version *model, char **out)
{
	json_t *manifest = NULL;
	const char *group;
	int rc = version_manifest(r, model, &manifest);

	group = rc ? NULL : json_str(json_object_get(manifest, "recipe"), "group", NULL);
	*out = group ? xstrdup(group) : NULL;
	json_decref(manifest);
	return rc;
}

/* Place one of the two below dir; what is to be found in it. */
static int place(struct repo *r, const struct version *v, const char *dir, const char *file,
		 const char *why, char **path_out)
{
	char *ref = version_ref(v);
	int rc = version_place(r, v, PLACE_LINK, dir);

	*path_out = path_join(dir, file);
	if (!rc && access(*path_out, R_OK) < 0)
		rc = error_set(ERR_INPUT, "%s has no %s: %s", ref, file, why);
	free(ref);
	return rc;
}

static int scored_in(struct repo *r, const char *dir, const struct version *model,
		     const struct version *data, const struct scored_ask *ask, struct scored *out)
{
	char *model_dir = path_join(dir, "model"), *data_dir = path_join(dir, "data");
	char *file = xasprintf("%s.parquet", ask->part), *meta = NULL, *table = NULL, *group = NULL;
	struct scored_ask full = *ask;
	int rc = place(r, model, model_dir, "model.json", "mich cannot score with it", &meta);

	if (!rc)
		rc = place(r, data, data_dir, file, "there are no rows to measure on", &table);
	if (!rc && !ask->group) {
		rc = scored_group(r, model, &group);
		full.group = group;
	}
	if (!rc)
		rc = scored_files(model_dir, table, &full, out);
	free(model_dir);
	free(data_dir);
	free(file);
	free(meta);
	free(table);
	free(group);
	return rc;
}

int scored_versions(struct repo *r, const struct version *model, const struct version *data,
		    const struct scored_ask *ask, struct scored *out)
{
	char *dir;
	int rc = scratch_make(r, "scored", &dir), removed;

	if (rc)
		return rc;
	rc = scored_in(r, dir, model, data, ask, out);
	removed = file_remove_tree(dir);
	free(dir);
	return rc ? rc : removed;
}

struct measure_input scored_input(const struct scored *s, double threshold)
{
	return (struct measure_input){
		.task = s->task,
		.rows = (int64_t)s->rows,
		.k = (int64_t)s->k,
		.predictions = s->predictions,
		.labels = s->labels,
		.groups = s->groups.rows,
		.n_groups = (int64_t)s->groups.n,
		.threshold = threshold,
	};
}

const struct slice_column *scored_by(const struct scored *s, const char *name)
{
	for (size_t i = 0; i < s->n_by; i++)
		if (!strcmp(s->by[i].name, name))
			return &s->by[i];
	return NULL;
}

void scored_clear(struct scored *s)
{
	free(s->label);
	strlist_clear(&s->classes);
	free(s->predictions);
	free(s->labels);
	groups_clear(&s->groups);
	for (size_t i = 0; i < s->n_by; i++)
		slice_column_clear(&s->by[i]);
	free(s->by);
	free(s->x);
	free(s->x_row);
	json_decref(s->counts);
	*s = (struct scored)SCORED_INIT;
}
