/* bootstrap.c - tests of lib/measure/bootstrap: its sums against the metrics themselves, its bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/measure/chance/bootstrap.h"
#include "lib/measure/chance/draw.h"

enum { ROWS = 240, CLASSES = 3, GROUP = 8, SAMPLES = 60 };

static float p[ROWS * CLASSES], y[ROWS], w[ROWS];
static int32_t groups[ROWS / GROUP];

/* Rows of a task that are right more often than not, with many equal scores; two classes as the draws
 * number them, by falling score. */
static struct measure_input rows_of(enum measure_task task)
{
	struct measure_input in = { .task = task,
				    .rows = ROWS,
				    .k = task == MEASURE_MULTICLASS ? CLASSES : 1,
				    .predictions = p,
				    .labels = y };
	uint64_t s = draw_stream(7, task);

	for (uint32_t i = 0; i < ROWS; i++) {
		uint32_t c = draw_below((uint32_t)draw_bits(s, i), CLASSES);
		float near = (float)draw_below((uint32_t)(draw_bits(s, i) >> 32), 11) / 20;

		y[i] = (float)(task == MEASURE_BINARY ? c > 0 : c + (task == MEASURE_REGRESSION));
		if (task != MEASURE_MULTICLASS)
			p[i] = y[i] * 0.4f + near;
		for (uint32_t k = 0; task == MEASURE_MULTICLASS && k < CLASSES; k++)
			p[i * CLASSES + k] = k == (near < 0.4f ? c : (c + 1) % CLASSES)
						     ? 0.5f + near / 2
						     : (0.5f - near / 2) / (CLASSES - 1);
	}
	for (uint32_t i = 0; task == MEASURE_BINARY && i < ROWS; i++)
		for (uint32_t k = i; k > 0 && p[k] > p[k - 1]; k--) {
			float score = p[k], label = y[k];

			p[k] = p[k - 1];
			y[k] = y[k - 1];
			p[k - 1] = score;
			y[k - 1] = label;
		}
	if (task == MEASURE_RANKING) {
		for (int i = 0; i < ROWS / GROUP; i++)
			groups[i] = GROUP;
		in.groups = groups;
		in.n_groups = ROWS / GROUP;
	}
	return in;
}

static double end_of(const json_t *intervals, const char *name, size_t i)
{
	const json_t *v = json_array_get(json_object_get(intervals, name), i);

	return v ? json_number_value(v) : NAN;
}

static bool near(double got, double want)
{
	return fabs(got - want) <= 1e-9 * fmax(1, fabs(want));
}

/* Drawing a row three times is weighing it by three: the metrics say the same as the sums do. */
static void test_sums_are_the_metrics(void **state)
{
	static const char *const names[][8] = {
		{ "rmse", "mae", "mape", "r2", "bias" },
		{ "auc", "logloss", "accuracy", "precision", "recall", "f1", "brier" },
		{ "accuracy", "logloss", "precision", "recall", "f1", "auc" },
		{ "ndcg", "ndcg@10" },
	};
	const struct bootstrap_opts o = { .samples = SAMPLES, .seed = 3, .threads = 1 };

	(void)state;
	for (int task = 0; task < 4; task++) {
		struct measure_input in = rows_of((enum measure_task)task), some;
		uint32_t units = task == MEASURE_RANKING ? ROWS / GROUP : ROWS;
		json_t *metrics, *intervals, *sample;
		double v[8][SAMPLES];
		uint16_t count[ROWS];

		assert_int_equal(measure_metrics(&in, &metrics), 0);
		assert_int_equal(bootstrap_intervals(&in, metrics, &o, &intervals), 0);
		some = in;
		some.weights = w;
		for (size_t b = 0; b < SAMPLES; b++) {
			bootstrap_draw(o.seed, b, units, count);
			for (uint32_t i = 0; i < units; i++)
				w[i] = count[i];
			assert_int_equal(measure_metrics(&some, &sample), 0);
			for (size_t m = 0; m < 8 && names[task][m]; m++)
				v[m][b] = json_num(sample, names[task][m], NAN);
			json_decref(sample);
		}
		for (size_t m = 0; m < 8 && names[task][m]; m++) {
			json_t *want;

			want = bootstrap_interval(v[m], SAMPLES);
			for (size_t e = 0; e < 2; e++)
				if (!near(end_of(intervals, names[task][m], e),
					  json_number_value(json_array_get(want, e))))
					fail_msg("task %d %s: %.12g, want %.12g", task,
						 names[task][m],
						 end_of(intervals, names[task][m], e),
						 json_number_value(json_array_get(want, e)));
			json_decref(want);
		}
		json_decref(metrics);
		json_decref(intervals);
	}
}

static json_t *intervals_of(const struct measure_input *in, int threads, uint64_t seed)
{
	const struct bootstrap_opts o = { .samples = 200, .seed = seed, .threads = threads };
	json_t *metrics, *intervals;

	assert_int_equal(measure_metrics(in, &metrics), 0);
	assert_int_equal(bootstrap_intervals(in, metrics, &o, &intervals), 0);
	json_decref(metrics);
	return intervals;
}

static void test_same_bits(void **state)
{
	(void)state;
	for (int task = 0; task < 4; task++) {
		struct measure_input in = rows_of((enum measure_task)task);
		json_t *a = intervals_of(&in, 1, 1), *b = intervals_of(&in, 5, 1),
		       *c = intervals_of(&in, 1, 2);

		assert_true(json_equal(a, b));
		assert_false(json_equal(a, c));
		json_decref(a);
		json_decref(b);
		json_decref(c);
	}
}

/* The mean of n numbers from 0 to 1: its interval is 2 * 1.96 * sqrt(1 / 12 / n) wide, also past the cap. */
static void test_width(void **state)
{
	static const size_t sizes[] = { 400, 50000, 160000 };

	(void)state;
	for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
		size_t n = sizes[s];
		float *v = xcalloc(n, sizeof *v), *zero = xcalloc(n, sizeof *zero);
		struct measure_input in = {
			.rows = (int64_t)n, .k = 1, .predictions = v, .labels = zero
		};
		double want = 2 * 1.96 * sqrt(1 / 12.0 / (double)n), got, bias = 0;
		json_t *intervals;

		for (size_t i = 0; i < n; i++) {
			v[i] = (float)draw_unit(draw_bits(draw_stream(9, s), i));
			bias += (double)v[i] / (double)n;
		}
		intervals = intervals_of(&in, 2, 0);
		got = end_of(intervals, "bias", 1) - end_of(intervals, "bias", 0);
		assert_true(got > 0.8 * want && got < 1.2 * want);
		assert_true(end_of(intervals, "bias", 0) < bias &&
			    bias < end_of(intervals, "bias", 1));
		json_decref(intervals);
		free(v);
		free(zero);
	}
}

static void test_what_is_not_defined(void **state)
{
	const float one_class[] = { 0, 0, 0, 0 }, some[] = { 0.25f, 0.5f, 0.5f, 0.75f };
	struct measure_input in = {
		.task = MEASURE_BINARY, .rows = 4, .k = 1, .predictions = some, .labels = one_class
	};
	json_t *v = intervals_of(&in, 1, 0);

	(void)state;
	assert_true(json_is_null(json_object_get(v, "auc")));
	assert_true(json_is_array(json_object_get(v, "logloss")));
	json_decref(v);
	in.rows = 1;
	v = intervals_of(&in, 1, 0);
	assert_int_equal(json_object_size(v), 0);
	json_decref(v);
}

static void test_rows(void **state)
{
	(void)state;
	assert_int_equal(bootstrap_rows(MEASURE_REGRESSION, 1, 100), 100);
	assert_int_equal(bootstrap_rows(MEASURE_BINARY, 1, 1000000), 50000);
	assert_int_equal(bootstrap_rows(MEASURE_MULTICLASS, 9, 1000000), 10000);
	assert_int_equal(bootstrap_rows(MEASURE_MULTICLASS, 900, 1000000), 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sums_are_the_metrics),
		cmocka_unit_test(test_same_bits),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_what_is_not_defined),
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
