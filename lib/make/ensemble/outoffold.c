/* outoffold.c - members trained again without the rows that they then answer for. */
#define _GNU_SOURCE
#include "lib/make/ensemble/outoffold.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/npy.h"
#include "lib/make/ensemble/roster.h"
#include "lib/make/ensemble/workshop.h"
#include "lib/make/recall.h"
#include "lib/model/model.h"
#include "lib/record/version.h"
#include "lib/spec/spec.h"
#include "lib/table/rows/scan.h"
#include "lib/table/split/folds.h"

enum { TELL_MS = 60 * 1000 };

/* The data set dealt out: K/held.parquet, and in K/ what is left for training. */
struct dealing {
	struct attempt *a;
	const char *data, *dir; /* the data set's folder; where parts go */
	struct table_split how;
	int folds;
	double share; /* of the validation split; 0: there is none */
};

static int rows_of(const char *data, const char *part, int64_t *out)
{
	char *path = xasprintf("%s/%s.parquet", data, part);
	const char *const paths[] = { path };
	int rc = 0;

	*out = 0;
	if (access(path, R_OK) == 0)
		rc = table_rows(paths, 1, out);
	free(path);
	return rc;
}

static int write_part(const struct dealing *d, const struct table_folds *f, const char *path, int k)
{
	char *train = xasprintf("%s/%d/train.parquet", d->dir, k);
	char *held = xasprintf("%s/%d/held.parquet", d->dir, k);
	char *apart = xasprintf("%s/%d/validation.parquet", d->dir, k);
	struct table_folds_files files = { train, held, d->share > 0 ? apart : NULL, d->share };
	int rc = file_make_parents(train);

	if (!rc)
		rc = table_folds_write(f, path, k, &files);
	free(train);
	free(held);
	free(apart);
	return rc;
}

static int deal(void *payload)
{
	struct dealing *d = payload;
	char *path = path_join(d->data, "train.parquet");
	struct table_folds f = TABLE_FOLDS_INIT;
	int64_t train = 0, validation = 0;
	int rc = rows_of(d->data, "train", &train);

	if (!rc && !train)
		rc = error_set(ERR_INPUT, "its data set has no train split");
	if (!rc)
		rc = rows_of(d->data, "validation", &validation);
	if (!rc && validation)
		d->share = (double)validation / (double)(train + validation);
	if (!rc)
		rc = table_folds_deal(path, &d->how, d->folds, &f);
	for (int k = 0; !rc && k < d->folds; k++)
		rc = write_part(d, &f, path, k);
	table_folds_clear(&f);
	free(path);
	return rc;
}

/* How the data set's own step split it; equal rows stay together where it does not say. */
static int read_split(struct attempt *a, const struct step_input *data, struct table_split *out)
{
	json_t *manifest = NULL;
	const char *text;
	int rc = version_manifest(a->repo, &data->version, &manifest);

	table_split_init(out);
	text = json_str(json_object_get(manifest, "recipe"), "split", NULL);
	if (!rc && text)
		rc = table_split_parse(text, out);
	out->seed = a->step->seed;
	json_decref(manifest);
	return rc;
}

/* One member, as it is to be made again. */
struct pupil {
	struct attempt *a;
	const char *name; /* in the ensemble */
	const struct step_input *in;
	size_t place;
	json_t *manifest;
	struct spec *spec;
	struct spec_node *node;
	struct step step;
	struct contract contract; /* of the member that learned from all rows */
};

static int refuse(const struct pupil *p, const char *why)
{
	int rc = error_set(ERR_INPUT, "%s cannot be stacked: %s", p->in->ref, why);

	return error_hint(rc, "combine = mean or weighted takes it");
}

/* What may know a row that is held back, or cannot be made again without the world around it. */
static int check_pupil(const struct pupil *p)
{
	const json_t *env = json_object_get(
		json_object_get(json_object_get(p->manifest, "print"), "environment"), "env");

	if (p->node->members.n)
		return refuse(p, "it is made of models that have seen all rows");
	if (p->node->init_from)
		return refuse(p,
			      "it starts from a model that may have seen the rows it answers for");
	if (p->node->command && json_object_size(env))
		return refuse(p, "its command depends on variables of the environment");
	return 0;
}

static int read_contract(struct pupil *p)
{
	char *dir = attempt_input_path(p->a, p->in), *path = path_join(dir, "model.json");
	json_t *meta = NULL;
	int rc = json_read(path, &meta);

	if (!rc)
		rc = contract_parse(json_object_get(meta, "contract"), &p->contract);
	json_decref(meta);
	free(path);
	free(dir);
	return rc;
}

static int pupil_open(struct attempt *a, size_t place, struct pupil *p)
{
	static const int tasks[] = {
		[TASK_REGRESSION] = SPEC_TASK_REGRESSION,
		[TASK_BINARY] = SPEC_TASK_BINARY,
		[TASK_MULTICLASS] = SPEC_TASK_MULTICLASS,
		[TASK_RANKING] = SPEC_TASK_RANKING,
	};
	int rc;

	*p = (struct pupil){ .a = a, .place = place, .contract = CONTRACT_INIT };
	p->in = roster_at(a->step, place, &p->name);
	rc = version_manifest(a->repo, &p->in->version, &p->manifest);
	if (!rc)
		rc = recall_section(p->manifest, &p->spec, &p->node);
	if (!rc)
		rc = check_pupil(p);
	if (!rc)
		rc = recall_step(a->repo, &p->in->version, p->manifest, &p->step);
	if (!rc)
		rc = read_contract(p);
	if (!rc && p->contract.task == TASK_RANKING)
		rc = refuse(p, "it ranks");
	if (!rc && !p->node->command)
		p->node->task = tasks[p->contract.task]; /* a part may not show all classes */
	return rc;
}

static void pupil_close(struct pupil *p)
{
	step_clear(&p->step);
	spec_free(p->spec);
	json_decref(p->manifest);
	contract_clear(&p->contract);
}

static int link_file(const char *from, const char *dir, const char *name)
{
	char *to = path_join(dir, name);
	int rc = access(from, R_OK) == 0 && link(from, to) < 0 ? file_copy(from, to, 0644) : 0;

	free(to);
	return rc;
}

/* What it trains on without part k. */
static int lay_down(const struct workshop *w, const char *part_dir)
{
	static const char *const names[] = { "train.parquet", "validation.parquet" };
	char *data = workshop_data(w);
	int rc = file_make_dirs(data);

	for (size_t i = 0; !rc && i < ARRAY_LEN(names); i++) {
		char *from = path_join(part_dir, names[i]);

		rc = link_file(from, data, names[i]);
		free(from);
	}
	free(data);
	return rc;
}

/* The rows that were held back through the model that has not seen them. */
struct exam {
	const struct pupil *p;
	const char *model_dir, *part_dir;
	int threads;
};

/*
 * A model that saw fewer classes gives the others nothing. `of` (k): which of its floats is that of each
 * of the member's classes; -1: none.
 */
static int match_classes(const struct exam *e, const struct model *m, size_t k, int *of)
{
	const struct contract *all = &e->p->contract, *c = model_contract(m);

	if (c->task != all->task)
		return error_set(ERR_INPUT, "without some rows it is a model of %s, not of %s",
				 contract_task_name(c->task), contract_task_name(all->task));
	for (size_t i = 0; i < k; i++) {
		of[i] = k > 1 && all->classes.n ? -1 : (int)i;
		for (size_t j = 0; k > 1 && j < c->classes.n && i < all->classes.n; j++)
			if (!strcmp(c->classes.v[j], all->classes.v[i]))
				of[i] = (int)j;
	}
	for (size_t i = 0; k == 1 && all->classes.n && i < all->classes.n; i++)
		if (i >= c->classes.n || strcmp(c->classes.v[i], all->classes.v[i]))
			return error_set(ERR_INPUT, "without some rows it knows other classes");
	if (!all->classes.n && model_width(m) != k)
		return error_set(ERR_INPUT, "without some rows it gives %zu values, not %zu",
				 model_width(m), k);
	return 0;
}

static int write_answers(const struct exam *e, const struct model *m, const char *held,
			 struct npy_writer *w)
{
	size_t k = (size_t)w->cols;
	struct scores s = SCORES_INIT;
	struct table_scan *scan = NULL;
	int *of = xcalloc(k, sizeof *of);
	float *v = NULL;
	struct frame rows;
	int rc = match_classes(e, m, k, of);

	if (!rc)
		rc = table_scan_open(&held, 1, NULL, 0, e->threads, &scan);
	while (!rc && (rc = table_scan_next(scan, &rows)) > 0) {
		rc = model_score(m, &rows, e->threads, &s);
		free(v);
		v = NULL;
		if (!rc)
			rc = mem_alloc((size_t)rows.rows, k * sizeof *v, &v);
		for (size_t i = 0; !rc && i < (size_t)rows.rows * k; i++)
			v[i] = of[i % k] < 0 ? 0 : s.v[i / k * s.k + (size_t)of[i % k]];
		if (!rc)
			rc = npy_append(w, v, rows.rows);
	}
	table_scan_close(scan);
	scores_clear(&s);
	free(of);
	free(v);
	return rc;
}

static int examine(void *payload)
{
	const struct exam *e = payload;
	const struct contract *c = &e->p->contract;
	size_t k = c->task == TASK_MULTICLASS ? c->classes.n : 1;
	char *held = path_join(e->part_dir, "held.parquet");
	char *path = xasprintf("%s/%zu.npy", e->part_dir, e->p->place);
	struct npy_writer w = { 0 };
	struct model *m = NULL;
	int rc = model_open(e->model_dir, &m), ended;

	if (!rc)
		rc = npy_create(path, NPY_F4, (int64_t)k, &w);
	if (!rc) {
		rc = write_answers(e, m, held, &w);
		ended = npy_finish(&w);
		rc = rc ? rc : ended;
	}
	model_free(m);
	free(path);
	free(held);
	return rc;
}

/* Where the answers to a part are for whoever goes on when this run is cut short. Caller frees. */
static char *kept_path(const struct pupil *p, int k)
{
	return xasprintf("%s/checkpoint/fold-%d-%zu.npy", p->a->run.dir, k, p->place);
}

/* Those of a run that was cut short take their place; false: there are none, or they are not whole. */
static bool take_kept(const struct pupil *p, int k, const char *path)
{
	char *kept = kept_path(p, k);
	struct npy said = { 0 };
	bool taken = npy_open(kept, &said) == 0 && said.rows && link(kept, path) == 0;

	npy_close(&said);
	error_clear();
	free(kept);
	return taken;
}

/* They are whole, so a link puts them there at once; whoever cannot keep them loses time, and nothing else. */
static void keep(const struct pupil *p, int k, const char *path)
{
	char *kept = kept_path(p, k);

	if (!file_make_parents(kept) && link(path, kept) < 0)
		error_clear();
	error_clear();
	free(kept);
}

/* A line in the log, before what the program says. Names hold nothing that a shell would read. */
static int tell(const struct pupil *p, int k, int folds, const char *how)
{
	char *line = xasprintf("echo 'fold %d of %d: %s%s'", k + 1, folds, p->in->ref, how);
	int rc = attempt_helper(p->a, line, TELL_MS);

	free(line);
	return rc;
}

/* Train it without part k, and ask it about that part. */
static int train_without(const struct pupil *p, int k, const char *dir)
{
	char *part_dir = xasprintf("%s/%d", dir, k), *shop = path_join(p->a->run.dir, "fold");
	struct workshop w = { 0 };
	int rc = workshop_open(p->a, &p->step, shop, &w);
	struct exam e = { p, w.a.out, part_dir, p->a->threads };

	if (!rc)
		rc = lay_down(&w, part_dir);
	if (!rc)
		rc = workshop_run(&w, p->node);
	if (!rc)
		rc = attempt_body(p->a, examine, &e);
	workshop_close(&w, false);
	free(shop);
	free(part_dir);
	return rc;
}

static int answer_part(const struct pupil *p, int k, int folds, const char *dir)
{
	char *path = xasprintf("%s/%d/%zu.npy", dir, k, p->place);
	bool kept = take_kept(p, k, path);
	int rc = tell(p, k, folds, kept ? ", its answers were kept" : "");

	if (!rc && !kept) {
		rc = train_without(p, k, dir);
		if (!rc)
			keep(p, k, path);
	}
	free(path);
	return rc ? error_wrap(rc, "%s without part %d of %d", p->in->ref, k + 1, folds) : 0;
}

int outoffold_run(struct attempt *a, int folds, const char *dir)
{
	const struct step_input *in = step_find_input(a->step, "dataset");
	char *data = attempt_input_path(a, in);
	struct dealing d = { .a = a, .data = data, .dir = dir, .folds = folds };
	size_t n = roster_count(a->step);
	int rc = read_split(a, in, &d.how);

	if (!rc)
		rc = attempt_body(a, deal, &d);
	for (size_t i = 0; !rc && i < n; i++) {
		struct pupil p;

		rc = pupil_open(a, i, &p);
		for (int k = 0; !rc && k < folds; k++)
			rc = answer_part(&p, k, folds, dir);
		pupil_close(&p);
	}
	table_split_clear(&d.how);
	free(data);
	return rc;
}
