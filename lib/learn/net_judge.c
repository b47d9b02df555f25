/* net_judge.c - how good the net is on the validation split. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/net_run.h"
#include "lib/learn/net_start.h"
#include "lib/measure/metrics.h"

enum { BLOCK_ROWS = 1 << 14, PREDICTIONS_MOST = 1 << 27 };

/* Loss over all rows; predictions (rows, outputs), NULL: not wanted. */
static int evaluate(struct net_run *r, const struct net_data *d, float *predictions, double *out)
{
	double loss = 0, weight = 0;
	int rc = 0;

	for (size_t first = 0; first < d->rows && !rc; first += BLOCK_ROWS) {
		size_t left = d->rows - first;
		double one = 0, w = 0;

		rc = r->engine->evaluate(
			r->trainer, d, first, left < BLOCK_ROWS ? left : BLOCK_ROWS, &one, &w,
			predictions ? predictions + first * r->shape.outputs : NULL);
		loss += one;
		weight += w;
	}
	*out = weight > 0 ? loss / weight : NAN;
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

/* The figures of the task; none where a prediction is no number. */
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
	json_t *all = NULL;

	if (measure_metrics(&in, &all) < 0) {
		error_clear();
		return;
	}
	for (size_t i = 0; i < 2; i++)
		put(r, values, shown[r->matrix.task][i],
		    json_object_get(all, shown[r->matrix.task][i]));
	json_decref(all);
}

int net_judge(struct net_run *r, json_t *values, double *loss_out)
{
	struct net_data d = net_start_data(&r->matrix, MATRIX_VALIDATION);
	bool measured = team_rank(r->team) == 0 && d.rows <= PREDICTIONS_MOST / r->shape.outputs;
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
		if (measured)
			measure(r, &d, predictions, values);
	}
	free(predictions);
	return rc;
}
