/* selection.c - weights by greedy selection: what helps is chosen, what does not is not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/error.h"
#include "lib/measure/selection.h"

enum { ROWS = 60 };

static struct measure_input input(enum measure_task task, int64_t k, const float *v,
				  const float *labels)
{
	return (struct measure_input){
		.task = task, .rows = ROWS, .k = k, .predictions = v, .labels = labels
	};
}

static void errors_that_cancel_share(void **state)
{
	float y[ROWS], up[ROWS], down[ROWS], far[ROWS];
	struct measure_input in[3];
	double w[3];

	(void)state;
	for (int i = 0; i < ROWS; i++) {
		y[i] = (float)i;
		up[i] = y[i] + (float)(i % 7);
		down[i] = y[i] - (float)(i % 7);
		far[i] = 100;
	}
	y[3] = NAN; /* left out, whatever is said of it */
	up[3] = 1e30f;
	in[0] = input(MEASURE_REGRESSION, 1, far, y);
	in[1] = input(MEASURE_REGRESSION, 1, up, y);
	in[2] = input(MEASURE_REGRESSION, 1, down, y);
	assert_int_equal(selection_greedy(in, 3, w), 0);
	assert_true(w[0] == 0 && w[1] == 0.5 && w[2] == 0.5);
}

/* Never worse than the best alone, and the weights are shares. */
static void no_worse_than_the_best(void **state)
{
	float y[ROWS], v[3][ROWS * 3];
	struct measure_input in[3];
	double w[3], total = 0, best = INFINITY, all = 0;

	(void)state;
	for (int i = 0; i < ROWS; i++) {
		y[i] = (float)(i % 3);
		for (int m = 0; m < 3; m++)
			for (int c = 0; c < 3; c++)
				v[m][i * 3 + c] = (c == i % 3 ? 0.4f : 0.3f) +
						  ((i * (m + 2)) % 5 == c ? 0.2f : -0.1f);
	}
	for (int m = 0; m < 3; m++)
		in[m] = input(MEASURE_MULTICLASS, 3, v[m], y);
	assert_int_equal(selection_greedy(in, 3, w), 0);
	for (int m = 0; m < 3; m++) {
		double loss = 0;

		for (int i = 0; i < ROWS; i++)
			loss -= log((double)v[m][i * 3 + i % 3]);
		best = fmin(best, loss);
		total += w[m];
	}
	for (int i = 0; i < ROWS; i++) {
		double p = 0;

		for (int m = 0; m < 3; m++)
			p += w[m] * (double)v[m][i * 3 + i % 3];
		all -= log(p);
	}
	assert_true(fabs(total - 1) < 1e-9);
	assert_true(all <= best + 1e-9);
}

static void the_first_of_equals(void **state)
{
	float y[ROWS], v[ROWS];
	struct measure_input in[2];
	double w[2];

	(void)state;
	for (int i = 0; i < ROWS; i++) {
		y[i] = (float)(i % 2);
		v[i] = i % 2 ? 0.9f : 0.2f;
	}
	in[0] = in[1] = input(MEASURE_BINARY, 1, v, y);
	assert_int_equal(selection_greedy(in, 2, w), 0);
	assert_true(w[0] == 1 && w[1] == 0);
}

static void refuses_what_it_cannot(void **state)
{
	float y[ROWS], v[ROWS] = { 0 };
	struct measure_input in;
	double w;

	(void)state;
	for (int i = 0; i < ROWS; i++)
		y[i] = NAN;
	in = input(MEASURE_REGRESSION, 1, v, y);
	assert_int_equal(selection_greedy(&in, 1, &w), ERR_INPUT);
	in.task = MEASURE_RANKING;
	assert_int_equal(selection_greedy(&in, 1, &w), ERR_INPUT);
	assert_non_null(strstr(error_text(), "rank"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_that_cancel_share),
		cmocka_unit_test(no_worse_than_the_best),
		cmocka_unit_test(the_first_of_equals),
		cmocka_unit_test(refuses_what_it_cannot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
