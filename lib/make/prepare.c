/* prepare.c - build the matrix in a child, keep it in a cache of limited size. */
#define _GNU_SOURCE
#include "lib/make/prepare.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/npy.h"
#include "lib/learn/matrix.h"
#include "lib/make/cache.h"
#include "lib/make/groups.h"
#include "lib/make/partitioning.h"
#include "lib/model/fit.h"
#include "lib/model/joined.h"
#include "lib/model/transform.h"
#include "lib/record/repo.h"
#include "lib/spec/spec.h"
#include "lib/step/attempt.h"
#include "lib/table/scan.h"
#include "lib/table/split.h"

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

/* The files of one split while they are written. */
struct part {
	struct npy_writer x, y, w, group;
	struct placing place; /* with partitions: where each row goes in what follows */
	struct npy_room room_x, room_y, room_w;
	int64_t *at;  /* of the frame at hand: the row that each becomes */
	int64_t read; /* rows so far */
	struct groups groups;
	float *rows; /* (cap) scratch */
	size_t cap;
	struct counts counts;
};

/* Of partitions: all sizes are known before the first row is read. */
static int create_rooms(const struct job *j, const char *dir, struct part *p)
{
	struct npy_writer counts = { 0 };
	char *path = path_join(dir, "x.npy");
	int rc = npy_room_open(path, NPY_F4, p->place.read, (int64_t)j->width, &p->room_x), ended;

	free(path);
	path = path_join(dir, "y.npy");
	if (!rc)
		rc = npy_room_open(path, NPY_F4, p->place.read, 0, &p->room_y);
	free(path);
	path = path_join(dir, "w.npy");
	if (!rc && j->node->weight)
		rc = npy_room_open(path, NPY_F4, p->place.read, 0, &p->room_w);
	free(path);
	path = path_join(dir, "partition.npy");
	if (!rc)
		rc = npy_create(path, NPY_I4, 0, &counts);
	if (!rc)
		rc = npy_append(&counts, p->place.rows, (int64_t)j->partitions.n + 1);
	ended = npy_finish(&counts);
	free(path);
	return rc ? rc : ended;
}

static int create_files(const struct job *j, const char *dir, struct part *p)
{
	char *path = path_join(dir, "x.npy");
	int rc;

	rc = npy_create(path, NPY_F4, (int64_t)j->contract.inputs, &p->x);
	free(path);
	path = path_join(dir, "y.npy");
	if (!rc)
		rc = npy_create(path, NPY_F4, 0, &p->y);
	free(path);
	path = path_join(dir, "w.npy");
	if (!rc && j->node->weight)
		rc = npy_create(path, NPY_F4, 0, &p->w);
	free(path);
	path = path_join(dir, "group.npy");
	if (!rc && j->node->group)
		rc = npy_create(path, NPY_I4, 0, &p->group);
	free(path);
	return rc;
}

static int create(const struct job *j, enum matrix_part part, struct part *p)
{
	char *dir = path_join(j->dir, matrix_part_name(part)), *table = part_path(j, part);
	int rc = file_make_dirs(dir);

	if (!rc && j->keys.n)
		rc = partitioning_place(&j->partitions, table, j->threads, &p->place);
	if (!rc)
		rc = j->keys.n ? create_rooms(j, dir, p) : create_files(j, dir, p);
	free(table);
	free(dir);
	return rc;
}

static int add_weights(const struct job *j, const struct frame *f, struct part *p)
{
	const struct frame_column *c = frame_find(f, j->node->weight);

	if (!c || (c->type != FRAME_DOUBLE && c->type != FRAME_INT))
		return error_set(ERR_INPUT, "its weight '%s' is not a column of numbers",
				 j->node->weight);
	for (int64_t i = 0; i < f->rows; i++) {
		double w = c->type == FRAME_INT ? (double)c->i[i] : c->d[i];

		if (!frame_valid(c, i) || !(w >= 0) || isinf(w))
			return error_set(ERR_INPUT,
					 "its weight '%s' is missing or negative in row %lld",
					 j->node->weight, (long long)(p->read + i + 1));
		p->rows[i] = (float)w;
	}
	return 0;
}

/* Rows of a frame, `stride` floats from one to the next, of which the first `width` are kept. */
static int put(const struct job *j, struct part *p, struct npy_writer *w, struct npy_room *room,
	       int64_t rows, size_t stride, size_t width)
{
	float *to = room->data;

	if (!j->keys.n)
		return npy_append(w, p->rows, rows);
	for (int64_t i = 0; i < rows; i++)
		memcpy(to + (size_t)p->at[i] * width, p->rows + (size_t)i * stride,
		       width * sizeof *to);
	return 0;
}

/* Where the rows of a frame go. */
static int find_places(const struct job *j, struct part *p, int64_t rows)
{
	if (!j->keys.n)
		return 0;
	if (p->read + rows > p->place.read)
		return error_set(ERR_CORRUPT, "the table grew while it was read");
	p->at = xrealloc(p->at, (size_t)rows * sizeof *p->at);
	for (int64_t i = 0; i < rows; i++)
		p->at[i] = p->place.next[p->place.of[p->read + i]]++;
	return 0;
}

static int add_rows(const struct job *j, const struct frame *f, struct part *p)
{
	size_t inputs = j->contract.inputs, need = (size_t)f->rows * (inputs + 1);
	int rc;

	if (need > p->cap) {
		free(p->rows);
		p->rows = NULL;
		rc = mem_alloc(need, sizeof *p->rows, &p->rows);
		if (rc)
			return rc;
		p->cap = need;
	}
	rc = find_places(j, p, f->rows);
	if (!rc)
		rc = transform_apply(&j->contract, f, p->rows, &p->counts);
	if (!rc)
		rc = put(j, p, &p->x, &p->room_x, f->rows, inputs, j->width);
	if (!rc)
		rc = transform_label(&j->contract, f, p->read + 1, p->rows);
	if (!rc)
		rc = put(j, p, &p->y, &p->room_y, f->rows, 1, 1);
	if (!rc && j->node->weight)
		rc = add_weights(j, f, p);
	if (!rc && j->node->weight)
		rc = put(j, p, &p->w, &p->room_w, f->rows, 1, 1);
	if (!rc && j->node->group)
		rc = groups_add(&p->groups, j->node->group, f);
	p->read += f->rows;
	return rc;
}

static int finish(struct job *j, enum matrix_part part, struct part *p)
{
	int rc = 0, one;

	if (j->node->group && p->groups.n)
		rc = npy_append(&p->group, p->groups.rows, (int64_t)p->groups.n);
	j->meta.splits[part].present = true;
	j->meta.splits[part].rows = p->read;
	npy_room_close(&p->room_x);
	npy_room_close(&p->room_y);
	npy_room_close(&p->room_w);
	one = npy_finish(&p->x);
	rc = rc ? rc : one;
	one = npy_finish(&p->y);
	rc = rc ? rc : one;
	one = npy_finish(&p->w);
	rc = rc ? rc : one;
	one = npy_finish(&p->group);
	return rc ? rc : one;
}

static int write_part(struct job *j, enum matrix_part part)
{
	struct table_scan *scan = NULL;
	struct part p = { .groups = GROUPS_INIT };
	struct frame rows;
	int rc = open_part(j, part, &scan), ended;

	counts_init(&p.counts, j->contract.n);
	if (!rc)
		rc = create(j, part, &p);
	while (!rc && (rc = table_scan_next(scan, &rows)) > 0)
		rc = add_rows(j, &rows, &p);
	ended = finish(j, part, &p);
	table_scan_close(scan);
	counts_clear(&p.counts);
	groups_clear(&p.groups);
	placing_clear(&p.place);
	free(p.rows);
	free(p.at);
	rc = rc ? rc : ended;
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

/* The contract in a model.json; *out is CONTRACT_INIT. */
static int read_model(const char *path, struct contract *out)
{
	json_t *meta = NULL;
	int rc = json_read(path, &meta);

	if (!rc)
		rc = contract_parse(json_object_get(meta, "contract"), out);
	json_decref(meta);
	return rc;
}

/* all: those of both. ERR_INPUT: one has a column that the other has not. */
static int check_columns(const struct contract *base, const struct contract *ours,
			 const struct contract *all)
{
	size_t i = 0;

	if (all->n > base->n)
		return error_set(ERR_INPUT,
				 "init-from: the other model does not know the column '%s'",
				 all->cols[base->n].name);
	if (all->n == ours->n)
		return 0;
	while (contract_find(ours, base->cols[i].name))
		i++;
	return error_set(ERR_INPUT, "init-from: the other model asks for the column '%s' too",
			 base->cols[i].name);
}

/*
 * Trees that are there know inputs by their places and categories by their codes: both stay, and
 * categories that are new come behind.
 */
static int follow_base(struct job *j)
{
	struct contract base = CONTRACT_INIT;
	struct joined all = JOINED_INIT;
	enum contract_mode mode = j->contract.mode;
	int rc = read_model(j->base, &base);

	if (!rc)
		rc = joined_add(&all, &base, "init-from");
	if (!rc)
		rc = joined_add(&all, &j->contract, j->node->name);
	if (!rc)
		rc = check_columns(&base, &j->contract, &all.contract);
	if (!rc) {
		contract_clear(&j->contract);
		j->contract = all.contract;
		j->contract.mode = mode;
		all.contract = (struct contract)CONTRACT_INIT;
	}
	contract_clear(&base);
	joined_clear(&all);
	return rc;
}

static int body(void *payload)
{
	struct job *j = payload;
	int rc = fit(j);

	if (!rc && j->base)
		rc = follow_base(j);
	if (!rc)
		rc = part_rows(j);
	for (int part = 0; !rc && part < MATRIX_PARTS; part++)
		if (has_part(j, (enum matrix_part)part))
			rc = write_part(j, (enum matrix_part)part);
	return rc ? rc : write_meta(j);
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
