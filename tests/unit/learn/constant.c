/* constant.c - tests of lib/learn/constant: the answer without inputs, against figures worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/learn/constant.h"

static float train_y[] = { 0, 2, 4, 1 }, train_w[] = { 1, 1, 1, 0 };
static float judge_y[] = { 5, 1 }, judge_w[] = { 1, 3 };
static float train_class[] = { 0, 0, 0, 1 }, judge_class[] = { 1, 0 };

static struct matrix_split split(float *y, float *w, int64_t rows)
{
	struct matrix_split s = { .present = true, .rows = rows };

	s.y.data = y;
	s.w.data = w;
	return s;
}

static struct matrix numbers(void)
{
	struct matrix m = { .task = MATRIX_REGRESSION };

	m.splits[MATRIX_TRAIN] = split(train_y, train_w, 4);
	m.splits[MATRIX_VALIDATION] = split(judge_y, judge_w, 2);
	return m;
}

/* The mean of train is 2; validation is 3 and 1 from it, with weights 1 and 3. */
static void numbers_by_hand(void **state)
{
	struct matrix m = numbers();

	(void)state;
	assert_true(fabs(constant_measure(&m, "validation.rmse") - sqrt(12.0 / 4)) < 1e-12);
	assert_true(fabs(constant_measure(&m, "validation.mae") - 6.0 / 4) < 1e-12);
	assert_true(isnan(constant_measure(&m, "validation.logloss")));
	assert_true(isnan(constant_measure(&m, "validation.poisson-nloglik")));
	m.splits[MATRIX_VALIDATION].rows = 0;
	assert_true(isnan(constant_measure(&m, "validation.rmse")));
}

static void classes_by_hand(void **state)
{
	struct matrix m = { .task = MATRIX_BINARY };

	(void)state;
	m.splits[MATRIX_TRAIN] = split(train_class, NULL, 4);
	m.splits[MATRIX_VALIDATION] = split(judge_class, NULL, 2);
	assert_true(fabs(constant_measure(&m, "validation.logloss") - (log(4) + log(4.0 / 3)) / 2) <
		    1e-12);
	assert_true(isnan(constant_measure(&m, "validation.auc")));
	m.splits[MATRIX_TRAIN].rows = 3;
	assert_true(isinf(constant_measure(&m, "validation.logloss")));
}

static void who_does_worse_is_told(void **state)
{
	struct matrix m = numbers();
	struct buf text = BUF_INIT;

	(void)state;
	assert_false(constant_beats(&m, "validation.mae", 1.5, &text));
	assert_false(constant_beats(&m, "validation.auc", 0.1, &text));
	assert_int_equal(text.len, 0);
	assert_true(constant_beats(&m, "validation.mae", 1.75, &text));
	assert_string_equal(text.data, "validation.mae is 1.75, but 1.5 where every answer is the "
				       "mean of train's labels");
	buf_clear(&text);
	assert_true(constant_beats(&m, "validation.mae", NAN, &text));
	buf_clear(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_by_hand),
		cmocka_unit_test(classes_by_hand),
		cmocka_unit_test(who_does_worse_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
