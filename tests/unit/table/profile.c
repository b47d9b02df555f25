/* profile.c - figures against arithmetic done by hand, and against another order of the same rows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/table/profile/column.h"
#include "lib/table/profile/differ.h"
#include "lib/table/profile/profile.h"
#include "lib/table/profile/tally.h"

static json_t *figures(enum column_kind kind, const void *data, const uint64_t *valid, size_t n)
{
	struct column c;
	json_t *out = NULL;

	column_init(&c, kind);
	assert_int_equal(column_add(&c, data, valid, n), 0);
	assert_int_equal(column_figures(&c, &out), 0);
	column_clear(&c);
	return out;
}

static void near(const json_t *o, const char *key, double want)
{
	double got = json_num(o, key, NAN);

	if (fabs(got - want) > 1e-12 * (1 + fabs(want)))
		print_message("%s: %.17g, want %.17g\n", key, got, want);
	assert_true(fabs(got - want) <= 1e-12 * (1 + fabs(want)));
}

static void test_numbers(void **state)
{
	const double v[] = { 3, -1, 0, 2.5, 3, NAN, INFINITY, -0.0, 7 };
	const uint64_t valid = 0x1ff & ~(UINT64_C(1) << 1);
	json_t *f = figures(COLUMN_DOUBLE, v, &valid, 9), *top;

	(void)state;
	/* 0 0 2.5 3 3 7 */
	assert_int_equal(json_int(f, "rows", 0), 9);
	assert_int_equal(json_int(f, "nulls", 0), 1);
	assert_int_equal(json_int(f, "nans", 0), 2);
	assert_int_equal(json_int(f, "distinct", 0), 4);
	assert_int_equal(json_int(f, "zeros", 0), 2);
	near(f, "min", 0);
	near(f, "max", 7);
	near(f, "mean", 15.5 / 6);
	near(f, "deviation",
	     sqrt(((2 * 15.5 * 15.5 / 36) + pow(2.5 - 15.5 / 6, 2) + 2 * pow(3 - 15.5 / 6, 2) +
		   pow(7 - 15.5 / 6, 2)) /
		  5));
	near(json_object_get(f, "quantiles"), "p50", 2.75);
	near(json_object_get(f, "quantiles"), "p25", 0.625);
	near(json_object_get(f, "quantiles"), "p95", 6);
	top = json_object_get(f, "top");
	near(json_array_get(top, 0), "value", 0);
	assert_int_equal(json_int(json_array_get(top, 1), "count", 0), 2);
	near(json_array_get(top, 1), "value", 3);
	json_decref(f);
}

static void test_integers(void **state)
{
	const int64_t v[] = { INT64_MIN, INT64_MAX, -1, 0, 1 };
	json_t *f = figures(COLUMN_INT, v, NULL, 5);

	(void)state;
	assert_true(json_int(f, "min", 0) == INT64_MIN);
	assert_true(json_int(f, "max", 0) == INT64_MAX);
	near(json_object_get(f, "quantiles"), "p50", 0);
	json_decref(f);
	f = figures(COLUMN_INT, v, NULL, 0);
	assert_int_equal(json_int(f, "distinct", -1), 0);
	assert_null(json_object_get(f, "min"));
	json_decref(f);
	f = figures(COLUMN_INT, v + 3, NULL, 1);
	assert_true(json_is_null(json_object_get(f, "deviation")));
	json_decref(f);
}

static void test_order(void **state)
{
	enum { N = 5000 };
	static double a[N], b[N];
	struct buf x = BUF_INIT, y = BUF_INIT;
	json_t *f, *g;

	(void)state;
	for (size_t i = 0; i < N; i++)
		a[i] = sin((double)i) * pow(10, (double)(i % 20) - 5);
	for (size_t i = 0; i < N; i++)
		b[i] = a[i * 7919 % N];
	f = figures(COLUMN_DOUBLE, a, NULL, N);
	g = figures(COLUMN_DOUBLE, b, NULL, N);
	json_canonical(f, &x);
	json_canonical(g, &y);
	assert_string_equal(x.data, y.data);
	json_decref(f);
	json_decref(g);
	buf_clear(&x);
	buf_clear(&y);
}

static void test_bool(void **state)
{
	const uint8_t v[] = { 1, 0, 1, 1, 0 };
	const uint64_t valid = 0x0f;
	json_t *f = figures(COLUMN_BOOL, v, &valid, 5);

	(void)state;
	near(f, "mean", 0.75);
	assert_true(json_is_true(
		json_object_get(json_array_get(json_object_get(f, "top"), 0), "value")));
	json_decref(f);
}

static void test_text(void **state)
{
	struct tally *t = tally_new(1000);
	json_t *o = json_object();
	char s[300];

	(void)state;
	for (int i = 0; i < 900; i++) {
		int n = snprintf(s, sizeof s, "v%d", i % 300 % 100 % 7 ? i % 300 : 0);

		assert_int_equal(tally_add(t, s, (size_t)n), 0);
	}
	memset(s, 'x', sizeof s);
	assert_int_equal(tally_add(t, s, sizeof s), 0);
	tally_figures(t, o);
	assert_null(json_object_get(o, "estimated"));
	assert_int_equal(json_int(json_array_get(json_object_get(o, "top"), 0), "count", 0), 135);
	assert_int_equal(json_int(json_object_get(o, "length"), "max", 0), 300);
	assert_int_equal(json_array_size(json_object_get(o, "top")), 10);
	assert_int_equal(strlen(json_str(o, "max", "")), TALLY_SHOWN);
	json_decref(o);
	tally_free(t);
	/* Past the limit there is an estimate, within two percent. */
	t = tally_new(1000);
	for (int i = 0; i < 200000; i++) {
		int n = snprintf(s, sizeof s, "v%d", i % 50000);

		assert_int_equal(tally_add(t, s, (size_t)n), 0);
	}
	o = json_object();
	tally_figures(t, o);
	assert_true(json_is_true(json_object_get(o, "estimated")));
	assert_true(llabs(json_int(o, "distinct", 0) - 50000) < 1000);
	assert_string_equal(json_str(o, "min", ""), "v0");
	json_decref(o);
	tally_free(t);
}

static json_t *profile_of(const char *name, const char *type, json_t *f)
{
	return json_pack("{s:[{s:s, s:s, s:s, s:{s:o}}]}", "columns", "name", name, "type", type,
			 "kind", "number", "splits", "train", f);
}

static void test_differ(void **state)
{
	const double v[] = { 1, 2, 3 }, w[] = { 1, 2, 3, 6 };
	json_t *a = profile_of("x", "DOUBLE", figures(COLUMN_DOUBLE, v, NULL, 3));
	json_t *b = profile_of("x", "DOUBLE", figures(COLUMN_DOUBLE, w, NULL, 4));
	json_t *c = profile_of("y", "BIGINT", figures(COLUMN_DOUBLE, w, NULL, 4)), *d = NULL;
	struct buf text = BUF_INIT;

	(void)state;
	assert_int_equal(table_differ(a, a, &d), 0);
	assert_false(table_differ_any(d));
	json_decref(d);
	assert_int_equal(table_differ(a, b, &d), 0);
	assert_true(table_differ_any(d));
	table_differ_text(d, &text);
	assert_non_null(strstr(text.data, "train: 3 -> 4 rows"));
	assert_non_null(strstr(text.data, "mean 2 -> 3 (+1 deviations)"));
	json_decref(d);
	assert_int_equal(table_differ(a, c, &d), 0);
	assert_string_equal(json_string_value(json_array_get(json_object_get(d, "added"), 0)), "y");
	assert_string_equal(json_string_value(json_array_get(json_object_get(d, "removed"), 0)),
			    "x");
	json_decref(d);
	json_decref(a);
	json_decref(b);
	json_decref(c);
	buf_clear(&text);
}

static void test_text_of_values(void **state)
{
	static const char *const times[][2] = {
		{ "2013-01-01T10:00:00.000Z", "2013-01-01 10:00" },
		{ "2013-01-01T00:00:00.000Z", "2013-01-01" },
		{ "2013-01-01T10:00:05.000Z", "2013-01-01 10:00:05" },
		{ "2013-01-01T10:00:05.250Z", "2013-01-01 10:00:05.250" },
		{ "plain", "plain" }
	};
	json_t *h = json_pack("{s:[i,i,i,i]}", "counts", 0, 1, 50, 100), *v;
	struct buf b = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		buf_reset(&b);
		v = json_string(times[i][0]);
		table_value_text(v, &b);
		assert_string_equal(b.data, times[i][1]);
		json_decref(v);
	}
	buf_reset(&b);
	table_bars(h, true, &b);
	assert_string_equal(b.data, " .=#");
	buf_reset(&b);
	table_bars(h, false, &b);
	assert_string_equal(b.data, " ▁▄█");
	json_decref(h);
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),	       cmocka_unit_test(test_integers),
		cmocka_unit_test(test_order),	       cmocka_unit_test(test_bool),
		cmocka_unit_test(test_text),	       cmocka_unit_test(test_differ),
		cmocka_unit_test(test_text_of_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
