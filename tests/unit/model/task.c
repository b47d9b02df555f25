/* task.c - tests of lib/model/task: the task that a label makes, and what makes none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/model/task.h"

static struct task_label numbers(size_t distinct, double min, double max)
{
	return (struct task_label){ .name = "y",
				    .type = FRAME_DOUBLE,
				    .rows = 10,
				    .distinct = distinct,
				    .min = min,
				    .max = max };
}

static struct task_label texts(size_t distinct)
{
	struct task_label t = numbers(distinct, INFINITY, -INFINITY);

	t.type = FRAME_STRING;
	return t;
}

static void is(struct task_label t, const char *named, enum contract_task want)
{
	enum contract_task task;

	assert_int_equal(task_choose(&t, named, &task), 0);
	assert_int_equal(task, want);
}

static void refused(struct task_label t, const char *named, const char *why)
{
	enum contract_task task;

	assert_int_equal(task_choose(&t, named, &task), ERR_INPUT);
	if (!strstr(error_text(), why))
		fail_msg("'%s' does not say '%s'", error_text(), why);
}

static void test_by_values(void **state)
{
	(void)state;
	is(numbers(2, 0, 1), NULL, TASK_BINARY);
	is(numbers(2, 0, 2), "auto", TASK_REGRESSION);
	is(numbers(3, 0, 1), NULL, TASK_REGRESSION);
	is(texts(2), NULL, TASK_BINARY);
	is(texts(3), NULL, TASK_MULTICLASS);
}

static void test_by_name(void **state)
{
	(void)state;
	is(numbers(2, 4, 7), "binary", TASK_BINARY);
	is(numbers(2, 0, 1), "regression", TASK_REGRESSION);
	is(texts(2), "multiclass", TASK_MULTICLASS);
	is(texts(TASK_CLASSES_MAX), "multiclass", TASK_MULTICLASS);
}

static void test_refused(void **state)
{
	struct task_label t = numbers(3, 0, 2);

	(void)state;
	refused(t, "binary", "has 3 values, a binary one has 2");
	refused(t, "binry", "binry");
	refused(texts(3), "regression", "is text, which no regression can have");
	refused(texts(TASK_CLASSES_MAX + 1), NULL, "too many for classes");
	refused(texts(1), NULL, "the same in all 10 rows");
	refused(numbers(1, 3, 3), NULL, "the same in all 10 rows");
	refused(numbers(3, 0, INFINITY), NULL, "infinite");
	t.missing = 2;
	refused(t, NULL, "is missing in 2 of 10 rows");
	assert_null(strstr(error_text(), "first"));
	t.first_missing = 4;
	refused(t, NULL, "first in row 4");
	t = numbers(3, 0, 2);
	t.type = FRAME_TIME;
	refused(t, NULL, "is a time");
	t = numbers(TASK_CLASSES_MAX, 0, 5000);
	t.many = true;
	refused(t, "multiclass", "too many for classes");
	is(t, NULL, TASK_REGRESSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_values),
		cmocka_unit_test(test_by_name),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
