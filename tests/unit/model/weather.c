/*
 * weather.c - a real table all the way: CSV to frames, fit, matrix, XGBoost, model folder, scores;
 * as one batch, as a stream in small pieces, as JSON lines. Held to XGBoost's own predictions bit
 * for bit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/model/rows/csvrows.h"
#include "lib/model/fit.h"
#include "lib/model/rows/jsonrows.h"
#include "lib/model/model.h"
#include "lib/model/transform.h"
#include "tests/parity/xgb.h"

static struct xgb xgb;
static struct buf csv = BUF_INIT;

enum { SPLIT = 20000 }; /* rows that are trained on */

static void raw_columns(struct contract *c)
{
	static const char *const ints[] = { "year", "month", "day", "hour" };
	static const char *const doubles[] = { "temp",	   "dewp",	 "humid",
					       "wind_dir", "wind_speed", "wind_gust",
					       "precip",   "pressure",	 "visib" };

	contract_add(c, "origin", FRAME_STRING);
	contract_add(c, "time_hour", FRAME_TIME);
	for (size_t i = 0; i < ARRAY_LEN(ints); i++)
		contract_add(c, ints[i], FRAME_INT);
	for (size_t i = 0; i < ARRAY_LEN(doubles); i++)
		contract_add(c, doubles[i], FRAME_DOUBLE);
}

/* The matrix of all rows, as they come by. */
struct matrix {
	struct fit *fit;
	struct contract contract;
	struct counts counts;
	float *x, *y;
	int64_t rows;
};

static struct frame head(const struct frame *f, int64_t rows)
{
	struct frame h = *f;

	h.rows = rows < h.rows ? rows : h.rows;
	return h;
}

static int take_fit(const struct frame *f, void *payload)
{
	struct matrix *m = payload;
	struct frame h = head(f, SPLIT - fit_rows(m->fit));

	return h.rows > 0 ? fit_add(m->fit, &h) : 0;
}

static int take_rows(const struct frame *f, void *payload)
{
	struct matrix *m = payload;

	m->x = xrealloc(m->x, (size_t)(m->rows + f->rows) * m->contract.inputs * sizeof(float));
	m->y = xrealloc(m->y, (size_t)(m->rows + f->rows) * sizeof(float));
	assert_int_equal(transform_label(&m->contract, f, 1, m->y + m->rows), 0);
	assert_int_equal(transform_apply(&m->contract, f,
					 m->x + (size_t)m->rows * m->contract.inputs, &m->counts),
			 0);
	m->rows += f->rows;
	return 0;
}

static void read_csv(const struct contract *types, size_t piece, batch_fn fn, void *payload)
{
	struct csvrows *r;
	int rc = 0;

	csvrows_new(&(struct csvrows_opts){ .contract = types, .max_rows = 1000 }, &r);
	for (size_t i = 0; i < csv.len && !rc; i += piece) {
		rc = csvrows_feed(r, csv.data + i, csv.len - i < piece ? csv.len - i : piece, fn,
				  payload);
		if (!rc)
			rc = csvrows_flush(r, fn, payload);
	}
	if (!rc)
		rc = csvrows_end(r, fn, payload);
	if (rc)
		fail_msg("%s", error_text());
	csvrows_free(r);
}

static void matrix_make(const char *label, struct matrix *m)
{
	struct contract raw = CONTRACT_INIT;

	*m = (struct matrix){ 0 };
	raw_columns(&raw);
	assert_int_equal(fit_new(&(struct fit_opts){ .label = label }, &m->fit), 0);
	read_csv(&raw, 1 << 20, take_fit, m);
	assert_int_equal(fit_rows(m->fit), SPLIT);
	if (fit_finish(m->fit, &m->contract) < 0)
		fail_msg("%s", error_text());
	counts_init(&m->counts, m->contract.n);
	read_csv(&raw, 1 << 20, take_rows, m);
	contract_clear(&raw);
}

static void *matrix_to_xgb(const struct matrix *m, int64_t rows)
{
	const char **types = xcalloc(m->contract.inputs, sizeof(*types));
	void *d;

	for (size_t i = 0; i < m->contract.inputs; i++)
		types[i] = contract_is_code(&m->contract, i) ? "c" : "float";
	XGB_TRY(&xgb, from_mat(m->x, (xgb_ulong)rows, m->contract.inputs, NAN, &d));
	XGB_TRY(&xgb, set_str(d, "feature_type", types, m->contract.inputs));
	XGB_TRY(&xgb, set_float(d, "label", m->y, (xgb_ulong)rows));
	free(types);
	return d;
}

static void *train(const struct matrix *m, const char *objective)
{
	void *d = matrix_to_xgb(m, SPLIT), *b;

	XGB_TRY(&xgb, create(&d, 1, &b));
	XGB_TRY(&xgb, set_param(b, "tree_method", "hist"));
	XGB_TRY(&xgb, set_param(b, "objective", objective));
	XGB_TRY(&xgb, set_param(b, "max_depth", "7"));
	XGB_TRY(&xgb, set_param(b, "nthread", "1"));
	if (!strncmp(objective, "multi", 5))
		XGB_TRY(&xgb, set_param(b, "num_class", "3"));
	for (int i = 0; i < 25; i++)
		XGB_TRY(&xgb, update(b, i, d));
	xgb.matrix_free(d);
	return b;
}

static char *folder_make(const struct matrix *m, void *b)
{
	char *dir = xstrdup("/tmp/mich-weather-XXXXXX"), *path;
	const char *bytes;
	xgb_ulong n;

	assert_non_null(mkdtemp(dir));
	path = path_join(dir, "model.ubj");
	XGB_TRY(&xgb, save(b, "{\"format\":\"ubj\"}", &n, &bytes));
	assert_int_equal(file_write(path, bytes, n), 0);
	assert_int_equal(model_write_forest(dir, &m->contract, "model.ubj", NULL), 0);
	free(path);
	return dir;
}

/* Scores as they come, and as JSON. */
struct answers {
	struct model *model;
	struct scores scores;
	float *v;
	size_t k;
	int64_t rows;
	struct buf json;
};

static int take_scores(const struct frame *f, void *payload)
{
	struct answers *a = payload;
	struct frame out;

	if (model_score(a->model, f, 2, &a->scores) < 0)
		fail_msg("%s", error_text());
	a->k = a->scores.k;
	a->v = xrealloc(a->v, (size_t)(a->rows + f->rows) * a->k * sizeof(float));
	memcpy(a->v + (size_t)a->rows * a->k, a->scores.v, (size_t)f->rows * a->k * sizeof(float));
	a->rows += f->rows;
	assert_int_equal(model_frame(a->model, &a->scores, &out), 0);
	jsonrows_put(&out, model_floats(a->model), &a->json);
	return 0;
}

static void answers_clear(struct answers *a)
{
	model_free(a->model);
	scores_clear(&a->scores);
	free(a->v);
	buf_clear(&a->json);
}

static struct answers answers_of(const char *dir)
{
	struct answers a = { .json = BUF_INIT };

	if (model_open(dir, &a.model) < 0)
		fail_msg("%s", error_text());
	return a;
}

static void answer_csv(const char *dir, size_t piece, struct answers *a)
{
	*a = answers_of(dir);
	read_csv(model_contract(a->model), piece, take_scores, a);
}

static int take_json(const struct frame *f, void *payload)
{
	jsonrows_put(f, f->n, payload);
	return 0;
}

/* The same rows by way of JSON lines. */
static void answer_json(const char *dir, struct answers *a)
{
	struct buf lines = BUF_INIT;
	struct jsonrows *r;

	*a = answers_of(dir);
	read_csv(model_contract(a->model), 1 << 16, take_json, &lines);
	jsonrows_new(&(struct jsonrows_opts){ .contract = model_contract(a->model) }, &r);
	if (jsonrows_feed(r, lines.data, lines.len, take_scores, a) < 0 ||
	    jsonrows_end(r, take_scores, a) < 0)
		fail_msg("%s", error_text());
	jsonrows_free(r);
	buf_clear(&lines);
}

static void same(const struct answers *a, const struct answers *b)
{
	assert_int_equal(a->rows, b->rows);
	assert_memory_equal(a->v, b->v, (size_t)a->rows * a->k * sizeof(float));
	assert_string_equal(a->json.data, b->json.data);
	assert_int_equal(counts_total(&a->scores.counts), counts_total(&b->scores.counts));
}

static void check_xgb(const struct matrix *m, void *b, const struct answers *a)
{
	const xgb_ulong *shape;
	const float *want;
	xgb_ulong dim;
	void *d = matrix_to_xgb(m, m->rows);

	XGB_TRY(&xgb,
		predict(b, d,
			"{\"type\":0,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,"
			"\"strict_shape\":true}",
			&shape, &dim, &want));
	assert_int_equal(a->rows, m->rows);
	assert_int_equal(shape[0] * shape[1], (xgb_ulong)a->rows * a->k);
	assert_memory_equal(a->v, want, (size_t)a->rows * a->k * sizeof(float));
	xgb.matrix_free(d);
}

static void run(const char *label, const char *objective)
{
	struct matrix m;
	struct answers batch, stream, json;
	void *b;
	char *dir;

	matrix_make(label, &m);
	b = train(&m, objective);
	dir = folder_make(&m, b);
	answer_csv(dir, 1 << 20, &batch);
	check_xgb(&m, b, &batch);
	assert_true(counts_total(&batch.scores.counts) > 0);
	answer_csv(dir, 331, &stream);
	same(&batch, &stream);
	answer_json(dir, &json);
	same(&batch, &json);
	answers_clear(&batch);
	answers_clear(&stream);
	answers_clear(&json);
	file_remove_tree(dir);
	free(dir);
	xgb.booster_free(b);
	fit_free(m.fit);
	contract_clear(&m.contract);
	counts_clear(&m.counts);
	free(m.x);
	free(m.y);
}

static void test_regression(void **state)
{
	(void)state;
	if (!csv.len)
		skip();
	run("visib", "reg:squarederror");
}

static void test_classes(void **state)
{
	(void)state;
	if (!csv.len)
		skip();
	run("origin", "multi:softprob");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_regression),
					    cmocka_unit_test(test_classes) };
	static const char *const places[] = { "build/data/nycflights13/weather.csv",
					      "../build/data/nycflights13/weather.csv" };
	int rc;

	for (size_t i = 0; xgb_open(&xgb) && !csv.len && i < ARRAY_LEN(places); i++)
		if (file_exists(places[i]))
			file_read(places[i], &csv);
	rc = cmocka_run_group_tests_name("model/weather", tests, NULL, NULL);
	buf_clear(&csv);
	return rc;
}
