/* difference.c - tests of what decides whether two models differ: student, holm, paired, seek. */
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
#include "lib/measure/chance/draw.h"
#include "lib/measure/chance/holm.h"
#include "lib/measure/chance/student.h"
#include "lib/measure/compare/paired.h"
#include "lib/measure/compare/seek.h"

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

/* Two models on n rows of a task: a from one stream of chance, b from another. */
struct duel {
	struct measure_input a, b;
	float *pa, *pb, *y;
	int32_t *groups;
};

static float probability(uint64_t start, size_t i, bool label)
{
	double v = 0.5 + (label ? 0.1 : -0.1) + 0.12 * normal(start, i);

	return (float)fmin(0.999, fmax(0.001, v));
}

static void fill(struct duel *d, enum measure_task task, uint64_t start, double worse, float *p)
{
	for (size_t i = 0; i < (size_t)d->a.rows; i++)
		if (task == MEASURE_BINARY) {
			p[i] = probability(start, i, d->y[i] > 0);
		} else if (task == MEASURE_MULTICLASS) {
			double sum = 0;

			for (size_t c = 0; c < 3; c++) {
				p[3 * i + c] =
					(float)(0.05 + draw_unit(draw_bits(start, 3 * i + c)) +
						(c == (size_t)d->y[i]));
				sum += (double)p[3 * i + c];
			}
			for (size_t c = 0; c < 3; c++)
				p[3 * i + c] /= (float)sum;
		} else {
			p[i] = d->y[i] + (float)((1 + worse) * normal(start, i));
		}
}

static void duel_make(struct duel *d, enum measure_task task, size_t n, uint64_t seed, double worse)
{
	size_t k = task == MEASURE_MULTICLASS ? 3 : 1;
	uint64_t start = draw_stream(seed, 0);

	d->pa = xcalloc(n * k, sizeof *d->pa);
	d->pb = xcalloc(n * k, sizeof *d->pb);
	d->y = xcalloc(n, sizeof *d->y);
	d->groups = xcalloc(n, sizeof *d->groups);
	for (size_t i = 0; i < n; i++) {
		double u = draw_unit(draw_bits(start, i));

		d->y[i] = task == MEASURE_REGRESSION ? (float)(10 * u)
			  : task == MEASURE_BINARY   ? u < 0.4
						     : (float)(int)(3 * u);
		d->groups[i] = 5;
	}
	d->a = (struct measure_input){ .task = task,
				       .rows = (int64_t)n,
				       .k = (int64_t)k,
				       .predictions = d->pa,
				       .labels = d->y };
	if (task == MEASURE_RANKING) {
		d->a.groups = d->groups;
		d->a.n_groups = (int64_t)n / 5;
	}
	d->b = d->a;
	d->b.predictions = d->pb;
	fill(d, task, draw_stream(seed, 1), 0, d->pa);
	fill(d, task, draw_stream(seed, 2), worse, d->pb);
}

static void duel_clear(struct duel *d)
{
	free(d->pa);
	free(d->pb);
	free(d->y);
	free(d->groups);
}

static struct paired_metric compare(const struct duel *d, const char *metric, int samples)
{
	struct paired_opts o = { .samples = samples, .seed = 5, .threads = 1 };
	struct paired p;

	assert_int_equal(paired_compare(&d->a, &d->b, &o, &p), 0);
	for (size_t i = 0; i < p.n; i++)
		if (!strcmp(p.v[i].name, metric))
			return p.v[i];
	fail_msg("there is no metric %s", metric);
	return p.v[0];
}

/* The paired t test of differences v (n), and their 95 % interval. */
static void t_test(const double *v, size_t n, const struct paired_metric *m)
{
	double mean = 0, square = 0, se;

	for (size_t i = 0; i < n; i++)
		mean += v[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		square += (v[i] - mean) * (v[i] - mean);
	se = sqrt(square / (double)(n - 1) / (double)n);
	near(m->difference, mean, 1e-9);
	near(m->p, student_p(mean / se, (double)n - 1), 0.1);
	near(m->high - m->low, 2 * 1.96 * se, 0.05);
	near(m->high + m->low, 2 * mean, 0.1);
}

static bool right(float p, float y)
{
	return (p >= 0.5f) == (y > 0);
}

/* Differences of means: the bootstrap must come to what the t test says, with pairs kept as pairs. */
static void test_paired_means(void **state)
{
	static double v[400];
	struct paired_metric m;
	struct duel d;

	(void)state;
	duel_make(&d, MEASURE_REGRESSION, 400, 1, 0.15);
	m = compare(&d, "mae", 20000);
	for (size_t i = 0; i < 400; i++)
		v[i] = fabs((double)d.pb[i] - (double)d.y[i]) -
		       fabs((double)d.pa[i] - (double)d.y[i]);
	t_test(v, 400, &m);
	duel_clear(&d);

	duel_make(&d, MEASURE_BINARY, 400, 6, 0);
	m = compare(&d, "accuracy", 20000);
	for (size_t i = 0; i < 400; i++)
		v[i] = right(d.pb[i], d.y[i]) - right(d.pa[i], d.y[i]);
	t_test(v, 400, &m);
	m = compare(&d, "logloss", 20000);
	assert_int_equal(paired_losses(&d.a, &d.b, v), 0);
	t_test(v, 400, &m);
	duel_clear(&d);

	duel_make(&d, MEASURE_MULTICLASS, 400, 9, 0);
	m = compare(&d, "logloss", 20000);
	assert_int_equal(paired_losses(&d.a, &d.b, v), 0);
	t_test(v, 400, &m);
	duel_clear(&d);

	duel_make(&d, MEASURE_RANKING, 400, 4, 0.5);
	m = compare(&d, "ndcg", 20000);
	assert_int_equal(paired_losses(&d.a, &d.b, v), 0);
	for (size_t g = 0; g < 80; g++)
		v[g] = -v[5 * g];
	t_test(v, 80, &m);
	duel_clear(&d);
}

/* More rows than are bootstrapped: the interval is that of all rows. */
static void test_paired_many(void **state)
{
	enum { N = 150000 };
	double *v = xcalloc(N, sizeof *v);
	struct paired_metric m;
	struct duel d;

	(void)state;
	duel_make(&d, MEASURE_REGRESSION, N, 2, 0.01);
	m = compare(&d, "mae", 400);
	for (size_t i = 0; i < N; i++)
		v[i] = fabs((double)d.pb[i] - (double)d.y[i]) -
		       fabs((double)d.pa[i] - (double)d.y[i]);
	{
		double mean = 0, square = 0, se;

		for (size_t i = 0; i < N; i++)
			mean += v[i] / N;
		for (size_t i = 0; i < N; i++)
			square += (v[i] - mean) * (v[i] - mean);
		se = sqrt(square / N / N);
		near(m.difference, mean, 1e-7);
		near(m.high - m.low, 2 * 1.96 * se, 0.2);
	}
	duel_clear(&d);
	free(v);
}

static void test_paired_same(void **state)
{
	(void)state;
	for (int task = MEASURE_REGRESSION; task <= MEASURE_RANKING; task++) {
		struct paired_opts o = { .samples = 200, .threads = 2 };
		struct paired p;
		struct duel d;

		duel_make(&d, (enum measure_task)task, 200, 3, 0);
		assert_int_equal(paired_compare(&d.a, &d.a, &o, &p), 0);
		for (size_t i = 0; i < p.n; i++) {
			assert_true(p.v[i].difference == 0 && p.v[i].low == 0 && p.v[i].high == 0);
			assert_true(p.v[i].p == 1 && p.v[i].a == p.v[i].b);
		}
		duel_clear(&d);
	}
}

/* A few rows prove little, whatever they say; one proves nothing. */
static void test_paired_few(void **state)
{
	const float y[] = { 1, 2, 3 }, a[] = { 1, 2, 3 }, b[] = { 2, 3, 4 },
		    nan[] = { NAN, NAN, 3 };
	struct duel d = { .a = { .rows = 3, .k = 1, .predictions = a, .labels = y } };
	struct paired_metric m;

	(void)state;
	d.b = d.a;
	d.b.predictions = b;
	m = compare(&d, "mae", 500);
	assert_true(m.difference == 1 && m.p == 0.25);
	d.a.labels = d.b.labels = nan;
	m = compare(&d, "mae", 500);
	assert_true(m.difference == 1 && isnan(m.p) && isnan(m.low));
	m = compare(&d, "mae", 0);
	assert_true(m.difference == 1 && isnan(m.p));
	d.b.labels = y;
	assert_int_equal(
		paired_compare(&d.a, &d.b, &(struct paired_opts){ 0 }, &(struct paired){ 0 }),
		ERR_INPUT);
}

/* Of models that are alike as often called different as the level says. */
static void test_paired_level(void **state)
{
	int wrong = 0, seen = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 120; seed++) {
		struct duel d;

		duel_make(&d, MEASURE_BINARY, 150, 1000 + seed, 0);
		wrong += compare(&d, "auc", 300).p < 0.05;
		duel_clear(&d);
		duel_make(&d, MEASURE_REGRESSION, 60, 5000 + seed, 0.5);
		seen += compare(&d, "rmse", 300).p < 0.05;
		duel_clear(&d);
	}
	assert_true(wrong <= 14);
	assert_true(seen >= 90);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_student),	     cmocka_unit_test(test_holm),
		cmocka_unit_test(test_seek_nothing), cmocka_unit_test(test_seek_one),
		cmocka_unit_test(test_seek_crossed), cmocka_unit_test(test_seek_edges),
		cmocka_unit_test(test_paired_means), cmocka_unit_test(test_paired_many),
		cmocka_unit_test(test_paired_same),  cmocka_unit_test(test_paired_few),
		cmocka_unit_test(test_paired_level),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
