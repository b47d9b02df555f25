/* evaluation.c - tests of lib/measure/evaluation: the document by hand, and the worst of its slices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/evaluation/evaluation.h"

enum { ROWS = 200 };

static float p[ROWS], y[ROWS];
static int32_t code[ROWS];
static char name[] = "scene";

/* Scene k of 4 is off by k; the rows of the last one have no label; scene 0 has ten rows. */
static struct measure_input rows_of(struct slice_column *scene)
{
	*scene = (struct slice_column){ .name = name, .rows = ROWS, .code = code };
	for (int k = 0; k < 4; k++)
		strlist_addf(&scene->values, "s%d", k);
	for (int i = 0; i < ROWS; i++) {
		code[i] = i < 10 ? 0 : 1 + i % 3;
		y[i] = code[i] == 3 ? NAN : (float)(i % 7);
		p[i] = (float)(i % 7 + code[i]);
	}
	return (struct measure_input){ .rows = ROWS, .k = 1, .predictions = p, .labels = y };
}

static json_t *document(int threads)
{
	struct slice_column scene;
	struct measure_input in = rows_of(&scene);
	struct slices s;
	const struct evaluation_ask ask = {
		.split = "test",
		.label = "delay",
		.slices = &s,
		.n_slices = 1,
		.bootstrap = { .samples = 50, .threads = threads },
	};
	json_t *doc;

	assert_int_equal(slices_make(&scene, NULL, &s), 0);
	assert_int_equal(evaluation_make(&in, &ask, &doc), 0);
	slices_clear(&s);
	strlist_clear(&scene.values);
	return doc;
}

static void test_document(void **state)
{
	json_t *doc = document(1), *again = document(4), *groups, *g;

	(void)state;
	assert_true(json_equal(doc, again));
	assert_string_equal(json_str(doc, "format", ""), "mich-evaluation/1");
	groups = json_object_get(json_array_get(json_object_get(doc, "slices"), 0), "groups");
	assert_int_equal(json_array_size(groups), 3);
	for (size_t k = 0; k < 3; k++) {
		g = json_array_get(groups, k);
		assert_true(json_num(json_object_get(g, "metrics"), "rmse", -1) == (double)k);
		assert_true(json_num(json_object_get(g, "metrics"), "bias", -1) == (double)k);
	}
	assert_int_equal(json_int(doc, "rows", 0),
			 ROWS - json_int(json_object_get(doc, "metrics"), "unlabelled", 0));
	json_decref(doc);
	json_decref(again);
}

static void test_worst(void **state)
{
	json_t *doc = document(1), *rows;
	struct worst_ask ask = { .n = 5, .min_rows = SLICE_MIN_ROWS };

	(void)state;
	assert_int_equal(evaluation_worst(doc, &ask, &rows), 0);
	assert_int_equal(json_array_size(rows), 2); /* ten rows are too few */
	assert_true(json_num(json_array_get(rows, 0), "value", 0) == 2);
	assert_string_equal(json_string_value(json_array_get(
				    json_object_get(json_array_get(rows, 0), "values"), 0)),
			    "s2");
	json_decref(rows);
	ask = (struct worst_ask){ .n = 5, .min_rows = 1, .metric = "r2", .by = " scene" };
	assert_int_equal(evaluation_worst(doc, &ask, &rows), 0);
	assert_int_equal(json_array_size(rows), 3);
	assert_true(json_num(json_array_get(rows, 2), "value", 0) == 1); /* more is better */
	json_decref(rows);
	ask.by = "weather";
	assert_int_equal(evaluation_worst(doc, &ask, &rows), ERR_INPUT);
	assert_null(rows);
	ask = (struct worst_ask){ .n = 5, .metric = "auc" };
	assert_int_equal(evaluation_worst(doc, &ask, &rows), ERR_INPUT);
	json_decref(doc);
}

static void test_too_many(void **state)
{
	enum { MANY = EVALUATION_SLICES + 1 };
	struct slice_column c = { .name = name, .rows = MANY };
	struct measure_input in = { .rows = MANY, .k = 1 };
	float *zero = xcalloc(MANY, sizeof *zero);
	struct slices s;
	json_t *v;

	(void)state;
	c.code = xcalloc(MANY, sizeof *c.code);
	for (int i = 0; i < MANY; i++)
		c.code[i] = i;
	in.predictions = in.labels = zero;
	assert_int_equal(slices_make(&c, NULL, &s), 0);
	assert_int_equal(evaluation_slices(&in, &s, NULL, &v), ERR_INPUT);
	assert_string_equal(error_text(),
			    "cannot slice by 'scene': that makes 10001 slices, more than 10000");
	slices_clear(&s);
	free(c.code);
	free(zero);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_worst),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
