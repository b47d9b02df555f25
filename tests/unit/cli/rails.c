/* rails.c - tests of the lanes beside a list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/base/mem.h"
#include "lib/cli/rails.h"

static void test_diamond(void **state)
{
	struct rails r = RAILS_INIT;
	struct buf b = BUF_INIT;

	(void)state;
	rails_item(&r, 4, (size_t[]){ 3, 2 }, 2, "four\nmore\n", &b);
	rails_item(&r, 3, (size_t[]){ 1 }, 1, "three\n", &b);
	rails_item(&r, 2, (size_t[]){ 1 }, 1, "two\n", &b);
	rails_item(&r, 1, NULL, 0, "one\n", &b);
	rails_item(&r, 0, NULL, 0, "alone\n", &b);
	assert_string_equal(b.data,
			    "* four\n| more\n|-.\n* | three\n| * two\n+-'\n* one\n\n* alone\n");
	buf_clear(&b);
	rails_clear(&r);
}

static void test_across(void **state)
{
	struct rails r = RAILS_INIT;
	struct buf b = BUF_INIT;

	(void)state;
	rails_item(&r, 9, (size_t[]){ 1, 2, 3 }, 3, "9\n", &b);
	rails_item(&r, 8, (size_t[]){ 1 }, 1, "8\n", &b); /* across two lanes */
	rails_item(&r, 1, (size_t[]){ 3, 7 }, 2, "1\n", &b);
	rails_item(&r, 2, NULL, 0, "2\n", &b);
	rails_item(&r, 6, NULL, 0, "6\n", &b); /* in the lane that 2 left */
	rails_item(&r, 7, (size_t[]){ 3 }, 1, "7\n", &b);
	rails_item(&r, 3, NULL, 0, "3\n", &b);
	assert_string_equal(b.data, "* 9\n"
				    "|-.-.\n"
				    "| | | * 8\n"
				    "+-|-|-'\n"
				    "* | | 1\n"
				    "|-|-+\n"
				    "| * | 2\n"
				    "|   |\n"
				    "| * | 6\n"
				    "*   | 7\n"
				    "'---+\n"
				    "    * 3\n");
	buf_clear(&b);
	rails_clear(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_diamond),
					    cmocka_unit_test(test_across) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
