/* shard.c - tests of lib/learn/shard: every row is in one part, and no group is torn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/learn/shard.h"

enum { RANKS = 8 };

static void covers(const struct matrix_split *s, int ranks)
{
	int64_t row = 0, group = 0, least = INT64_MAX, most = 0;

	for (int r = 0; r < ranks; r++) {
		struct shard part = shard_of(s, r, ranks);
		int64_t things = s->group.data ? part.groups : part.rows;

		assert_int_equal(part.first, row);
		assert_int_equal(part.first_group, group);
		row += part.rows;
		group += part.groups;
		least = things < least ? things : least;
		most = things > most ? things : most;
	}
	assert_int_equal(row, s->rows);
	assert_int_equal(group, s->group.data ? s->group.rows : 0);
	assert_true(most - least <= 1);
}

static void test_rows(void **state)
{
	(void)state;
	for (int64_t rows = 0; rows < 40; rows++)
		for (int ranks = 1; ranks <= RANKS; ranks++)
			covers(&(struct matrix_split){ .rows = rows }, ranks);
	covers(&(struct matrix_split){ .rows = INT64_MAX / 2 }, 7);
	assert_int_equal(shard_most(&(struct matrix_split){ .rows = 5 }), 5);
}

static void test_groups(void **state)
{
	static const int32_t sizes[] = { 3, 1, 40, 2, 2, 5, 1, 1, 1, 9, 7 };
	struct matrix_split s = { .group = { .data = sizes, .rows = ARRAY_LEN(sizes) } };
	int64_t first = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		s.rows += sizes[i];
	for (int ranks = 1; ranks <= RANKS; ranks++) {
		covers(&s, ranks);
		for (int r = 0; r < ranks; r++) {
			struct shard part = shard_of(&s, r, ranks);
			int64_t rows = 0;

			for (int64_t g = 0; g < part.groups; g++)
				rows += sizes[part.first_group + g];
			assert_int_equal(rows, part.rows);
		}
	}
	for (int64_t g = 0; g < (int64_t)ARRAY_LEN(sizes); g++) {
		assert_int_equal(shard_of(&s, (int)g, ARRAY_LEN(sizes)).first, first);
		first += sizes[g];
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
