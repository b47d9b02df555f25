/* contrast.c - tests of lib/measure/contrast: verdicts, tolerance, slices that are not judged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/chance/draw.h"
#include "lib/measure/compare/contrast.h"

enum { ROWS = 600 };

/* Labels, two answers, and a column of three values: "big", "small" (20 rows), "one-sided". */
static float y[ROWS], near_[ROWS], far_[ROWS];
static int32_t codes[ROWS];
static struct slice_column column = { .name = (char *)"place", .rows = ROWS, .code = codes };

static int place_of(size_t i)
{
	return i % 30 == 0 ? 1 : i % 3 == 0 ? 2 : 0;
}

static void fill(bool classes)
{
	uint64_t start = draw_stream(5, 0);

	if (!column.values.n) {
		strlist_add(&column.values, "big");
		strlist_add(&column.values, "small");
		strlist_add(&column.values, "one-sided");
	}
	for (size_t i = 0; i < ROWS; i++) {
		double u = draw_unit(draw_bits(start, 3 * i)),
		       v = draw_unit(draw_bits(start, 3 * i + 1));
		double w = draw_unit(draw_bits(start, 3 * i + 2));

		codes[i] = place_of(i);
		if (classes) {
			y[i] = u < 0.5 && codes[i] != 2;
			near_[i] = (float)(0.7 * (double)y[i] + 0.3 * v);
			far_[i] = (float)(0.3 * (double)y[i] + 0.7 * w);
		} else {
			y[i] = (float)(10 * u);
			near_[i] = y[i] + (float)(v - 0.5);
			far_[i] = y[i] + (float)(1.5 * (w - 0.5));
		}
	}
}

static json_t *contrast(bool classes, const float *a, const float *b, double tolerance, int samples)
{
	struct measure_input in = { .task = classes ? MEASURE_BINARY : MEASURE_REGRESSION,
				    .rows = ROWS,
				    .k = 1,
				    .labels = y };
	struct slices s = SLICES_INIT;
	struct contrast_ask ask = { .a = in,
				    .b = in,
				    .slices = &s,
				    .n_slices = 1,
				    .search = &column,
				    .n_search = 1,
				    .tolerance = tolerance,
				    .min_rows = 30,
				    .samples = samples,
				    .threads = 2 };
	json_t *doc;

	ask.a.predictions = a;
	ask.b.predictions = b;
	assert_int_equal(slices_make(&column, NULL, &s), 0);
	assert_int_equal(contrast_make(&ask, &doc), 0);
	slices_clear(&s);
	return doc;
}

static const json_t *metric(const json_t *doc, size_t i)
{
	return json_array_get(json_object_get(doc, "metrics"), i);
}

static const json_t *group(const json_t *doc, size_t i)
{
	return json_array_get(
		json_object_get(json_array_get(json_object_get(doc, "slices"), 0), "groups"), i);
}

static const char *verdict(const json_t *row)
{
	return json_str(row, "verdict", "(null)");
}

static void test_worse(void **state)
{
	json_t *doc;

	(void)state;
	fill(false);
	doc = contrast(false, near_, far_, 0, 500);
	assert_true(json_bool(doc, "worse", false));
	assert_string_equal(json_str(metric(doc, 0), "metric", ""), "rmse");
	assert_string_equal(verdict(metric(doc, 0)), "worse");
	assert_true(json_bool(metric(doc, 0), "beyond", false));
	assert_string_equal(verdict(group(doc, 0)), "worse");
	/* 20 rows: shown, with figures and without a judgement */
	assert_int_equal(json_int(group(doc, 1), "rows", 0), 20);
	assert_string_equal(verdict(group(doc, 1)), "(null)");
	assert_true(json_num(group(doc, 1), "difference", NAN) > 0);
	assert_true(json_is_null(json_object_get(group(doc, 1), "p_holm")));
	assert_true(json_num(group(doc, 0), "p_holm", 0) >= json_num(group(doc, 0), "p", 1));
	json_decref(doc);
	doc = contrast(false, far_, near_, 0, 500);
	assert_false(json_bool(doc, "worse", true));
	assert_string_equal(verdict(metric(doc, 0)), "better");
	json_decref(doc);
}

static void test_tolerance(void **state)
{
	json_t *doc;

	(void)state;
	fill(false);
	doc = contrast(false, near_, far_, 1, 500); /* about 0.5 worse, twice that is tolerated */
	assert_false(json_bool(doc, "worse", true));
	assert_string_equal(verdict(metric(doc, 0)), "worse");
	assert_false(json_bool(metric(doc, 0), "beyond", true));
	json_decref(doc);
	doc = contrast(false, near_, far_, 0.1, 500);
	assert_true(json_bool(doc, "worse", false));
	json_decref(doc);
}

/* Without samples every difference is one, and there are no intervals. */
static void test_plain(void **state)
{
	json_t *doc;

	(void)state;
	fill(false);
	memcpy(far_, near_, sizeof far_);
	doc = contrast(false, near_, far_, 0, 0);
	assert_string_equal(verdict(metric(doc, 0)), "same");
	json_decref(doc);
	far_[1] = near_[1] + (near_[1] > y[1] ? 0.001f : -0.001f);
	doc = contrast(false, near_, far_, 0, 0);
	assert_true(json_bool(doc, "worse", false));
	assert_true(json_is_null(json_object_get(metric(doc, 0), "interval")));
	assert_null(json_object_get(doc, "bootstrap"));
	json_decref(doc);
}

/* A slice with rows of one class has no auc: no verdict, and it does not make anything worse. */
static void test_one_sided(void **state)
{
	json_t *doc;

	(void)state;
	fill(true);
	doc = contrast(true, far_, near_, 0, 500);
	assert_string_equal(json_str(doc, "main", ""), "auc");
	assert_string_equal(verdict(metric(doc, 0)), "better");
	assert_string_equal(verdict(group(doc, 2)), "(null)");
	assert_true(json_is_null(json_object_get(group(doc, 2), "a")));
	assert_string_equal(json_str(json_object_get(doc, "searched"), "metric", ""), "logloss");
	json_decref(doc);
	doc = contrast(true, near_, far_, 0, 500);
	assert_true(json_bool(doc, "worse", false));
	json_decref(doc);
}

/* The document has only numbers and nulls where it says so, and its bytes repeat. */
static void test_repeats(void **state)
{
	struct buf one = BUF_INIT, two = BUF_INIT;
	json_t *doc;

	(void)state;
	fill(true);
	doc = contrast(true, near_, far_, 0, 200);
	json_canonical(doc, &one);
	json_decref(doc);
	doc = contrast(true, near_, far_, 0, 200);
	json_canonical(doc, &two);
	json_decref(doc);
	assert_string_equal(one.data, two.data);
	buf_clear(&one);
	buf_clear(&two);
}

static int forget(void **state)
{
	(void)state;
	strlist_clear(&column.values);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worse),	cmocka_unit_test(test_tolerance),
		cmocka_unit_test(test_plain),	cmocka_unit_test(test_one_sided),
		cmocka_unit_test(test_repeats),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
