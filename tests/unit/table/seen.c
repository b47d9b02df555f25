/* seen.c - rows of one table that occur in another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/error.h"
#include "lib/table/rows/table_sink.h"
#include "lib/table/split/seen.h"
#include "tests/unit/table/place.h"

static char *write_table(const char *name, const struct frame *f)
{
	char *path = place_path(name);
	struct table_sink *s;

	assert_int_equal(table_sink_open(path, f, NULL, &s), 0);
	assert_int_equal(table_sink_add(s, f), 0);
	assert_int_equal(table_sink_finish(s), 0);
	return path;
}

static struct table_seen look(const char *a, const char *b)
{
	struct table_seen s;

	if (table_seen(a, b, 2, NULL, &s))
		fail_msg("%s", error_text());
	return s;
}

static const int64_t ids[] = { 1, 2, 3, 4, 5, 5 };
static const double reals[] = { 0.5, 1.5, 2.5, 3.5, 4.5, 4.5 };
static const char *const texts[] = { "a", "b", NULL, "d", "e", "e" };
static const uint8_t valid[] = { 1, 0, 1, 1, 1, 1 };
static const struct frame_column whole[] = {
	{ .name = "id", .type = FRAME_INT, .i = ids, .valid = valid },
	{ .name = "real", .type = FRAME_DOUBLE, .d = reals },
	{ .name = "a \"text\"", .type = FRAME_STRING, .s = texts },
};
static const struct frame all = { 6, 3, whole };

static void test_missing_values_are_equal(void **state)
{
	/* the row 2 has no id, the row 3 no text; the 4th differs, the doubled 5th counts twice */
	static const int64_t i[] = { 99, 3, 4, 5 };
	static const double d[] = { 1.5, 2.5, 3.5, 4.5 };
	static const char *const t[] = { "b", NULL, "x", "e" };
	static const uint8_t v[] = { 0, 1, 1, 1 }, want[] = { 0, 1, 1, 0, 1, 1 };
	const struct frame_column cols[] = {
		{ .name = "real", .type = FRAME_DOUBLE, .d = d }, /* in another order */
		{ .name = "id", .type = FRAME_INT, .i = i, .valid = v },
		{ .name = "a \"text\"", .type = FRAME_STRING, .s = t },
	};
	struct table_seen s = look(write_table("a.parquet", &all),
				   write_table("b.parquet", &(struct frame){ 4, 3, cols }));

	(void)state;
	assert_int_equal(s.rows, 6);
	assert_int_equal(s.n, 4);
	assert_int_equal(s.columns.n, 3);
	assert_memory_equal(s.mask, want, 6);
	table_seen_clear(&s);
}

static void test_common_columns_and_other_types(void **state)
{
	/* id as a double, and as text; a column that the other table lacks says nothing */
	static const double d[] = { 3, 4.25 };
	static const char *const t[] = { "4", "7" };
	static const int64_t other[] = { 8, 9 };
	static const uint8_t by_number[] = { 0, 0, 1, 0, 0, 0 }, by_text[] = { 0, 0, 0, 1, 0, 0 };
	const struct frame_column number[] = { { .name = "id", .type = FRAME_DOUBLE, .d = d },
					       { .name = "other", .type = FRAME_INT, .i = other } };
	const struct frame_column text[] = { { .name = "id", .type = FRAME_STRING, .s = t } };
	char *a = write_table("c.parquet", &all);
	struct table_seen s = look(a, write_table("d.parquet", &(struct frame){ 2, 2, number }));

	(void)state;
	assert_int_equal(s.columns.n, 1);
	assert_memory_equal(s.mask, by_number, 6);
	table_seen_clear(&s);
	s = look(a, write_table("e.parquet", &(struct frame){ 2, 1, text }));
	assert_memory_equal(s.mask, by_text, 6);
	table_seen_clear(&s);
	s = look(a, write_table("f.parquet", &(struct frame){ 2, 1, number + 1 }));
	assert_int_equal(s.columns.n, 0);
	assert_int_equal(s.n, 0);
	assert_int_equal(s.rows, 6);
	table_seen_clear(&s);
}

enum { N = 50000 };

static void test_many_rows_keep_their_places(void **state)
{
	static int64_t a[N], b[N];
	const struct frame_column ca[] = { { .name = "v", .type = FRAME_INT, .i = a } },
				  cb[] = { { .name = "v", .type = FRAME_INT, .i = b } };
	struct table_seen s;

	(void)state;
	for (int i = 0; i < N; i++) {
		a[i] = (int64_t)i * 7919 % N;
		b[i] = i * 3;
	}
	s = look(write_table("g.parquet", &(struct frame){ N, 1, ca }),
		 write_table("h.parquet", &(struct frame){ N, 1, cb }));
	for (int i = 0; i < N; i++)
		assert_int_equal(s.mask[i], a[i] % 3 == 0);
	assert_int_equal(s.n, (N + 2) / 3);
	table_seen_clear(&s);
}

static void test_absent(void **state)
{
	struct table_seen s;

	(void)state;
	assert_int_equal(
		table_seen(place_path("none.parquet"), place_path("a.parquet"), 1, NULL, &s),
		ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_missing_values_are_equal),
		cmocka_unit_test(test_common_columns_and_other_types),
		cmocka_unit_test(test_many_rows_keep_their_places),
		cmocka_unit_test(test_absent),
	};

	return cmocka_run_group_tests(tests, place_make, place_remove);
}
