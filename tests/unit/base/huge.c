/* huge.c - tests of lib/base/huge. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/huge.h"

enum { BYTES = 3 * HUGE_BYTES };

static void test_round(void **state)
{
	(void)state;
	assert_int_equal(huge_round(0), 0);
	assert_int_equal(huge_round(1), HUGE_BYTES);
	assert_int_equal(huge_round(HUGE_BYTES), HUGE_BYTES);
	assert_int_equal(huge_round(HUGE_BYTES + 1), 2 * HUGE_BYTES);
}

static void test_own(void **state)
{
	char *v = huge_map(BYTES, -1);

	(void)state;
	assert_non_null(v);
	assert_int_equal((uintptr_t)v % HUGE_BYTES, 0);
	assert_true(!v[0] && !v[BYTES - 1]);
	v[0] = v[BYTES - 1] = 1;
	assert_int_equal(munmap(v, BYTES), 0);
}

/* What is claimed keeps what was written, by whomever; what was not is zero. */
static void test_shared(void **state)
{
	int fd = memfd_create("huge-test", MFD_CLOEXEC);
	char *a, *b;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, BYTES), 0);
	a = huge_map(BYTES, fd);
	b = huge_map(BYTES, fd);
	assert_non_null(a);
	assert_non_null(b);
	assert_int_equal((uintptr_t)b % HUGE_BYTES, 0);
	close(fd);
	b[HUGE_BYTES + 5000] = 7;
	huge_claim(a, 1, BYTES); /* not the page that began before */
	a[2 * HUGE_BYTES] = 8;
	for (size_t i = 0; i < BYTES; i++)
		assert_int_equal(b[i], i == HUGE_BYTES + 5000	     ? 7
				       : i == 2 * (size_t)HUGE_BYTES ? 8
								     : 0);
	assert_int_equal(munmap(a, BYTES), 0);
	assert_int_equal(munmap(b, BYTES), 0);
}

static void test_none(void **state)
{
	(void)state;
	assert_null(huge_map(HUGE_BYTES, 1 << 20)); /* no such file */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
