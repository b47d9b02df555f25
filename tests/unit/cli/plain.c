/* plain.c - tests of text made harmless. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "lib/cli/plain.h"

static void check(const char *text, int indent, const char *want)
{
	struct buf b = BUF_INIT;

	plain_add(text, strlen(text), indent, &b);
	assert_string_equal(b.data, want);
	buf_clear(&b);
}

static void test_plain(void **state)
{
	(void)state;
	check("a\tb\nc\n", 2, "a\tb\n  c\n");
	check("\033[2Jgone\r\177", 0, "?[2Jgone??");
	check("\302\233x \303\274 \342\200\246", 0, "?x \303\274 \342\200\246");
	check("", 4, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_plain) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
