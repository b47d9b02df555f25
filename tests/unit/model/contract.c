/* contract.c - fitting a contract, its JSON, and the transform. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/model/rows/cell.h"
#include "lib/model/fit.h"
#include "lib/model/transform.h"

static const char *const carriers[] = { "AA", "UA", "AA", NULL, "B6", "UA", "AA", "AA" };
static const int64_t distances[] = { 100, 2000, 300, 0, 500, 600, 700, 800 };
static const double delays[] = { 1, -2.5, 3, 4, NAN, 6, 7, 8 };
static const uint8_t late[] = { 0, 1, 0, 1, 0, 1, 0, 1 };
static const int64_t times[] = { 0, 3600000000, -1, 86400000000, 1357016400000000, 5, 6, 7 };
static const uint8_t distance_valid[] = { 1, 1, 1, 0, 1, 1, 1, 1 };

static const struct frame_column columns[] = {
	{ .name = "carrier", .type = FRAME_STRING, .s = carriers },
	{ .name = "distance", .type = FRAME_INT, .i = distances, .valid = distance_valid },
	{ .name = "delay", .type = FRAME_DOUBLE, .d = delays },
	{ .name = "late", .type = FRAME_BOOL, .b = late },
	{ .name = "at", .type = FRAME_TIME, .i = times },
};
static const struct frame all = { 8, 5, columns };

static struct contract fitted(const struct fit_opts *opts, const struct frame *f)
{
	struct contract c = CONTRACT_INIT;
	struct fit *fit;

	assert_int_equal(fit_new(opts, &fit), 0);
	assert_int_equal(fit_add(fit, f), 0);
	if (fit_finish(fit, &c) < 0)
		fail_msg("%s", error_text());
	fit_free(fit);
	return c;
}

static struct frame part(const struct frame *f, int64_t from, int64_t rows,
			 struct frame_column *cols)
{
	for (size_t i = 0; i < f->n; i++) {
		cols[i] = f->cols[i];
		if (cols[i].type == FRAME_BOOL)
			cols[i].b += from;
		else
			cols[i].i += from;
		if (cols[i].valid)
			cols[i].valid += from;
	}
	return (struct frame){ rows, f->n, cols };
}

static char *canonical(const struct contract *c)
{
	json_t *v = contract_json(c);
	struct buf b = BUF_INIT;

	json_canonical(v, &b);
	json_decref(v);
	return buf_take(&b);
}

static void test_fit(void **state)
{
	struct contract c = fitted(&(struct fit_opts){ .label = "late" }, &all);
	struct strlist names = STRLIST_INIT;

	(void)state;
	assert_int_equal(c.task, TASK_BINARY);
	assert_int_equal(c.classes.n, 2);
	assert_string_equal(c.classes.v[1], "true");
	assert_int_equal(c.n, 4);
	assert_int_equal(c.inputs, 6);
	assert_string_equal(c.cols[0].categories.v[0].s, "AA");
	assert_string_equal(c.cols[0].categories.v[1].s, "UA");
	assert_true(c.cols[0].nullable && c.cols[1].nullable && c.cols[2].nullable);
	assert_false(c.cols[3].nullable);
	assert_true(c.cols[1].min == 100 && c.cols[1].max == 2000);
	assert_true(c.cols[2].min == -2.5 && c.cols[2].max == 8);
	contract_inputs(&c, &names);
	assert_string_equal(names.v[3], "at.hour");
	assert_string_equal(names.v[5], "at.month");
	assert_true(contract_is_code(&c, 0));
	assert_false(contract_is_code(&c, 1));
	strlist_clear(&names);
	contract_clear(&c);
}

static void test_order_does_not_matter(void **state)
{
	struct fit_opts opts = { .label = "late" };
	struct contract a = fitted(&opts, &all), b = CONTRACT_INIT;
	struct frame_column cols[5];
	struct frame f;
	struct fit *fit;
	char *x, *y;

	(void)state;
	assert_int_equal(fit_new(&opts, &fit), 0);
	f = part(&all, 5, 3, cols);
	assert_int_equal(fit_add(fit, &f), 0);
	f = part(&all, 0, 5, cols);
	assert_int_equal(fit_add(fit, &f), 0);
	assert_int_equal(fit_finish(fit, &b), 0);
	fit_free(fit);
	x = canonical(&a);
	y = canonical(&b);
	assert_string_equal(x, y);
	free(x);
	free(y);
	contract_clear(&a);
	contract_clear(&b);
}

static void test_json(void **state)
{
	struct contract a = fitted(
		&(struct fit_opts){ .label = "carrier_2" },
		&(struct frame){ 8, 2,
				 (struct frame_column[]){
					 columns[2],
					 { .name = "carrier_2",
					   .type = FRAME_STRING,
					   .s = (const char *const[]){ "x", "y", "z", "x", "\"",
								       "y", "z", "x" } } } });
	struct contract b = CONTRACT_INIT;
	char *x = canonical(&a), *y;

	(void)state;
	assert_int_equal(a.task, TASK_MULTICLASS);
	assert_int_equal(a.classes.n, 4);
	assert_int_equal(contract_parse_text(x, strlen(x), &b), 0);
	y = canonical(&b);
	assert_string_equal(x, y);
	contract_clear(&b);
	assert_int_equal(contract_parse_text("{}", 2, &b), ERR_CORRUPT);
	free(x);
	free(y);
	contract_clear(&a);
}

static void refuse_fit(const struct fit_opts *opts, const struct frame *f, const char *text)
{
	struct contract c = CONTRACT_INIT;
	struct fit *fit;
	int rc = fit_new(opts, &fit);

	if (!rc)
		rc = fit_add(fit, f);
	if (!rc)
		rc = fit_finish(fit, &c);
	assert_int_equal(rc, ERR_INPUT);
	if (!strstr(error_text(), text))
		fail_msg("'%s' does not say '%s'", error_text(), text);
	contract_clear(&c);
	fit_free(fit);
}

static void test_fit_refusals(void **state)
{
	static const double constant[] = { 3, 3, 3, 3, 3, 3, 3, 3 };
	const struct frame f = { 8, 2,
				 (struct frame_column[]){
					 columns[0],
					 { .name = "y", .type = FRAME_DOUBLE, .d = constant } } };
	const struct frame none = { 0, 5, columns };

	(void)state;
	refuse_fit(&(struct fit_opts){ .label = "y" }, &f, "label 'y' is the same in all 8 rows");
	refuse_fit(&(struct fit_opts){ .label = "delay" }, &all,
		   "label 'delay' is missing in 1 of 8 rows, first in row 5");
	refuse_fit(&(struct fit_opts){ .label = "at" }, &all, "is a time");
	refuse_fit(&(struct fit_opts){ .label = "nope" }, &all, "no column 'nope'");
	refuse_fit(&(struct fit_opts){ .label = "late", .task = "rank" }, &all, "not a task");
	refuse_fit(&(struct fit_opts){ .label = "carrier", .task = "regression" },
		   &(struct frame){ 3, 5, columns }, "which no regression can have");
	refuse_fit(&(struct fit_opts){ .label = "late" }, &none, "no rows");
	refuse_fit(&(struct fit_opts){ .columns = (const char *const[]){ "late", "at" },
				       .n = 2,
				       .label = "late" },
		   &all, "is the label");
	refuse_fit(&(struct fit_opts){ .columns = (const char *const[]){ "at", "at" }, .n = 2 },
		   &all, "named twice");
}

static void test_labels(void **state)
{
	static const int64_t zero_one[] = { 0, 1, 1, 0 }, grades[] = { 10, -2, 7, 7 };
	static const double halves[] = { 0.5, 1.5, 0.5, 2.5 };
	const struct frame f = { 4, 4,
				 (struct frame_column[]){
					 columns[3],
					 { .name = "z", .type = FRAME_INT, .i = zero_one },
					 { .name = "g", .type = FRAME_INT, .i = grades },
					 { .name = "h", .type = FRAME_DOUBLE, .d = halves } } };
	struct contract c = fitted(&(struct fit_opts){ .label = "z" }, &f);
	float y[4];

	(void)state;
	assert_int_equal(c.task, TASK_BINARY);
	assert_int_equal(transform_label(&c, &f, 1, y), 0);
	assert_true(y[0] == 0 && y[1] == 1);
	contract_clear(&c);
	c = fitted(&(struct fit_opts){ .label = "g" }, &f);
	assert_int_equal(c.task, TASK_REGRESSION);
	contract_clear(&c);
	c = fitted(&(struct fit_opts){ .label = "g", .task = "multiclass" }, &f);
	assert_string_equal(c.classes.v[0], "-2");
	assert_string_equal(c.classes.v[2], "10");
	assert_int_equal(transform_label(&c, &f, 1, y), 0);
	assert_true(y[0] == 2 && y[1] == 0 && y[2] == 1);
	contract_clear(&c);
	c = fitted(&(struct fit_opts){ .label = "h", .task = "multiclass" }, &f);
	assert_string_equal(c.classes.v[1], "1.5");
	contract_clear(&c);
}

static void test_transform(void **state)
{
	struct contract c = fitted(&(struct fit_opts){ .label = "late" }, &all);
	struct counts counts = COUNTS_INIT;
	float x[8 * 6];

	(void)state;
	counts_init(&counts, c.n);
	assert_int_equal(transform_apply(&c, &all, x, &counts), 0);
	assert_int_equal(counts_total(&counts), 0);
	assert_int_equal(counts.rows, 8);
	assert_true(x[0] == 0 && x[6] == 1 && isnan(x[18]) && x[24] == 2);
	assert_true(isnan(x[18 + 1]) && x[1] == 100 && isnan(x[24 + 2]));
	/* 1970-01-01 is a Thursday; a microsecond before it is Wednesday, 31 December, 23h */
	assert_true(x[3] == 0 && x[4] == 3 && x[5] == 1);
	assert_true(x[12 + 3] == 23 && x[12 + 4] == 2 && x[12 + 5] == 12);
	/* 2013-01-01 05:00 is a Tuesday */
	assert_true(x[24 + 3] == 5 && x[24 + 4] == 1 && x[24 + 5] == 1);
	counts_clear(&counts);
	contract_clear(&c);
}

/* One row of carrier, distance, delay, at; NULL text is missing. */
static int one_row(struct contract *c, const char *carrier, int64_t distance, double delay,
		   struct counts *k, float *x)
{
	static const int64_t at = 0;
	const struct frame f = {
		1, 4,
		(struct frame_column[]){
			{ .name = "at", .type = FRAME_TIME, .i = &at },
			{ .name = "delay", .type = FRAME_DOUBLE, .d = &delay },
			{ .name = "distance", .type = FRAME_INT, .i = &distance },
			{ .name = "carrier", .type = FRAME_STRING, .s = &carrier } }
	};

	return transform_apply(c, &f, x, k);
}

static void test_modes(void **state)
{
	struct contract c = fitted(&(struct fit_opts){ .label = "late" }, &all);
	struct counts k = COUNTS_INIT;
	json_t *v;
	float x[6];

	(void)state;
	counts_init(&k, c.n);
	assert_int_equal(one_row(&c, "ZZ", 5000, 1e300, &k, x), 0);
	assert_true(isnan(x[0]) && x[1] == 5000 && x[2] == FLT_MAX);
	assert_int_equal(k.cols[0].unknown, 1);
	assert_int_equal(k.cols[1].range, 1);
	assert_int_equal(counts_total(&k), 3);
	v = counts_json(&k, &c);
	assert_int_equal(
		json_int(json_object_get(json_object_get(v, "columns"), "carrier"), "unknown", 0),
		1);
	json_decref(v);
	c.mode = CONTRACT_REJECT;
	assert_int_equal(one_row(&c, "ZZ", 500, 1, &k, x), ERR_INPUT);
	assert_string_equal(
		error_text(),
		"cannot score row 2: column 'carrier' is 'ZZ', which the model does not know");
	assert_int_equal(one_row(&c, "AA", 5000, 1, &k, x), ERR_INPUT);
	assert_non_null(
		strstr(error_text(), "column 'distance' is 5000, and was 100 to 2000 in training"));
	c.cols[1].nullable = c.cols[2].nullable = false;
	assert_int_equal(one_row(&c, "AA", 500, NAN, &k, x), ERR_INPUT);
	assert_non_null(
		strstr(error_text(), "column 'delay' is missing, and never was in training"));
	counts_clear(&k);
	contract_clear(&c);
}

static void test_types(void **state)
{
	static const char *const text[] = { "12", "x" };
	static const int64_t whole[] = { 7, 8 };
	struct contract c = CONTRACT_INIT;
	struct frame_column col = { .name = "d", .type = FRAME_INT, .i = whole };
	struct frame f = { 2, 1, &col };
	struct counts k = COUNTS_INIT;
	float x[2];

	(void)state;
	contract_add(&c, "d", FRAME_DOUBLE);
	counts_init(&k, 1);
	assert_int_equal(transform_apply(&c, &f, x, &k), 0); /* widening */
	assert_true(x[1] == 8);
	col = (struct frame_column){ .name = "d", .type = FRAME_STRING, .s = text };
	assert_int_equal(transform_apply(&c, &f, x, &k), ERR_INPUT);
	assert_string_equal(error_text(), "cannot score: column 'd' is string, want double");
	c.mode = CONTRACT_COERCE;
	assert_int_equal(transform_apply(&c, &f, x, &k), ERR_INPUT);
	assert_string_equal(error_text(), "cannot score row 4: column 'd' holds 'x', want double");
	f.rows = 1;
	assert_int_equal(transform_apply(&c, &f, x, &k), 0);
	assert_true(x[0] == 12);
	col.name = "e";
	assert_int_equal(transform_apply(&c, &f, x, &k), ERR_INPUT);
	assert_string_equal(error_text(), "cannot score: column 'd' (double) is missing");
	counts_clear(&k);
	contract_clear(&c);
}

static void test_many_categories(void **state)
{
	enum { N = 5000 };
	const char **s = xcalloc(N + 10, sizeof(*s));
	struct frame_column col = { .name = "s", .type = FRAME_STRING, .s = s };
	struct frame f = { N + 10, 1, &col };
	struct counts k = COUNTS_INIT;
	struct contract c;
	float *x = xcalloc(N + 10, sizeof(*x));

	(void)state;
	for (int i = 0; i < N + 10; i++)
		s[i] = xasprintf("k%d", i < N ? i : 4321);
	c = fitted(&(struct fit_opts){ .max_categories = 100, .mode = CONTRACT_REJECT }, &f);
	assert_int_equal(c.cols[0].categories.n, 100);
	assert_int_equal(c.cols[0].dropped, N - 100);
	assert_string_equal(c.cols[0].categories.v[0].s, "k4321");
	counts_init(&k, 1);
	assert_int_equal(transform_apply(&c, &f, x, &k),
			 0); /* a dropped one is missing, not refused */
	assert_int_equal(k.cols[0].unknown, N - 100);
	assert_true(x[4321] == 0 && isnan(x[4999]));
	for (int i = 0; i < N + 10; i++)
		free((char *)s[i]);
	free(s);
	free(x);
	counts_clear(&k);
	contract_clear(&c);
}

static void test_cells(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
	} good[] = { { "1970-01-01", 0 },
		     { "1970-01-01T00:00:01.5Z", 1500000 },
		     { "2013-01-01 05:00:00", 1357016400000000 },
		     { "2013-01-01 06:00+01:00", 1357016400000000 },
		     { "2013-01-01T00:00:00-0500", 1357016400000000 },
		     { "1969-12-31T23:59:59.999999", -1 } };
	static const char *const bad_times[] = { "",
						 "1970",
						 "1970-13-01",
						 "1970-02-29",
						 "1970-01-01T25:00",
						 "1970-01-01T00:00:00Zx",
						 "1970-01-01 00" };
	static const char *const doubles[] = { "0.1",
					       "-1e-5",
					       "1e400",
					       "123456789012345678901234567890",
					       "4.9e-324",
					       "17976931348623157e292",
					       "0.30000000000000004",
					       "1.",
					       ".5",
					       "+3" };
	struct buf b = BUF_INIT;
	int64_t us, i;
	double d;
	bool flag;

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(good); k++) {
		assert_true(cell_time(good[k].text, strlen(good[k].text), &us));
		assert_int_equal(us, good[k].us);
	}
	for (size_t k = 0; k < ARRAY_LEN(bad_times); k++)
		assert_false(cell_time(bad_times[k], strlen(bad_times[k]), &us));
	for (size_t k = 0; k < ARRAY_LEN(doubles); k++) {
		assert_true(cell_double(doubles[k], strlen(doubles[k]), &d));
		assert_true(d == strtod(doubles[k], NULL));
	}
	assert_false(cell_double("1e", 2, &d) || cell_double("1x", 2, &d) ||
		     cell_double(".", 1, &d) || cell_double("0x10", 4, &d));
	assert_true(cell_int("-9223372036854775808", 20, &i) && i == INT64_MIN);
	assert_false(cell_int("9223372036854775808", 19, &i) || cell_int("-", 1, &i) ||
		     cell_int("1.5", 3, &i));
	assert_true(cell_int("12.0", 4, &i) && i == 12);
	assert_true(cell_bool("TRUE", 4, &flag) && flag);
	assert_false(cell_bool("2", 1, &flag));
	cell_put_float(&b, 0.1f);
	assert_string_equal(b.data, "0.1");
	buf_reset(&b);
	cell_put_time(&b, -1);
	assert_string_equal(b.data, "1969-12-31T23:59:59.999999Z");
	buf_clear(&b);
}

/* The text that the library's own conversion gives with the fewest digits of 6 to 9 that read back.
 */
static void plain_text(float f, char *s, size_t n)
{
	for (int digits = 6; digits <= 9; digits++) {
		snprintf(s, n, "%.*g", digits, (double)f);
		if (strtof(s, NULL) == f)
			break;
	}
}

static void check_float(float f, struct buf *b)
{
	char want[32];
	double d;

	buf_reset(b);
	cell_put_float(b, f);
	assert_true(cell_double(b->data, b->len, &d));
	assert_true((float)d == f);
	plain_text(f, want, sizeof want);
	assert_string_equal(b->data, want);
}

static void test_float_round_trip(void **state)
{
	static const float some[] = {
		0,	0.1f,	       1,	    10,	    0.5f,  999999.94f,	   1e6f,
		1e-4f,	9.9999e-5f,    0.99999994f, 123456, 1e-3f, 0.00999999978f, 3.4e38f,
		1e-45f, 99999.9921875f
	};
	struct buf b = BUF_INIT;
	uint32_t bits = 1;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(some); i++)
		check_float(some[i], &b);
	for (int i = 0; i < 100000; i++) {
		float f;

		bits = bits * 1664525 + 1013904223;
		if (i % 2) { /* everyday size: 2^-14 to 2^21 */
			uint32_t everyday = (bits & 0x807fffff) | (113 + bits / 16777216 % 35)
									  << 23;

			memcpy(&f, &everyday, sizeof f);
		} else {
			memcpy(&f, &bits, sizeof f);
		}
		if (isfinite(f))
			check_float(f, &b);
	}
	buf_reset(&b);
	cell_put_int(&b, INT64_MIN);
	cell_put_int(&b, 0);
	assert_string_equal(b.data, "-92233720368547758080");
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fit),
		cmocka_unit_test(test_order_does_not_matter),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_fit_refusals),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_transform),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_many_categories),
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_float_round_trip),
	};

	return cmocka_run_group_tests_name("model/contract", tests, NULL, NULL);
}
