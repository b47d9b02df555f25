/* net_fit.c - tests of lib/learn/net/trainer_fit: means and deviations of columns, to the last bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/learn/net/trainer.h"

enum { ROWS = 1000, INPUTS = 11 };

/* Numbers whose sum depends on the order in which they are added; some are missing, or too far out. */
static float value(size_t i, size_t k)
{
	if (k == 4)
		return 7; /* a constant */
	if ((i * 7 + k) % 13 == 0)
		return k % 2 ? NAN : INFINITY;
	return (float)(sin((double)(i * 3 + k)) * pow(10, (double)(i % 7)) + (double)k);
}

/* A row after the other, a column alone. */
static void reckon(const float *x, size_t k, float *mean, float *scale)
{
	double sum = 0, n = 0, squares = 0, deviation;

	for (size_t i = 0; i < ROWS; i++)
		if (isfinite(x[i * INPUTS + k])) {
			sum += (double)x[i * INPUTS + k];
			n++;
		}
	for (size_t i = 0; i < ROWS; i++)
		if (isfinite(x[i * INPUTS + k])) {
			double off = (double)x[i * INPUTS + k] - sum / n;

			squares += off * off;
		}
	deviation = sqrt(squares / n);
	*mean = (float)(sum / n);
	*scale = deviation > 0 ? (float)(1 / deviation) : 1;
}

static void check(const size_t *columns, size_t n)
{
	struct net_shape shape = NET_SHAPE_INIT;
	struct net_weights w = NET_WEIGHTS_INIT;
	struct net_data d = { .rows = ROWS, .inputs = INPUTS };
	const struct net_tensor *mean, *scale;
	struct net_tensors stats;
	float *x = xcalloc((size_t)ROWS * INPUTS, sizeof *x);

	for (size_t i = 0; i < (size_t)ROWS * INPUTS; i++)
		x[i] = value(i / INPUTS, i % INPUTS);
	d.x = x;
	shape.inputs = INPUTS;
	shape.outputs = 1;
	shape.head = NET_LOGISTIC;
	for (size_t i = 0; i < n; i++)
		net_shape_numeric(&shape, columns[i]);
	assert_int_equal(net_weights_init(&shape, &w), 0);
	trainer_fit_inputs(&shape, &d, &w);
	net_shape_stats(&shape, &stats);
	mean = net_tensors_find(&stats, "input.mean");
	scale = net_tensors_find(&stats, "input.scale");
	for (size_t i = 0; i < n; i++) {
		float want_mean, want_scale;

		reckon(x, columns[i], &want_mean, &want_scale);
		assert_true(w.stats[mean->offset + i] == want_mean);
		assert_true(w.stats[scale->offset + i] == want_scale);
	}
	net_tensors_clear(&stats);
	net_weights_clear(&w);
	net_shape_clear(&shape);
	free(x);
}

static void test_neighbours(void **state)
{
	(void)state;
	check((const size_t[]){ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, 11);
	check((const size_t[]){ 3, 4, 5 }, 3);
	check((const size_t[]){ 10 }, 1);
}

static void test_apart(void **state)
{
	(void)state;
	check((const size_t[]){ 0, 2, 3, 4, 5, 6, 7, 8, 10 }, 9);
	check((const size_t[]){ 1, 10 }, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_neighbours),
		cmocka_unit_test(test_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
