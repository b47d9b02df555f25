/* metrics.c - tests of lib/measure/metrics by hand-made cases; tests/parity has scikit-learn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/measure/metric/metrics.h"

static void near(const json_t *v, const char *name, double want)
{
	double got = json_num(v, name, NAN);

	if (!(fabs(got - want) <= 1e-12 * fmax(1, fabs(want))))
		fail_msg("%s is %.17g, want %.17g", name, got, want);
}

static json_t *measure(struct measure_input in)
{
	json_t *v = NULL;

	if (!in.k)
		in.k = 1;
	assert_int_equal(measure_metrics(&in, &v), 0);
	return v;
}

static void test_relative_error_of_nothing(void **state)
{
	const float p[] = { 2.5f, 1 }, y[] = { 3, 0 };
	json_t *v = measure((struct measure_input){ .rows = 2, .predictions = p, .labels = y });

	(void)state;
	assert_true(json_is_null(json_object_get(v, "mape")));
	near(v, "mae", 0.75);
	json_decref(v);
}

static void test_regression(void **state)
{
	const float p[] = { 2.5f, 0, 2, 8, 99 }, y[] = { 3, -0.5f, 2, 7, NAN };
	json_t *v = measure((struct measure_input){ .rows = 5, .predictions = p, .labels = y });

	(void)state;
	near(v, "rmse", sqrt(0.375));
	near(v, "mae", 0.5);
	near(v, "mape", (0.5 / 3 + 1 + 0 + 1.0 / 7) / 4);
	near(v, "r2", 0.9486081370449679);
	near(v, "bias", 0.25);
	assert_int_equal(json_int(v, "rows", 0), 4);
	assert_int_equal(json_int(v, "unlabelled", 0), 1);
	json_decref(v);
}

static void test_binary(void **state)
{
	const float p[] = { 0.25f, 0.5f, 0.375f, 0.75f }, y[] = { 0, 0, 1, 1 };
	json_t *v = measure((struct measure_input){
		.task = MEASURE_BINARY, .rows = 4, .predictions = p, .labels = y });

	(void)state;
	near(v, "auc", 0.75);
	near(v, "accuracy", 0.5);
	near(v, "precision", 0.5);
	near(v, "recall", 0.5);
	near(v, "f1", 0.5);
	near(v, "brier", (0.0625 + 0.25 + 0.390625 + 0.0625) / 4);
	near(v, "logloss", -(log(0.75) + log(0.5) + log(0.375) + log(0.75)) / 4);
	near(v, "threshold", 0.5);
	assert_int_equal(json_int(v, "tp", -1), 1);
	assert_int_equal(json_int(v, "fp", -1), 1);
	json_decref(v);
	v = measure((struct measure_input){ .task = MEASURE_BINARY,
					    .rows = 4,
					    .predictions = p,
					    .labels = y,
					    .threshold = 0.25 });
	near(v, "recall", 1);
	near(v, "precision", 0.5);
	json_decref(v);
	v = measure((struct measure_input){
		.task = MEASURE_BINARY, .rows = 2, .predictions = p, .labels = y });
	assert_true(json_is_null(json_object_get(v, "auc")));
	near(v, "precision", 0);
	json_decref(v);
}

static void test_multiclass(void **state)
{
	const float p[] = { 0.5f, 0.25f, 0.25f, 0.25f, 0.5f,  0.25f,
			    0.5f, 0.25f, 0.25f, 0.25f, 0.25f, 0.5f };
	const float y[] = { 0, 1, 1, 2 };
	json_t *v = measure((struct measure_input){
		.task = MEASURE_MULTICLASS, .rows = 4, .k = 3, .predictions = p, .labels = y });

	(void)state;
	near(v, "accuracy", 0.75);
	near(v, "logloss", -(log(0.5) * 3 + log(0.25)) / 4);
	near(v, "precision", (0.5 + 1 + 1) / 3);
	near(v, "recall", (1 + 0.5 + 1) / 3);
	near(v, "f1", (2 / 3.0 + 2 / 3.0 + 1) / 3);
	json_decref(v);
}

static void test_ranking(void **state)
{
	const float p[] = { 3, 2, 1, 1, 2, 9 }, y[] = { 3, 2, 0, 1, 0, 1 };
	const int32_t groups[] = { 3, 2, 1 };
	json_t *v = measure((struct measure_input){ .task = MEASURE_RANKING,
						    .rows = 6,
						    .predictions = p,
						    .labels = y,
						    .groups = groups,
						    .n_groups = 3 });

	(void)state;
	near(v, "ndcg", (1 + 1 / log2(3)) / 2);
	near(v, "ndcg@10", (1 + 1 / log2(3)) / 2);
	assert_int_equal(json_int(v, "groups", 0), 2);
	json_decref(v);
}

static void test_same_bits_whatever_the_cancellation(void **state)
{
	const float p[] = { 1e8f, 1, -1e8f, 1 }, y[] = { 0, 0, 0, 0 };
	json_t *v = measure((struct measure_input){ .rows = 4, .predictions = p, .labels = y });

	(void)state;
	near(v, "bias", 0.5);
	json_decref(v);
}

static void refused(struct measure_input in, const char *why)
{
	json_t *v = NULL;

	in.k = in.k ? in.k : 1;
	assert_int_equal(measure_metrics(&in, &v), ERR_INPUT);
	assert_null(v);
	if (!strstr(error_text(), why))
		fail_msg("'%s' does not say '%s'", error_text(), why);
}

static void test_refused(void **state)
{
	const float nan1[] = { NAN, NAN }, one[] = { 1, 1 }, two[] = { 1, 2 }, bad[] = { 0, NAN },
		    zero[] = { 0, 0 };
	const int32_t groups[] = { 3 };

	(void)state;
	refused((struct measure_input){ .rows = 2, .predictions = one, .labels = nan1 },
		"none with a label");
	refused((struct measure_input){ .rows = 0, .predictions = one, .labels = one }, "0 rows");
	refused((struct measure_input){ .rows = 2, .predictions = bad, .labels = one },
		"row 1 has the prediction");
	refused(
		(struct measure_input){
			.task = MEASURE_BINARY, .rows = 2, .predictions = one, .labels = two },
		"row 1 has the label 2");
	refused(
		(struct measure_input){
			.task = MEASURE_BINARY, .rows = 2, .predictions = two, .labels = one },
		"no probability");
	refused(
		(struct measure_input){
			.rows = 2, .predictions = one, .labels = one, .weights = zero },
		"weights of all rows are 0");
	refused(
		(struct measure_input){
			.rows = 2, .predictions = one, .labels = one, .weights = bad },
		"row 1 has the weight");
	refused((struct measure_input){ .rows = 2, .k = 2, .predictions = one, .labels = one },
		"2 values a row");
	refused((struct measure_input){ .task = MEASURE_RANKING,
					.rows = 2,
					.predictions = one,
					.labels = one,
					.groups = groups,
					.n_groups = 1 },
		"groups hold 3 rows");
}

static void test_direction(void **state)
{
	(void)state;
	assert_true(measure_higher_is_better("test.auc"));
	assert_true(measure_higher_is_better("validation.ndcg@32"));
	assert_false(measure_higher_is_better("test.rmse"));
	assert_false(measure_higher_is_better("loss"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_regression),
		cmocka_unit_test(test_relative_error_of_nothing),
		cmocka_unit_test(test_binary),
		cmocka_unit_test(test_multiclass),
		cmocka_unit_test(test_ranking),
		cmocka_unit_test(test_same_bits_whatever_the_cancellation),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_direction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
