/* partitioned.c - one model.json for the models of partitions, and how good each of them is. */
#include "lib/make/train/partitioned.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/deal.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/learn/matrix.h"
#include "lib/make/train/learners.h"
#include "lib/measure/metric/metrics.h"
#include "lib/model/model.h"
#include "lib/step/attempt.h"

enum { BLOCK_ROWS = 4096, PREDICTIONS_MOST = 1 << 27, PARTS = 2 };

static const enum matrix_part parts[PARTS] = { MATRIX_TRAIN, MATRIX_VALIDATION };

static char *figures_path(const struct attempt *a)
{
	return path_join(a->tmp, "figures.json");
}

/* --- model.json ----------------------------------------------------------------------------------- */

/* The contract of the parent: the first so many inputs, whose columns are the whole's. */
static struct contract leading(const struct contract *c, size_t inputs)
{
	struct contract some = *c;

	while (some.n && some.cols[some.n - 1].input >= inputs)
		some.n--;
	some.inputs = inputs;
	return some;
}

static json_t *values_of(const struct matrix *m, size_t number)
{
	json_t *values = json_array();

	for (size_t k = 0; k < m->by.n; k++)
		json_array_append_new(values, json_string(m->values.v[number * m->by.n + k]));
	return values;
}

static json_t *by_of(const struct matrix *m)
{
	json_t *by = json_array();

	for (size_t k = 0; k < m->by.n; k++)
		json_array_append_new(by, json_string(m->by.v[k]));
	return by;
}

static json_t *member_of(const struct matrix *m, const json_t *list)
{
	json_t *models = json_array(), *row;
	size_t i;

	json_array_foreach((json_t *)list, i, row)
		if (!json_object_get(row, "parent"))
			json_array_append_new(models,
					      json_pack("{s:o,s:O,s:O}", "values", values_of(m, i),
							"at", json_object_get(row, "at"), "bytes",
							json_object_get(row, "bytes")));
	return json_pack("{s:o,s:I,s:o}", "by", by_of(m), "inputs", (json_int_t)m->n_inputs,
			 "models", models);
}

/* --- how good they are ---------------------------------------------------------------------------- */

struct measured {
	const char *out, *matrix,
		*figures; /* paths: the model, the matrix, what is to be written */
	int threads;
	struct matrix m;
	struct model *model;
	size_t n, k;
	float *codes;	       /* (n + 1, by) of each partition; NaN of the rest */
	json_t **v;	       /* (n + 1, PARTS) figures; NULL: none */
	enum matrix_part part; /* the one at hand */
	float *predictions;    /* (rows, k) of it */
};

static void find_codes(struct measured *t)
{
	const struct contract *c = model_contract(t->model);

	t->codes = xcalloc((t->n + 1) * t->m.by.n, sizeof *t->codes);
	for (size_t i = 0; i <= t->n; i++)
		for (size_t k = 0; k < t->m.by.n; k++) {
			size_t at = i * t->m.by.n + k;
			const struct contract_column *col = contract_find(c, t->m.by.v[k]);

			t->codes[at] =
				i < t->n ? (float)dict_find(&col->categories, t->m.values.v[at])
					 : NAN;
		}
}

/* Rows of the matrix as the whole model takes them: with the codes of their partition behind them. */
static void put_rows(const struct measured *t, size_t number, int64_t first, size_t rows, float *x)
{
	const struct contract *c = model_contract(t->model);
	size_t width = t->m.n_inputs;
	const float *from = (const float *)t->m.splits[t->part].x.data + (size_t)first * width;

	for (size_t i = 0; i < rows; i++)
		memcpy(x + i * c->inputs, from + i * width, width * sizeof *x);
	for (size_t k = 0; k < t->m.by.n; k++) {
		size_t input = contract_find(c, t->m.by.v[k])->input;

		for (size_t i = 0; input >= width && i < rows; i++)
			x[i * c->inputs + input] = t->codes[number * t->m.by.n + k];
	}
}

static int score(const struct measured *t, size_t number, int64_t first, int64_t end)
{
	size_t inputs = model_contract(t->model)->inputs;
	float *x = NULL;
	int rc = mem_alloc(BLOCK_ROWS, inputs * sizeof *x, &x);

	while (!rc && first < end) {
		size_t rows = end - first < BLOCK_ROWS ? (size_t)(end - first) : BLOCK_ROWS;

		put_rows(t, number, first, rows, x);
		rc = model_score_inputs(t->model, x, (int64_t)rows, 1,
					t->predictions + (size_t)first * t->k);
		first += (int64_t)rows;
	}
	free(x);
	return rc;
}

/* Figures of rows first to end - 1; NULL where they define none. */
static json_t *figures(const struct measured *t, int64_t first, int64_t end)
{
	static const enum measure_task tasks[] = { [MATRIX_REGRESSION] = MEASURE_REGRESSION,
						   [MATRIX_BINARY] = MEASURE_BINARY,
						   [MATRIX_MULTICLASS] = MEASURE_MULTICLASS };
	const struct matrix_split *s = &t->m.splits[t->part];
	struct measure_input in = {
		.task = tasks[t->m.task],
		.rows = end - first,
		.k = (int64_t)t->k,
		.predictions = t->predictions + (size_t)first * t->k,
		.labels = (const float *)s->y.data + first,
		.weights = s->w.data ? (const float *)s->w.data + first : NULL,
	};
	json_t *v = NULL;

	if (first == end)
		return NULL;
	if (measure_metrics(&in, &v) < 0) {
		error_clear();
		return NULL;
	}
	json_object_del(v, "unlabelled");
	return v;
}

static int measure_one(void *payload, size_t number)
{
	const struct measured *t = payload;
	const int64_t *first = t->m.splits[t->part].first;
	size_t part = t->part == MATRIX_TRAIN ? 0 : 1;
	int rc = score(t, number, first[number], first[number + 1]);

	if (!rc)
		t->v[number * PARTS + part] = figures(t, first[number], first[number + 1]);
	return rc;
}

/* All partitions of one split; what they come to together goes to whole. */
static int measure_part(struct measured *t, enum matrix_part part, json_t *whole)
{
	const struct matrix_split *s = &t->m.splits[part];
	json_t *v;
	int rc;

	if (!s->rows || (size_t)s->rows > PREDICTIONS_MOST / t->k)
		return 0;
	t->part = part;
	rc = mem_alloc((size_t)s->rows, t->k * sizeof *t->predictions, &t->predictions);
	if (!rc)
		rc = deal(t->threads, t->n + 1, measure_one, t);
	if (!rc && (v = figures(t, 0, s->rows)))
		json_object_set_new(whole, matrix_part_name(part), v);
	free(t->predictions);
	t->predictions = NULL;
	return rc;
}

static void put_figures(const struct measured *t, size_t number, json_t *row)
{
	for (size_t i = 0; i < PARTS; i++)
		if (t->v[number * PARTS + i])
			json_object_set(row, matrix_part_name(parts[i]), t->v[number * PARTS + i]);
}

/* {"city": 34465}: values of train that are rarer than those that a contract can tell apart; NULL: none. */
static json_t *dropped_of(const struct contract *c, const struct matrix *m)
{
	json_t *out = json_object();

	for (size_t k = 0; k < m->by.n; k++) {
		const struct contract_column *col = contract_find(c, m->by.v[k]);

		if (col && col->dropped)
			json_object_set_new(out, col->name, json_integer(col->dropped));
	}
	if (json_object_size(out))
		return out;
	json_decref(out);
	return NULL;
}

/* The learner's list, with values and figures. */
static int write_list(const struct measured *t)
{
	char *path = path_join(t->out, "partitions.json");
	json_t *list = NULL, *row, *rest = json_object(),
	       *dropped = dropped_of(model_contract(t->model), &t->m);
	size_t i;
	int rc = json_read(path, &list);

	json_array_foreach(json_object_get(list, "partitions"), i, row) {
		json_object_del(row, "at");
		json_object_del(row, "bytes");
		json_object_set_new(row, "values", values_of(&t->m, i));
		put_figures(t, i, row);
	}
	put_figures(t, t->n, rest);
	if (!rc) {
		json_object_set_new(list, "by", by_of(&t->m));
		if (json_object_size(rest))
			json_object_set(list, "rest", rest);
		if (dropped)
			json_object_set(list, "dropped", dropped);
		rc = json_write(path, list);
	}
	json_decref(rest);
	json_decref(dropped);
	json_decref(list);
	free(path);
	return rc;
}

static int measure(struct measured *t)
{
	json_t *whole = json_object();
	int rc = 0;

	t->n = matrix_partitions(&t->m);
	t->k = model_width(t->model);
	t->v = xcalloc((t->n + 1) * PARTS, sizeof(*t->v));
	find_codes(t);
	for (size_t i = 0; i < PARTS && !rc; i++)
		rc = measure_part(t, parts[i], whole);
	if (!rc)
		rc = write_list(t);
	if (!rc)
		rc = json_write(t->figures, whole);
	for (size_t i = 0; i < (t->n + 1) * PARTS; i++)
		json_decref(t->v[i]);
	free(t->v);
	free(t->codes);
	json_decref(whole);
	return rc;
}

static int body(void *payload)
{
	struct measured *t = payload;
	int rc = matrix_open(t->matrix, &t->m);

	if (!rc)
		rc = model_open(t->out, &t->model);
	if (!rc)
		rc = measure(t);
	model_free(t->model);
	matrix_close(&t->m);
	return rc;
}

/* --- the step ------------------------------------------------------------------------------------- */

static int write_models(const char *out, const struct learner *l, const struct matrix *m,
			const struct contract *c, const json_t *list)
{
	char *parent = path_join(out, "parent");
	struct contract seen = leading(c, m->n_inputs);
	int rc = l->write(parent, &seen);

	if (!rc)
		rc = model_write_partitions(out, c, member_of(m, list));
	free(parent);
	return rc;
}

/* How many have a model of their own, for the manifest. */
static void add_fact(struct attempt *a, const struct matrix *m, const json_t *list)
{
	json_int_t parent = 0;
	json_t *row;
	size_t i;

	json_array_foreach((json_t *)list, i, row)
		parent += json_object_get(row, "parent") != NULL;
	json_object_set_new(a->facts, "partitions",
			    json_pack("{s:o,s:I,s:I}", "by", by_of(m), "own",
				      (json_int_t)json_array_size(list) - parent, "parent",
				      parent));
}

int partitioned_write(struct attempt *a, const struct learner *l, const char *matrix,
		      const struct contract *contract)
{
	char *path = path_join(a->out, "partitions.json"), *figures_to = figures_path(a);
	struct measured t = { .out = a->out,
			      .matrix = matrix,
			      .figures = figures_to,
			      .threads = a->threads,
			      .m = MATRIX_INIT };
	struct matrix m = MATRIX_INIT;
	json_t *doc = NULL, *list = NULL;
	int rc = matrix_open(matrix, &m);

	if (!rc)
		rc = json_read(path, &doc);
	list = json_object_get(doc, "partitions");
	if (!rc && json_array_size(list) != matrix_partitions(&m))
		rc = error_set(ERR_STEP, "its program left no list of partitions");
	if (!rc)
		rc = write_models(a->out, l, &m, contract, list);
	if (!rc)
		add_fact(a, &m, list);
	if (!rc)
		rc = attempt_body(a, body, &t);
	json_decref(doc);
	matrix_close(&m);
	free(figures_to);
	free(path);
	return rc;
}

int partitioned_take(struct attempt *a)
{
	char *path = figures_path(a);
	json_t *whole = NULL;
	int rc = json_read(path, &whole);

	if (!rc && !a->metrics)
		a->metrics = json_object();
	if (!rc)
		json_object_update(a->metrics, whole);
	json_decref(whole);
	free(path);
	return rc;
}
