/* events.c - tests of lib/measure/events: good lines, bad lines, best and last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "lib/base/json.h"
#include "lib/measure/events.h"

static void test_series(void **state)
{
	static const char text[] =
		"{\"step\":1,\"train.rmse\":3.5,\"validation.auc\":0.5,\"time_s\":0.1}\n"
		"\n"
		"{\"step\":2,\"train\":{\"rmse\":2},\"validation.auc\":0.7}\n"
		"{\"step\":3,\"train.rmse\":2.5,\"validation.auc\":0.6,\"note\":\"x\"}";
	struct events e;
	struct buf b = BUF_INIT;
	json_t *v, *all;

	(void)state;
	events_parse(text, strlen(text), &e);
	all = events_json(&e);
	assert_int_equal(e.lines, 3);
	assert_int_equal(e.bad, 0);
	assert_int_equal(e.last_step, 3);
	v = json_object_get(all, "validation.auc");
	json_canonical(v, &b);
	assert_string_equal(b.data, "{\"best\":0.7,\"best_step\":2,\"last\":0.6,\"last_step\":3,"
				    "\"values\":3}");
	assert_int_equal(json_int(json_object_get(all, "train.rmse"), "best_step", 0), 2);
	assert_int_equal(json_object_size(all), 2);
	json_decref(all);
	buf_clear(&b);
	events_clear(&e);
}

static void test_bad_lines(void **state)
{
	static const char text[] =
		"{\"loss\":1}\nhello\n[1]\n{\"loss\":NaN}\n{\"loss\":0.5}\n{\"loss\":0.";
	struct events e;

	(void)state;
	events_parse(text, strlen(text), &e);
	assert_int_equal(e.lines, 6);
	assert_int_equal(e.bad, 4);
	assert_int_equal(e.problems.n, 4);
	assert_memory_equal(e.problems.v[0], "line 2: ", 8);
	assert_string_equal(e.problems.v[1], "line 3: it is no JSON object");
	assert_int_equal(e.n, 1);
	assert_int_equal(e.series[0].last_step, 5);
	assert_true(e.series[0].best == 0.5);
	events_clear(&e);
}

static void test_limits(void **state)
{
	struct buf b = BUF_INIT;
	struct events e;

	(void)state;
	for (int i = 0; i < 3000; i++)
		buf_addf(&b, "{\"m%d\":%d}\n", i, i);
	events_parse(b.data, b.len, &e);
	assert_int_equal(e.n, 1000);
	assert_int_equal(e.lines, 3000);
	events_clear(&e);
	events_parse("", 0, &e);
	assert_int_equal(e.lines, 0);
	events_clear(&e);
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_series),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
