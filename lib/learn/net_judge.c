/*
 * net_judge.c - how good the net is on the validation split. Each rank goes through a part of its blocks;
 * all get what came of every block, and add it in their order: the same bits whatever the number of ranks.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/constant.h"
#include "lib/learn/net_run.h"
#include "lib/learn/net_start.h"
#include "lib/measure/metric/metrics.h"

enum { BLOCK_ROWS = 1 << 12, PREDICTIONS_MOST = 1 << 27 };

/* What came of a block. */
struct block {
	double loss, weight;
};

static size_t blocks_of(const struct net_data *d)
{
	return (d->rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
}

/* The first block of a rank; of the one behind the last: how many there are. */
static size_t first_block(const struct net_run *r, const struct net_data *d, int rank)
{
	return blocks_of(d) * (size_t)rank / (size_t)team_ranks(r->team);
}

static int evaluate_own(struct net_run *r, const struct net_data *d, float *predictions,
			struct block *blocks)
{
	int rank = team_rank(r->team), rc = 0;

	for (size_t i = first_block(r, d, rank); i < first_block(r, d, rank + 1) && !rc; i++) {
		size_t first = i * BLOCK_ROWS, left = d->rows - first;

		rc = r->engine->evaluate(
			r->trainer, d, first, left < BLOCK_ROWS ? left : BLOCK_ROWS,
			&blocks[i].loss, &blocks[i].weight,
			predictions ? predictions + first * r->shape.outputs : NULL);
	}
	return rc;
}

/* Everybody's blocks, of `bytes` for each row or each block, to everybody. */
static int gather(struct net_run *r, const struct net_data *d, void *v, size_t rows_each,
		  size_t bytes)
{
	int ranks = team_ranks(r->team), rc;
	size_t *at = xcalloc((size_t)ranks + 1, sizeof *at);
	size_t most = rows_each > 1 ? d->rows : blocks_of(d);

	for (int i = 0; i <= ranks; i++) {
		at[i] = first_block(r, d, i) * rows_each;
		at[i] = (at[i] < most ? at[i] : most) * bytes;
	}
	rc = team_gather(r->team, v, at);
	free(at);
	return rc;
}

/* Loss over all rows; predictions (rows, outputs), NULL: not wanted. */
static int evaluate(struct net_run *r, const struct net_data *d, float *predictions, double *out)
{
	struct block *blocks = xcalloc(blocks_of(d), sizeof *blocks), all = { 0 };
	int rc = evaluate_own(r, d, predictions, blocks);

	if (!rc)
		rc = gather(r, d, blocks, 1, sizeof *blocks);
	if (!rc && predictions)
		rc = gather(r, d, predictions, BLOCK_ROWS, r->shape.outputs * sizeof *predictions);
	for (size_t i = 0; i < blocks_of(d); i++) {
		all.loss += blocks[i].loss;
		all.weight += blocks[i].weight;
	}
	*out = all.weight > 0 ? all.loss / all.weight : NAN;
	free(blocks);
	return rc;
}

static void put(struct net_run *r, json_t *values, const char *name, const json_t *v)
{
	char key[64];

	if (!json_is_number(v))
		return;
	snprintf(key, sizeof key, "validation.%s", name);
	json_object_set_new(values, key, json_number(json_number_value(v)));
	free(r->metric);
	r->metric = xstrdup(key);
	r->value = json_number_value(v);
}

/* The figures of the task, the one nearest to the loss last; none where a prediction is no number. */
static void measure(struct net_run *r, const struct net_data *d, const float *predictions,
		    json_t *values)
{
	static const char *const shown[][2] = {
		[MATRIX_REGRESSION] = { "mae", "rmse" },
		[MATRIX_BINARY] = { "auc", "logloss" },
		[MATRIX_MULTICLASS] = { "accuracy", "logloss" },
	};
	static const enum measure_task tasks[] = {
		[MATRIX_REGRESSION] = MEASURE_REGRESSION,
		[MATRIX_BINARY] = MEASURE_BINARY,
		[MATRIX_MULTICLASS] = MEASURE_MULTICLASS,
	};
	struct measure_input in = { .task = tasks[r->matrix.task],
				    .rows = (int64_t)d->rows,
				    .k = (int64_t)r->shape.outputs,
				    .predictions = predictions,
				    .labels = d->y,
				    .weights = d->w };
	bool straight = r->params.loss == LOSS_MAE || r->params.loss == LOSS_HUBER;
	json_t *all = NULL;

	if (measure_metrics(&in, &all) < 0) {
		error_clear();
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		const char *name = shown[r->matrix.task][i ^ (size_t)straight];

		put(r, values, name, json_object_get(all, name));
	}
	json_decref(all);
}

int net_judge(struct net_run *r, json_t *values, double *loss_out)
{
	struct net_data d = net_start_data(&r->matrix, MATRIX_VALIDATION);
	bool measured = d.rows <= PREDICTIONS_MOST / r->shape.outputs;
	float *predictions = NULL;
	int rc = 0;

	*loss_out = NAN;
	if (!d.rows)
		return 0;
	if (measured)
		rc = mem_alloc(d.rows * r->shape.outputs, sizeof *predictions, &predictions);
	if (!rc)
		rc = evaluate(r, &d, predictions, loss_out);
	if (!rc) {
		json_t *loss = json_number(*loss_out);

		put(r, values, "loss", loss);
		json_decref(loss);
		if (measured && team_rank(r->team) == 0)
			measure(r, &d, predictions, values);
	}
	free(predictions);
	return rc;
}

void net_judge_warn(const struct net_run *r)
{
	struct buf text = BUF_INIT;

	/* Weights of classes bend what is said of them, and are asked to. */
	if (r->hooks->on_warning && !team_rank(r->team) && r->metric && !r->class_weights &&
	    constant_beats(&r->matrix, r->metric, r->value, &text)) {
		buf_addf(
			&text,
			"; a lower lr (it is %g) may help, unless the inputs say nothing of the label",
			r->params.lr);
		r->hooks->on_warning(r->hooks->payload, text.data);
	}
	buf_clear(&text);
}
