/* folds.c - rows dealt out: each held back once, groups whole, time in stretches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/error.h"
#include "lib/table/rows/scan.h"
#include "lib/table/rows/table_sink.h"
#include "lib/table/split/folds.h"
#include "tests/unit/table/place.h"

enum { ROWS = 200, GROUPS = 23, PARTS = 4 };

static int64_t ids[ROWS], groups[ROWS], when[ROWS];
static const char *texts[ROWS];
static uint8_t valid[ROWS];
static char *path;

static int set_up(void **state)
{
	const struct frame_column cols[] = {
		{ .name = "id", .type = FRAME_INT, .i = ids },
		{ .name = "g", .type = FRAME_INT, .i = groups, .valid = valid },
		{ .name = "when", .type = FRAME_TIME, .i = when },
		{ .name = "text", .type = FRAME_STRING, .s = texts },
	};
	const struct frame f = { ROWS, 4, cols };
	struct table_sink *s;

	if (place_make(state))
		return -1;
	for (int i = 0; i < ROWS; i++) {
		ids[i] = i;
		groups[i] = i * 7 % GROUPS;
		valid[i] = groups[i] != 5;
		when[i] = (int64_t)((i * 37) % ROWS / 2) * 1000000;
		texts[i] = i % 9 ? "t" : NULL;
	}
	path = place_path("t.parquet");
	return table_sink_open(path, &f, NULL, &s) || table_sink_add(s, &f) || table_sink_finish(s);
}

static struct table_folds dealt(const char *how, int n)
{
	struct table_split s;
	struct table_folds f;

	assert_int_equal(table_split_parse(how, &s), 0);
	if (table_folds_deal(path, &s, n, &f))
		fail_msg("%s", error_text());
	table_split_clear(&s);
	assert_int_equal(f.rows, ROWS);
	return f;
}

/* The ids of a file, each marked with what. */
static int64_t mark(const char *file, uint8_t seen[ROWS], uint8_t what)
{
	static const char *const columns[] = { "id" };
	const char *const paths[] = { file };
	struct table_scan *s;
	struct frame f;
	int64_t n = 0, last = -1;

	assert_int_equal(table_scan_open(paths, 1, columns, 1, 1, &s), 0);
	while (table_scan_next(s, &f) > 0)
		for (int64_t i = 0; i < f.rows; i++, n++) {
			assert_true(f.cols[0].i[i] > last); /* in their order */
			last = f.cols[0].i[i];
			assert_int_equal(seen[last], 0);
			seen[last] = what;
		}
	table_scan_close(s);
	return n;
}

enum { TRAIN = 1, HELD, APART };

static void write_part(const struct table_folds *f, int part, double share, uint8_t seen[ROWS])
{
	char *train = place_path("train.parquet"), *held = place_path("held.parquet"),
	     *apart = place_path("apart.parquet");
	struct table_folds_files files = { train, held, share > 0 ? apart : NULL, share };

	memset(seen, 0, ROWS);
	if (table_folds_write(f, path, part, &files))
		fail_msg("%s", error_text());
	mark(train, seen, TRAIN);
	mark(held, seen, HELD);
	if (share > 0)
		mark(apart, seen, APART);
}

static void each_row_is_held_back_once(void **state)
{
	struct table_folds f = dealt("75/15/10", PARTS);
	uint8_t seen[ROWS], times[ROWS] = { 0 };

	(void)state;
	for (int k = 0; k < PARTS; k++) {
		write_part(&f, k, 0.2, seen);
		for (int i = 0; i < ROWS; i++) {
			assert_int_not_equal(seen[i], 0);
			assert_int_equal(seen[i] == HELD, f.of[i] == k);
			times[i] += seen[i] == HELD;
		}
	}
	for (int i = 0; i < ROWS; i++)
		assert_int_equal(times[i], 1);
	table_folds_clear(&f);
}

static void groups_stay_together(void **state)
{
	static const char *const hows[] = { "75/15/10 by group(g)", "75/15/10 by hash(g)" };
	uint8_t seen[ROWS], of[GROUPS];

	(void)state;
	for (int h = 0; h < 2; h++) {
		struct table_folds f = dealt(hows[h], PARTS);
		int count[PARTS] = { 0 };

		write_part(&f, 1, 0.25, seen);
		memset(of, 0, sizeof of);
		for (int i = 0; i < ROWS; i++) {
			if (!of[groups[i]])
				count[f.of[i]]++;
			assert_true(!of[groups[i]] || of[groups[i]] == seen[i]);
			of[groups[i]] = seen[i];
		}
		for (int k = 0; k < PARTS; k++)
			assert_in_range(count[k], GROUPS / PARTS, GROUPS / PARTS + 1);
		table_folds_clear(&f);
	}
}

static void time_is_cut_in_stretches(void **state)
{
	struct table_folds f = dealt("75/15/10 by time(when)", PARTS);
	uint8_t seen[ROWS];
	int64_t first[PARTS], last[PARTS], latest = 0;

	(void)state;
	for (int k = 0; k < PARTS; k++) {
		first[k] = INT64_MAX;
		last[k] = -1;
	}
	for (int i = 0; i < ROWS; i++) {
		first[f.of[i]] = when[i] < first[f.of[i]] ? when[i] : first[f.of[i]];
		last[f.of[i]] = when[i] > last[f.of[i]] ? when[i] : last[f.of[i]];
	}
	for (int k = 1; k < PARTS; k++)
		assert_true(last[k - 1] < first[k]);
	write_part(&f, 0, 0.1, seen);
	for (int i = 0; i < ROWS; i++)
		if (seen[i] == TRAIN)
			latest = when[i] > latest ? when[i] : latest;
	for (int i = 0; i < ROWS; i++)
		assert_true(seen[i] != APART || when[i] > latest);
	table_folds_clear(&f);
}

static void the_same_parts_again(void **state)
{
	struct table_folds a = dealt("75/15/10 by hash(id)", PARTS),
			   b = dealt("50/30/20 by hash(id)", PARTS);

	(void)state;
	assert_memory_equal(a.of, b.of, ROWS);
	table_folds_clear(&b);
	b = dealt("50/30/20 by row", PARTS);
	assert_int_not_equal(memcmp(a.of, b.of, ROWS), 0);
	table_folds_clear(&a);
	table_folds_clear(&b);
}

static void refuses_more_parts_than_groups(void **state)
{
	struct table_split s;
	struct table_folds f;

	(void)state;
	assert_int_equal(table_split_parse("75/15/10 by group(g)", &s), 0);
	assert_int_equal(table_folds_deal(path, &s, GROUPS + 1, &f), ERR_INPUT);
	assert_non_null(strstr(error_text(), "23 groups"));
	table_split_clear(&s);
	assert_int_equal(table_split_parse("75/15/10 by group(gone)", &s), 0);
	assert_int_equal(table_folds_deal(path, &s, 2, &f), ERR_INPUT);
	assert_non_null(strstr(error_text(), "gone"));
	table_split_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_is_held_back_once),
		cmocka_unit_test(groups_stay_together),
		cmocka_unit_test(time_is_cut_in_stretches),
		cmocka_unit_test(the_same_parts_again),
		cmocka_unit_test(refuses_more_parts_than_groups),
	};

	return cmocka_run_group_tests(tests, set_up, place_remove);
}
