/* slice.c - tests of lib/measure/slice, slicer, order and draw. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/chance/draw.h"
#include "lib/measure/metric/order.h"
#include "lib/measure/slice/slicer.h"

static struct slice_column column_of(const struct frame_column *c, int64_t rows, int bins)
{
	struct slicer *s = slicer_new(c->name, bins);
	struct slice_column out;

	/* in two pieces, as a scan gives them */
	struct frame_column rest = *c;
	int64_t first = rows / 3;

	assert_int_equal(slicer_add_column(s, c, first), 0);
	switch (c->type) {
	case FRAME_BOOL:
		rest.b += first;
		break;
	case FRAME_STRING:
		rest.s += first;
		break;
	case FRAME_DOUBLE:
		rest.d += first;
		break;
	default:
		rest.i += first;
	}
	if (rest.valid)
		rest.valid += first;
	assert_int_equal(slicer_add_column(s, &rest, rows - first), 0);
	assert_int_equal(slicer_finish(s, &out), 0);
	slicer_free(s);
	return out;
}

static void want_values(const struct slice_column *c, const char *const *want, size_t n)
{
	assert_int_equal(c->values.n, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(c->values.v[i], want[i]);
}

static void test_texts(void **state)
{
	const char *const v[] = { "UA", "AA", NULL, "UA", "(missing)", "DL", "(other)" };
	const uint8_t valid[] = { 1, 1, 0, 1, 1, 1, 1 };
	const char *const want[] = {
		"\"(missing)\"", "\"(other)\"", "AA", "DL", "UA", "(missing)"
	};
	const int32_t codes[] = { 4, 2, 5, 4, 0, 3, 1 };
	struct frame_column f = { .name = "carrier", .type = FRAME_STRING, .s = v, .valid = valid };
	struct slice_column c = column_of(&f, 7, 0);

	(void)state;
	want_values(&c, want, 6);
	assert_false(c.binned);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(c.code[i], codes[i]);
	slice_column_clear(&c);
}

/* 1200 texts: 1000 are kept, the rest is one value; the frequent ones are kept whatever their bytes. */
static void test_many_texts(void **state)
{
	enum { TEXTS = 1200, ROWS = TEXTS + 200 };
	char **v = xcalloc(ROWS, sizeof *v);
	struct frame_column f = { .name = "id", .type = FRAME_STRING };
	struct slice_column c;

	(void)state;
	for (int i = 0; i < ROWS; i++) /* the last 200 come twice */
		v[i] = xasprintf("t%04d", i < TEXTS ? i : TEXTS - 1 - (i - TEXTS));
	f.s = (const char *const *)v;
	c = column_of(&f, ROWS, 0);
	assert_int_equal(c.values.n, 1001);
	assert_string_equal(c.values.v[1000], "(other)");
	assert_string_equal(c.values.v[0], "t0000");
	assert_string_equal(c.values.v[999], "t1199");
	assert_int_equal(c.code[800], 1000);
	assert_int_equal(c.code[1000], 800);
	slice_column_clear(&c);
	for (int i = 0; i < ROWS; i++)
		free(v[i]);
	free(v);
}

static void test_numbers(void **state)
{
	const int64_t few[] = { 10, 9, -1, 10, 9, 9 };
	const char *const want_few[] = { "-1", "9", "10" };
	const uint8_t bools[] = { 1, 0, 1 };
	const char *const want_bools[] = { "false", "true" };
	const double d[] = { 4, 1, NAN, 2, 3, 0.5, -0.0, 0 };
	const char *const want_d[] = { "[0, 1)", "[1, 3)", "[3, 4]", "(missing)" };
	const int32_t codes[] = { 2, 1, 3, 1, 2, 0, 0, 0 };
	struct frame_column f = { .name = "hour", .type = FRAME_INT, .i = few };
	struct slice_column c = column_of(&f, 6, 0);

	(void)state;
	want_values(&c, want_few, 3);
	slice_column_clear(&c);
	f = (struct frame_column){ .name = "night", .type = FRAME_BOOL, .b = bools };
	c = column_of(&f, 3, 0);
	want_values(&c, want_bools, 2);
	slice_column_clear(&c);
	f = (struct frame_column){ .name = "x", .type = FRAME_DOUBLE, .d = d };
	c = column_of(&f, 8, 4);
	want_values(&c, want_d, 4);
	assert_true(c.binned);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(c.code[i], codes[i]);
	slice_column_clear(&c);
}

/* Edges have few digits, and divide as the values they stand for. */
static void test_short_edges(void **state)
{
	const double d[] = {
		-3.772275156122734,  -1.3918385046, -1.291838504643794, -0.8794597147043167, 0.1,
		0.30000000000000004, 1e300,	    2.5255548457942
	};
	const double next[] = { 0.1, 0.10000000000000002, 5e-324, 1e308 };
	const char *const want[] = { "[-3.7723, -1.3)", "[-1.3, 0.1)", "[0.1, 1)", "[1, 1e+300]" };
	struct frame_column f = { .name = "x", .type = FRAME_DOUBLE, .d = d };
	struct slice_column c = column_of(&f, 8, 4);

	(void)state;
	want_values(&c, want, 4);
	slice_column_clear(&c);
	f.d = next;
	c = column_of(&f, 4, 4);
	assert_int_equal(c.values.n, 4);
	assert_string_equal(c.values.v[2], "[0.10000000000000002, 1e+308)");
	slice_column_clear(&c);
}

/* 51 whole numbers are ranges, 50 are not; times are always. */
static void test_where_ranges_begin(void **state)
{
	int64_t v[102];
	struct frame_column f = { .name = "n", .type = FRAME_INT, .i = v };
	struct slice_column c;

	(void)state;
	for (int i = 0; i < 102; i++)
		v[i] = i % 50;
	c = column_of(&f, 102, 0);
	assert_false(c.binned);
	assert_int_equal(c.values.n, 50);
	slice_column_clear(&c);
	for (int i = 0; i < 102; i++)
		v[i] = i % 51;
	c = column_of(&f, 102, 3);
	assert_true(c.binned);
	assert_int_equal(c.values.n, 3);
	assert_string_equal(c.values.v[0], "[0, 17)");
	assert_string_equal(c.values.v[2], "[34, 50]");
	slice_column_clear(&c);
	f.type = FRAME_TIME;
	for (int i = 0; i < 102; i++)
		v[i] = INT64_C(1767225600000000) + i;
	c = column_of(&f, 102, 1);
	assert_string_equal(c.values.v[0], "[2026-01-01T00:00:00Z, 2026-01-01T00:00:00.000101Z]");
	slice_column_clear(&c);
}

static void test_all_missing(void **state)
{
	const double d[] = { NAN, NAN };
	struct frame_column f = { .name = "x", .type = FRAME_DOUBLE, .d = d };
	struct slice_column c = column_of(&f, 2, 0);

	(void)state;
	assert_int_equal(c.values.n, 1);
	assert_string_equal(c.values.v[0], "(missing)");
	slice_column_clear(&c);
}

static void test_refused(void **state)
{
	const double d[] = { 1 };
	const int64_t i[] = { 1 };
	struct frame_column a = { .name = "x", .type = FRAME_DOUBLE, .d = d },
			    b = { .name = "x", .type = FRAME_INT, .i = i };
	struct frame f = { .rows = 1, .n = 1, .cols = &a };
	struct slicer *s = slicer_new("x", 0), *other = slicer_new("y", 0);

	(void)state;
	assert_int_equal(slicer_add(s, &f), 0);
	assert_int_equal(slicer_add_column(s, &b, 1), ERR_INPUT);
	assert_int_equal(slicer_add(other, &f), ERR_INPUT);
	slicer_free(s);
	slicer_free(other);
}

static void test_slices(void **state)
{
	int32_t a_code[] = { 1, 0, 1, 1, 0, 2 }, b_code[] = { 0, 1, 1, 0, 1, 0 };
	char a_name[] = "a", b_name[] = "b";
	struct slice_column a = { .name = a_name, .rows = 6, .code = a_code },
			    b = { .name = b_name, .rows = 6, .code = b_code };
	struct slices s;
	json_t *v;

	(void)state;
	for (int i = 0; i < 4; i++)
		strlist_addf(&a.values, "a%d", i);
	for (int i = 0; i < 2; i++)
		strlist_addf(&b.values, "b%d", i);
	assert_int_equal(slices_make(&a, NULL, &s), 0);
	assert_int_equal(s.n, 3);
	assert_int_equal(s.v[1].code[0], 1);
	assert_int_equal(s.v[1].code[1], -1);
	assert_int_equal(s.v[1].rows, 3);
	assert_int_equal(s.v[1].row[0], 0);
	assert_int_equal(s.v[1].row[1], 2);
	assert_int_equal(s.v[1].row[2], 3);
	slices_clear(&s);
	assert_int_equal(slices_make(&a, &b, &s), 0);
	assert_int_equal(s.n, 4);
	v = slice_values(&s, &s.v[2]);
	assert_string_equal(json_string_value(json_array_get(v, 0)), "a1");
	assert_string_equal(json_string_value(json_array_get(v, 1)), "b1");
	assert_int_equal(s.v[2].row[0], 2);
	json_decref(v);
	v = slices_by(&s);
	assert_int_equal(json_array_size(v), 2);
	json_decref(v);
	slices_clear(&s);
	b.rows = 5;
	assert_int_equal(slices_make(&a, &b, &s), ERR_INPUT);
	strlist_clear(&a.values);
	strlist_clear(&b.values);
}

static void test_measure_rows(void **state)
{
	const float p[] = { 3, 2, 1, 1, 2, 9 }, y[] = { 3, 2, 0, 1, 0, 1 };
	const int32_t groups[] = { 3, 2, 1 };
	const uint32_t row[] = { 0, 2, 3, 4 }, none = 0;
	struct measure_input in = { .rows = 6, .k = 1, .predictions = p, .labels = y };
	json_t *v = NULL;

	(void)state;
	assert_int_equal(measure_rows(&in, row, 4, &v), 0);
	assert_true(fabs(json_num(v, "rmse", 0) - sqrt(5 / 4.0)) < 1e-12);
	assert_int_equal(json_int(v, "rows", 0), 4);
	json_decref(v);
	in.task = MEASURE_RANKING;
	in.groups = groups;
	in.n_groups = 3;
	assert_int_equal(measure_rows(&in, row, 4, &v), 0);
	assert_int_equal(json_int(v, "groups", 0), 2);
	assert_true(fabs(json_num(v, "ndcg", 0) - (1 + 1 / log2(3)) / 2) < 1e-12);
	json_decref(v);
	assert_int_equal(measure_rows(&in, &none, 0, &v), ERR_INPUT);
	assert_null(v);
}

static void test_by(void **state)
{
	const char *const columns[] = { "a*b", "c" };
	const char *const bad[] = { "", "*", "a *", "a * b * c", "a*a" };
	char *a, *b;

	(void)state;
	assert_int_equal(slicer_by("carrier", columns, 2, &a, &b), 0);
	assert_string_equal(a, "carrier");
	assert_null(b);
	free(a);
	assert_int_equal(slicer_by(" carrier * dep hour ", columns, 2, &a, &b), 0);
	assert_string_equal(a, "carrier");
	assert_string_equal(b, "dep hour");
	free(a);
	free(b);
	assert_int_equal(slicer_by("a*b", columns, 2, &a, &b), 0);
	assert_string_equal(a, "a*b");
	assert_null(b);
	free(a);
	assert_true(slicer_same("a*b c", " a  *\tb c "));
	assert_true(slicer_same("a", "a "));
	assert_true(slicer_same("", " "));
	assert_false(slicer_same("a*b", "a*bc"));
	assert_false(slicer_same("a b", "ab"));
	assert_false(slicer_same("a", "a*b"));
	assert_false(slicer_same("a*b", "b*a"));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(slicer_by(bad[i], columns, 2, &a, &b), ERR_INPUT);
}

static void test_order(void **state)
{
	const double v[] = { 3, -1, NAN, 0, -0.0, INFINITY, -INFINITY, 3, 1e-300 };
	const uint32_t want[] = { 6, 1, 3, 4, 8, 0, 7, 5, 2 };
	uint64_t key[9];
	uint32_t at[9];

	(void)state;
	for (int i = 0; i < 9; i++)
		key[i] = order_key_double(v[i]);
	assert_int_equal(order_by(key, 9, at), 0);
	assert_memory_equal(at, want, sizeof want);
	for (int i = 0; i < 9; i++)
		if (v[i] == v[i])
			assert_true(order_double(key[i]) == v[i]);
	assert_true(order_int(order_key_int(INT64_MIN)) == INT64_MIN);
	assert_true(order_key_int(-5) < order_key_int(3));
	assert_int_equal(order_by(NULL, 0, NULL), 0);
}

/* These are in records: they must never change. */
static void test_draws_stay(void **state)
{
	uint64_t s = draw_stream(0, 0);
	uint32_t p[5], some[3];

	(void)state;
	assert_true(draw_bits(s, 0) == UINT64_C(0x568a9b0b1a2c05ec));
	assert_true(draw_bits(draw_stream(7, 3), 9) == UINT64_C(0x68c4b211f8e46fbf));
	draw_shuffle(s, 5, p);
	for (uint32_t i = 0; i < 5; i++) {
		bool there = false;

		for (int k = 0; k < 5; k++)
			there = there || p[k] == i;
		assert_true(there);
	}
	assert_int_equal(draw_sample(s, 10, 3, some), 3);
	assert_true(some[0] < some[1] && some[1] < some[2] && some[2] < 10);
	assert_int_equal(draw_sample(s, 3, 9, some), 3);
	assert_int_equal(some[2], 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_many_texts),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_short_edges),
		cmocka_unit_test(test_where_ranges_begin),
		cmocka_unit_test(test_all_missing),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_slices),
		cmocka_unit_test(test_measure_rows),
		cmocka_unit_test(test_by),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_draws_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
