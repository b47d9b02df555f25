/*
 * net_scored.c - what training predicts with the weights as they are, and what the scorer says of
 * the same rows: the same but for rounding, for every kind of layer and head.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/net/trainer.h"
#include "lib/model/net/mlp.h"

enum { ROWS = 500, INPUTS = 5, STEPS = 30, BATCH = 100 };

struct task {
	enum loss_kind loss;
	size_t outputs;
};

/* Two numbers, two codes and one column more; some missing, some codes unknown. */
static void rows_make(const struct task *t, float *x, float *y)
{
	uint64_t state = 7;

	for (size_t i = 0; i < ROWS; i++) {
		double v = 0;

		for (size_t k = 0; k < INPUTS; k++) {
			double u;

			state = state * 6364136223846793005u + 1442695040888963407u;
			u = (double)(state >> 11) / 9007199254740992.0;
			x[i * INPUTS + k] = k % 2 ? (float)floor(u * 8) : (float)(u * 100 + 3);
			v += (k % 2 ? floor(u * 8) : u * 10) / (double)(k + 2);
			if (u > 0.9)
				x[i * INPUTS + k] = NAN;
		}
		y[i] = t->loss == LOSS_MSE
			       ? (float)(5 * v - 20)
			       : (float)((int)v % (int)(t->outputs > 1 ? t->outputs : 2));
	}
}

static struct net_shape shape_make(const struct task *t, enum net_activation a, enum net_norm n)
{
	struct net_shape s = { .inputs = INPUTS,
			       .outputs = t->outputs,
			       .head = loss_head(t->loss) };

	net_shape_numeric(&s, 4);
	net_shape_numeric(&s, 0);
	net_shape_numeric(&s, 2);
	net_shape_embedded(&s, (struct net_embedding){ 3, 6, 3 });
	net_shape_embedded(&s, (struct net_embedding){ 1, 8, 2 });
	net_shape_hidden(&s, (struct net_hidden){ 33, a, n, 0.2 });
	net_shape_hidden(&s, (struct net_hidden){ 20, a, n, 0 });
	return s;
}

static void train(struct trainer *t, const struct net_data *d)
{
	struct net_report report;

	for (size_t i = 0; i < STEPS; i++) {
		struct net_batch b = { .data = d,
				       .epoch = i / 5,
				       .first = i % 5 * BATCH,
				       .rows = BATCH,
				       .shuffled = true,
				       .lr = 0.01f };

		assert_int_equal(trainer_step(t, &b, &report), 0);
		assert_true(report.finite);
	}
}

static void check(const struct task *task, enum net_activation a, enum net_norm n)
{
	float *x = xcalloc(ROWS * INPUTS, sizeof(*x)), *y = xcalloc(ROWS, sizeof(*y));
	size_t floats = ROWS * task->outputs;
	float *said = xcalloc(floats, sizeof(*said)), *scored = xcalloc(floats, sizeof(*scored));
	struct net_data d = { .x = x, .y = y, .rows = ROWS, .inputs = INPUTS };
	struct trainer_options o = { .threads = 1, .seed = 3, .batch = BATCH };
	struct net_shape s = shape_make(task, a, n);
	double loss = 0, weight = 0;
	struct net_weights w;
	struct trainer *t;
	struct mlp *m;

	o.loss.kind = task->loss;
	o.optimizer.kind = OPTIMIZER_ADAM;
	rows_make(task, x, y);
	assert_int_equal(net_weights_init(&s, &w), 0);
	trainer_init_weights(&s, 5, &w);
	trainer_fit_inputs(&s, &d, &w);
	if (trainer_open(&s, &w, &o, &t) < 0)
		fail_msg("%s", error_text());
	train(t, &d);
	assert_int_equal(trainer_evaluate(t, &d, 0, ROWS, &loss, &weight, said), 0);
	trainer_close(t);
	assert_int_equal(mlp_new(&s, &w, &m), 0);
	assert_int_equal(mlp_score(m, x, ROWS, 1, scored), 0);
	for (size_t i = 0; i < floats; i++)
		if (!(fabsf(said[i] - scored[i]) <= 1e-5f + 1e-5f * fabsf(said[i])))
			fail_msg("value %zu: training says %.9g, the scorer %.9g", i,
				 (double)said[i], (double)scored[i]);
	mlp_free(m);
	net_weights_clear(&w);
	net_shape_clear(&s);
	free(x);
	free(y);
	free(said);
	free(scored);
}

static void scores_as_training_predicts(void **state)
{
	static const struct task tasks[] = {
		{ LOSS_MSE, 1 }, { LOSS_BINARY, 1 }, { LOSS_SOFTMAX, 4 }, { LOSS_POISSON, 1 }
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tasks); i++)
		for (int a = NET_RELU; a <= NET_TANH; a++)
			for (int n = NET_NORM_NONE; n <= NET_NORM_LAYER; n++)
				check(&tasks[i], (enum net_activation)a, (enum net_norm)n);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(scores_as_training_predicts) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
