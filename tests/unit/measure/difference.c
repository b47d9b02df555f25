/* difference.c - tests of what decides whether two models differ: student, holm, paired, seek. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/measure/draw.h"
#include "lib/measure/holm.h"
#include "lib/measure/seek.h"
#include "lib/measure/student.h"

static void near(double got, double want, double relative)
{
	if (!(fabs(got - want) <= relative * fabs(want)))
		fail_msg("%.17g, want %.17g", got, want);
}

/* scipy.stats: 2 * t.sf(abs(t), df) */
static void test_student(void **state)
{
	static const struct {
		double t, df, p;
	} cases[] = {
		{ 0, 3, 1.0 },
		{ 1, 1, 0.49999999999999956 },
		{ 2.5, 4, 0.06676654481198813 },
		{ -2.5, 4, 0.06676654481198813 },
		{ 1.96, 1000, 0.05027318495574871 },
		{ 0.1, 2.5, 0.9278065440624896 },
		{ 12, 7, 6.358310378185094e-06 },
		{ 5, 49999, 5.752385444547069e-07 },
		{ 1e-8, 10, 0.9999999922178323 },
		{ 40, 3, 3.438068078915854e-05 },
		{ 3.3, 29, 0.0025669142292085835 },
		{ 100, 49999, 0 },
		{ INFINITY, 3, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		near(student_p(cases[i].t, cases[i].df), cases[i].p, 1e-10);
	assert_true(isnan(student_p(NAN, 3)));
	assert_true(isnan(student_p(1, 0)));
}

/* R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") */
static void test_holm(void **state)
{
	double p[] = { 0.01, NAN, 0.04, 0.03, 0.005 }, one[] = { 0.2 }, high[] = { 0.9, 0.8 };

	(void)state;
	holm_adjust(p, 5, p);
	near(p[0], 0.03, 1e-15);
	assert_true(isnan(p[1]));
	near(p[2], 0.06, 1e-15);
	near(p[3], 0.06, 1e-15);
	near(p[4], 0.02, 1e-15);
	holm_adjust(one, 1, one);
	near(one[0], 0.2, 1e-15);
	holm_adjust(high, 2, high);
	assert_true(high[0] == 1 && high[1] == 1);
	holm_adjust(NULL, 0, NULL);
}

enum { ROWS = 4000, COLUMNS = 4 };

/* Rows of four columns: a (5 values), b (8), c (2) and d, which is a over again. */
struct table {
	struct slice_column col[COLUMNS];
	double difference[ROWS];
};

static double normal(uint64_t start, uint64_t i)
{
	double sum = 0;

	for (uint64_t j = 0; j < 12; j++)
		sum += draw_unit(draw_bits(start, i * 12 + j));
	return sum - 6;
}

static struct table *table_new(uint64_t seed)
{
	static const int values[COLUMNS] = { 5, 8, 2, 5 };
	struct table *t = xcalloc(1, sizeof *t);
	uint64_t noise = draw_stream(seed, 99);

	for (size_t c = 0; c < COLUMNS; c++) {
		uint64_t start = draw_stream(seed, c % 3);

		t->col[c] = (struct slice_column){ .name = xasprintf("%c", (char)('a' + c)),
						   .rows = ROWS,
						   .code = xcalloc(ROWS, sizeof(int32_t)) };
		for (int v = 0; v < values[c]; v++)
			strlist_addf(&t->col[c].values, "%d", v);
		for (size_t i = 0; i < ROWS; i++)
			t->col[c].code[i] = (int32_t)draw_below(
				(uint32_t)(draw_bits(start, i) >> 32), (uint32_t)values[c]);
	}
	for (size_t i = 0; i < ROWS; i++)
		t->difference[i] = -0.3 + normal(noise, i);
	return t;
}

static void table_free(struct table *t)
{
	for (size_t c = 0; c < COLUMNS; c++)
		slice_column_clear(&t->col[c]);
	free(t);
}

static void seek(struct table *t, struct seek *out)
{
	struct seek_ask ask = { .cols = t->col,
				.n = COLUMNS,
				.difference = t->difference,
				.rows = ROWS,
				.min_rows = 30,
				.alpha = 0.05 };

	assert_int_equal(seek_slices(&ask, out), 0);
}

/* A difference that is the same everywhere is no slice's, whatever chance does. */
static void test_seek_nothing(void **state)
{
	size_t found = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct table *t = table_new(seed);
		struct seek s;

		seek(t, &s);
		found += s.n;
		assert_int_equal(s.rows, ROWS);
		seek_clear(&s);
		table_free(t);
	}
	assert_true(found <= 2); /* 5 % of 20 tries */
}

static void test_seek_one(void **state)
{
	struct table *t = table_new(7);
	struct seek s;
	double sum = 0;
	size_t rows = 0;

	(void)state;
	for (size_t i = 0; i < ROWS; i++)
		if (t->col[1].code[i] == 3) {
			t->difference[i] += 1;
			sum += t->difference[i];
			rows++;
		}
	seek(t, &s);
	assert_int_equal(s.n, 1);
	assert_ptr_equal(s.v[0].by[0], &t->col[1]);
	assert_null(s.v[0].by[1]);
	assert_int_equal(s.v[0].code[0], 3);
	assert_int_equal(s.v[0].rows, rows);
	near(s.v[0].mean, sum / (double)rows, 1e-12);
	near(s.v[0].rest, -0.3, 0.2);
	assert_true(s.v[0].effect > 0.7 && s.v[0].effect < 1.3);
	assert_true(s.v[0].p < 1e-6);
	seek_clear(&s);
	table_free(t);
}

/* Only the crossing differs: it is told, not the columns that hold it. A second one the other way. */
static void test_seek_crossed(void **state)
{
	struct table *t = table_new(3);
	struct seek s;

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		if (t->col[0].code[i] == 1 && t->col[1].code[i] == 5)
			t->difference[i] += 3;
		if (t->col[1].code[i] == 0)
			t->difference[i] -= 1;
	}
	seek(t, &s);
	assert_int_equal(s.n, 2);
	for (size_t i = 0; i < 2; i++) {
		bool crossed = s.v[i].by[1];

		assert_ptr_equal(s.v[i].by[crossed], &t->col[1]);
		assert_int_equal(s.v[i].code[crossed], crossed ? 5 : 0);
		assert_true(crossed ? s.v[i].mean > 2 : s.v[i].mean < -1);
	}
	seek_clear(&s);
	table_free(t);
}

/* Rows without a difference, all alike, none at all. */
static void test_seek_edges(void **state)
{
	struct table *t = table_new(1);
	struct seek s;

	(void)state;
	for (size_t i = 0; i < ROWS; i++)
		t->difference[i] = 0;
	seek(t, &s);
	assert_int_equal(s.n, 0);
	seek_clear(&s);
	for (size_t i = 0; i < ROWS; i++)
		t->difference[i] = t->col[2].code[i] ? 1 : 0;
	seek(t, &s);
	assert_int_equal(s.n, 1);
	assert_ptr_equal(s.v[0].by[0], &t->col[2]);
	seek_clear(&s);
	for (size_t i = 0; i < ROWS; i++)
		t->difference[i] = NAN;
	seek(t, &s);
	assert_int_equal(s.n, 0);
	assert_int_equal(s.rows, 0);
	seek_clear(&s);
	table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_student),	     cmocka_unit_test(test_holm),
		cmocka_unit_test(test_seek_nothing), cmocka_unit_test(test_seek_one),
		cmocka_unit_test(test_seek_crossed), cmocka_unit_test(test_seek_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
