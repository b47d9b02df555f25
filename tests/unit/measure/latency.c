/* latency.c - percentiles by the nearest rank. */
#include "lib/measure/latency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_nearest_rank(void **state)
{
	struct latency l = LATENCY_INIT;

	(void)state;
	assert_true(latency_percentile(&l, 0.99) == 0);
	for (int i = 100; i >= 1; i--)
		assert_true(latency_add(&l, i * 1000));
	assert_true(latency_percentile(&l, 0.50) == 50);
	assert_true(latency_percentile(&l, 0.99) == 99);
	assert_true(latency_percentile(&l, 0.991) == 100);
	assert_true(latency_percentile(&l, 1) == 100);
	assert_true(latency_percentile(&l, 0.001) == 1);
	assert_true(latency_add(&l, 500));
	assert_true(latency_percentile(&l, 0.001) == 0.5);
	assert_true(latency_total_s(&l) > 0.00505 && latency_total_s(&l) < 0.00506);
	latency_clear(&l);
}

static void test_limits(void **state)
{
	struct latency l = LATENCY_INIT;

	(void)state;
	assert_true(latency_add(&l, -5));
	assert_true(latency_add(&l, INT64_MAX));
	assert_true(latency_percentile(&l, 0.5) == 0);
	assert_true(latency_percentile(&l, 1) == UINT32_MAX / 1e3);
	while (l.n < LATENCY_MAX)
		latency_add(&l, 1);
	assert_false(latency_add(&l, 1));
	latency_clear(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nearest_rank),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
