/* matrix.c - the folder that a learner reads. */
#include "lib/learn/matrix.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/learn/matrix_partition.h"

enum { MAX_INPUTS = 1 << 20 };

static const char FORMAT[] = "mich-matrix/1";
static const char *const tasks[] = { "regression", "binary", "multiclass", "ranking" };
static const char *const parts[] = { "train", "test", "validation" };

const char *matrix_task_name(enum matrix_task task)
{
	return tasks[task];
}

int matrix_task_parse(const char *name, enum matrix_task *out)
{
	for (size_t i = 0; i < ARRAY_LEN(tasks); i++)
		if (!strcmp(name, tasks[i])) {
			*out = (enum matrix_task)i;
			return 0;
		}
	return error_set(ERR_INPUT, "'%s' is no task: regression, binary, multiclass or ranking",
			 name);
}

const char *matrix_part_name(enum matrix_part part)
{
	return parts[part];
}

void matrix_add_input(struct matrix *m, const char *name, bool categorical, int64_t categories)
{
	m->inputs = xrealloc(m->inputs, (m->n_inputs + 1) * sizeof(*m->inputs));
	m->inputs[m->n_inputs++] = (struct matrix_input){
		.name = xstrdup(name),
		.categorical = categorical,
		.categories = categorical ? categories : 0,
	};
}

static int parse_classes(const json_t *v, struct matrix *m)
{
	size_t i;
	json_t *c;

	if (v && !json_is_array(v))
		return error_set(ERR_CORRUPT, "its classes are not a list");
	json_array_foreach(v, i, c) {
		if (!json_is_string(c))
			return error_set(ERR_CORRUPT, "its class %zu is not a string", i);
		strlist_add(&m->classes, json_string_value(c));
	}
	if (m->task == MATRIX_MULTICLASS && m->classes.n < 2)
		return error_set(ERR_CORRUPT, "a multiclass matrix needs its classes, it names %zu",
				 m->classes.n);
	if (m->task == MATRIX_BINARY && m->classes.n != 0 && m->classes.n != 2)
		return error_set(ERR_CORRUPT, "a binary matrix has two classes, it names %zu",
				 m->classes.n);
	return 0;
}

static int parse_input(const json_t *v, size_t i, struct matrix *m)
{
	const char *name = json_str(v, "name", NULL), *type = json_str(v, "type", NULL);
	int64_t categories = json_int(v, "categories", 0);
	bool categorical = type && !strcmp(type, "categorical");

	if (!name || !type || (!categorical && strcmp(type, "float") != 0))
		return error_set(ERR_CORRUPT,
				 "its input %zu has no name or no type float or categorical", i);
	if (categories < 0 || categories > 1 << 24)
		return error_set(ERR_CORRUPT, "its input '%s' has %lld categories", name,
				 (long long)categories);
	matrix_add_input(m, name, categorical, categories);
	return 0;
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int check_names(const struct matrix *m)
{
	const char **names = xcalloc(m->n_inputs, sizeof(*names));
	int rc = 0;

	for (size_t i = 0; i < m->n_inputs; i++)
		names[i] = m->inputs[i].name;
	qsort(names, m->n_inputs, sizeof(*names), compare_strings);
	for (size_t i = 1; i < m->n_inputs && !rc; i++)
		if (!strcmp(names[i - 1], names[i]))
			rc = error_set(ERR_CORRUPT, "its input '%s' is there twice", names[i]);
	free(names);
	return rc;
}

static int parse_inputs(const json_t *v, struct matrix *m)
{
	size_t i;
	json_t *e;
	int rc;

	if (!json_is_array(v) || json_array_size(v) == 0 || json_array_size(v) > MAX_INPUTS)
		return error_set(ERR_CORRUPT, "it has no list of inputs");
	json_array_foreach(v, i, e)
		if ((rc = parse_input(e, i, m)))
			return rc;
	return check_names(m);
}

static int parse_splits(const json_t *v, struct matrix *m)
{
	for (size_t i = 0; i < MATRIX_PARTS; i++) {
		const json_t *s = json_object_get(v, parts[i]);
		int64_t rows = json_int(s, "rows", -1);

		if (!s)
			continue;
		if (rows < 0)
			return error_set(ERR_CORRUPT, "its split '%s' has no number of rows",
					 parts[i]);
		m->splits[i].present = true;
		m->splits[i].rows = rows;
	}
	if (!m->splits[MATRIX_TRAIN].present)
		return error_set(ERR_CORRUPT, "it has no split 'train'");
	return 0;
}

static int parse_meta(const json_t *v, struct matrix *m)
{
	const char *format = json_str(v, "format", NULL), *task = json_str(v, "task", NULL);
	int rc;

	if (!format || strcmp(format, FORMAT) != 0)
		return error_set(ERR_CORRUPT, "its format is '%s', want '%s'", format ? format : "",
				 FORMAT);
	if (!task || matrix_task_parse(task, &m->task) < 0)
		return error_set(ERR_CORRUPT,
				 "its task '%s' is none of regression, binary, multiclass, ranking",
				 task ? task : "");
	rc = parse_classes(json_object_get(v, "classes"), m);
	if (!rc)
		rc = parse_inputs(json_object_get(v, "inputs"), m);
	if (!rc)
		rc = parse_splits(json_object_get(v, "splits"), m);
	if (!rc)
		rc = matrix_partition_parse(json_object_get(v, "partitions"), m);
	return rc;
}

int matrix_meta_parse(const char *data, size_t n, struct matrix *m)
{
	json_t *v = NULL;
	int rc;

	*m = (struct matrix)MATRIX_INIT;
	rc = json_parse(data, n, "matrix.json", &v);
	if (rc)
		return rc;
	rc = parse_meta(v, m);
	json_decref(v);
	if (rc) {
		matrix_close(m);
		return error_wrap(rc, "cannot use matrix.json");
	}
	return 0;
}

static json_t *input_json(const struct matrix_input *in)
{
	json_t *v = json_object();

	json_object_set_new(v, "name", json_string(in->name));
	json_object_set_new(v, "type", json_string(in->categorical ? "categorical" : "float"));
	if (in->categorical)
		json_object_set_new(v, "categories", json_integer(in->categories));
	return v;
}

int matrix_write_meta(const char *dir, const struct matrix *m)
{
	json_t *v = json_object(), *classes = json_array(), *inputs = json_array(),
	       *splits = json_object();
	char *path = path_join(dir, "matrix.json");
	int rc;

	for (size_t i = 0; i < m->classes.n; i++)
		json_array_append_new(classes, json_string(m->classes.v[i]));
	for (size_t i = 0; i < m->n_inputs; i++)
		json_array_append_new(inputs, input_json(&m->inputs[i]));
	for (size_t i = 0; i < MATRIX_PARTS; i++)
		if (m->splits[i].present) {
			json_t *s = json_object();

			json_object_set_new(s, "rows", json_integer(m->splits[i].rows));
			json_object_set_new(splits, parts[i], s);
		}
	json_object_set_new(v, "format", json_string(FORMAT));
	json_object_set_new(v, "task", json_string(tasks[m->task]));
	json_object_set_new(v, "classes", classes);
	json_object_set_new(v, "inputs", inputs);
	json_object_set_new(v, "splits", splits);
	if (m->by.n)
		json_object_set_new(v, "partitions", matrix_partition_json(m));
	rc = json_write(path, v);
	json_decref(v);
	free(path);
	return rc;
}

/* Map DIR/name and hold it to its type and shape; rows < 0: any number. An optional one may be
 * absent. */
static int map_array(const char *dir, const char *name, enum npy_type type, int64_t rows,
		     int64_t cols, bool optional, struct npy *a)
{
	char *path = path_join(dir, name);
	int rc = 0;

	if (!optional || file_exists(path))
		rc = npy_open(path, a);
	if (!rc && a->data &&
	    (a->type != type || a->cols != cols || (rows >= 0 && a->rows != rows)))
		rc = error_set(
			ERR_CORRUPT,
			"cannot use '%s': matrix.json says another type or shape than (%lld, %lld)",
			path, (long long)a->rows, (long long)a->cols);
	free(path);
	return rc;
}

static int check_groups(const char *dir, const struct matrix_split *s)
{
	const int32_t *sizes = s->group.data;
	int64_t total = 0;

	for (int64_t i = 0; i < s->group.rows; i++) {
		if (sizes[i] <= 0)
			return error_set(ERR_CORRUPT,
					 "cannot use '%s/group.npy': group %lld has %d rows", dir,
					 (long long)i, sizes[i]);
		total += sizes[i];
	}
	if (total != s->rows)
		return error_set(ERR_CORRUPT,
				 "cannot use '%s/group.npy': it holds %lld rows, the split %lld",
				 dir, (long long)total, (long long)s->rows);
	return 0;
}

static int map_split(const char *dir, const struct matrix *m, struct matrix_split *s)
{
	bool ranking = m->task == MATRIX_RANKING;
	int rc = map_array(dir, "x.npy", NPY_F4, s->rows, (int64_t)m->n_inputs, false, &s->x);

	if (!rc)
		rc = map_array(dir, "y.npy", NPY_F4, s->rows, 1, false, &s->y);
	if (!rc && ranking)
		rc = map_array(dir, "group.npy", NPY_I4, -1, 1, false, &s->group);
	if (!rc && ranking)
		rc = check_groups(dir, s);
	if (!rc)
		rc = map_array(dir, "w.npy", NPY_F4, ranking ? s->group.rows : s->rows, 1, true,
			       &s->w);
	if (!rc && m->by.n)
		rc = map_array(dir, "partition.npy", NPY_I4, (int64_t)matrix_partitions(m) + 1, 1,
			       false, &s->partition);
	if (!rc && m->by.n)
		rc = matrix_partition_place(dir, m, s);
	return rc;
}

int matrix_open(const char *dir, struct matrix *m)
{
	struct buf meta = BUF_INIT;
	char *path = path_join(dir, "matrix.json");
	int rc;

	*m = (struct matrix)MATRIX_INIT;
	rc = file_read(path, &meta);
	if (!rc)
		rc = matrix_meta_parse(meta.data, meta.len, m);
	for (size_t i = 0; i < MATRIX_PARTS && !rc; i++) {
		char *sub = path_join(dir, parts[i]);

		if (m->splits[i].present)
			rc = map_split(sub, m, &m->splits[i]);
		free(sub);
	}
	if (rc)
		matrix_close(m);
	buf_clear(&meta);
	free(path);
	return rc;
}

static int bad_value(enum matrix_part part, int64_t row, const char *fmt, double v)
{
	char what[80];

	snprintf(what, sizeof what, fmt, v);
	return error_set(ERR_INPUT, "cannot learn from the split '%s': row %lld has %s",
			 parts[part], (long long)row, what);
}

static int check_labels(const struct matrix *m, enum matrix_part part)
{
	const struct matrix_split *s = &m->splits[part];
	const float *y = s->y.data;
	float classes = m->task == MATRIX_BINARY ? 2 : (float)m->classes.n;
	bool is_class = m->task == MATRIX_BINARY || m->task == MATRIX_MULTICLASS;

	for (int64_t i = 0; i < s->rows; i++) {
		double v = (double)y[i];

		if (isnan(y[i]))
			return bad_value(part, i, "no label", v);
		if (isinf(y[i]))
			return bad_value(part, i, "an infinite label", v);
		if (is_class && !(y[i] >= 0 && y[i] < classes && floorf(y[i]) == y[i]))
			return bad_value(part, i, "the label %g, which is no class", v);
		if (m->task == MATRIX_RANKING && y[i] < 0)
			return bad_value(part, i, "the relevance %g, want 0 or more", v);
	}
	return 0;
}

bool matrix_weighs(const struct matrix *m, enum matrix_part part)
{
	const struct matrix_split *s = &m->splits[part];
	const float *w = s->w.data;
	int64_t i = 0;

	while (w && i < s->w.rows && !(w[i] > 0))
		i++;
	return s->rows && (!w || i < s->w.rows);
}

int matrix_check_values(const struct matrix *m, enum matrix_part part)
{
	const struct matrix_split *s = &m->splits[part];
	const float *w = s->w.data;
	int rc = check_labels(m, part);

	for (int64_t i = 0; w && i < s->w.rows && !rc; i++)
		if (!(isfinite(w[i]) && w[i] >= 0))
			rc = bad_value(part, i, "the weight %g", (double)w[i]);
	if (!rc && s->rows && part == MATRIX_TRAIN && !matrix_weighs(m, part))
		rc = error_set(ERR_INPUT, "cannot learn: the weight of every row of train is 0");
	return rc;
}

void matrix_close(struct matrix *m)
{
	for (size_t i = 0; i < m->n_inputs; i++)
		free(m->inputs[i].name);
	free(m->inputs);
	for (size_t i = 0; i < MATRIX_PARTS; i++) {
		npy_close(&m->splits[i].x);
		npy_close(&m->splits[i].y);
		npy_close(&m->splits[i].w);
		npy_close(&m->splits[i].group);
		npy_close(&m->splits[i].partition);
		free(m->splits[i].first);
	}
	strlist_clear(&m->classes);
	strlist_clear(&m->by);
	strlist_clear(&m->values);
	*m = (struct matrix)MATRIX_INIT;
}
