/* scale.c - tests of scales, of figures as text, and of arrays out of documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "lib/page/chart/scale.h"
#include "lib/page/digits.h"
#include "lib/page/numbers.h"

static void check_ticks(double lo, double hi, bool round, size_t n, double first, double last)
{
	struct scale s;

	scale_init(&s, SCALE_LINEAR, lo, hi, 5, round);
	assert_int_equal(s.ticks, n);
	assert_true(fabs(s.tick[0] - first) < 1e-9 && fabs(s.tick[n - 1] - last) < 1e-9);
}

static void test_ticks(void **state)
{
	(void)state;
	check_ticks(0, 1, true, 6, 0, 1);
	check_ticks(3, 97, true, 6, 0, 100);
	check_ticks(-33, 78, false, 2, 0, 50);
}

static void test_odd_ranges(void **state)
{
	static const double pairs[][2] = { { NAN, NAN },       { 5, 5 },	  { 0, 0 },
					   { 1e100, 1e100 },   { -1e100, 1e100 }, { 3, 2 },
					   { 1e-300, 2e-300 }, { 1, 1 + 1e-16 } };
	struct scale s;

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		for (int kind = SCALE_LINEAR; kind <= SCALE_TIME; kind++) {
			scale_init(&s, kind, pairs[i][0], pairs[i][1], 5, true);
			s.at = 0;
			s.to = 100;
			assert_true(s.lo < s.hi);
			assert_true(s.ticks <= SCALE_TICKS);
			assert_true(isfinite(scale_place(&s, pairs[i][0])) || isnan(pairs[i][0]));
		}
}

static void check_text(double v, const char *want)
{
	struct buf b = BUF_INIT;

	digits_text(v, &b);
	assert_string_equal(b.data, want);
	buf_clear(&b);
}

static void test_figures(void **state)
{
	(void)state;
	check_text(16.1324143640838, "16.13");
	check_text(49061, "49,061");
	check_text(1.04217171365398e15, "1.042e15");
	check_text(0.00001234, "1.234e-5");
	check_text(-4.84476266031811, "\xe2\x88\x92"
				      "4.845");
	check_text(-1234567, "\xe2\x88\x92"
			     "1,234,567");
	check_text(0, "0");
	check_text(-0.0, "0");
	check_text(NAN, "n/a");
	check_text(INFINITY, "\xe2\x88\x9e");
	check_text(1e308, "1e308");
	assert_int_equal(digits_decimals(16.13), 2);
	assert_int_equal(digits_decimals(0.7976), 4);
	assert_int_equal(digits_decimals(0.0123), 5);
	assert_int_equal(digits_decimals(43251), 0);
	assert_int_equal(digits_decimals(NAN), 3);
	assert_int_equal(digits_decimals(0), 3);
}

static void test_numbers(void **state)
{
	json_t *v = json_array();
	struct numbers a;
	double lo = NAN, hi = NAN;

	(void)state;
	for (int i = 0; i < 10000; i++)
		json_array_append_new(v, i % 1000 ? json_integer(i) : json_string("x"));
	json_array_append_new(v, json_real(1e300));
	numbers_read(v, &a);
	assert_int_equal(a.n, NUMBERS_MAX);
	assert_true(isnan(a.v[0]) && a.v[a.n - 1] == 1e100);
	numbers_range(&a, &lo, &hi);
	assert_true(lo > 0 && hi == 1e100);
	numbers_clear(&a);
	numbers_read(NULL, &a);
	assert_int_equal(a.n, 0);
	numbers_clear(&a);
	json_decref(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_ticks),
					    cmocka_unit_test(test_odd_ranges),
					    cmocka_unit_test(test_figures),
					    cmocka_unit_test(test_numbers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
