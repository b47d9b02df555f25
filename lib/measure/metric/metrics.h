/*
 * metrics.h - how good predictions are. The definitions are scikit-learn's.
 *
 *	regression   rmse mae mape r2 bias
 *	binary       auc logloss accuracy precision recall f1 brier, threshold, and the counts
 *		     tp fp tn fn
 *	multiclass   accuracy logloss precision recall f1 (macro, over the classes that occur), auc
 *		     (one against the rest, macro)
 *	ranking      ndcg, ndcg@10: linear gain, ties averaged, the mean over groups
 *
 * and for all: rows (measured), unlabelled (left out). A metric that the rows do not define (auc of
 * one class, r2 of one row, mape where a label is 0) is null.
 */
#ifndef MICH_MEASURE_METRIC_METRICS_H
#define MICH_MEASURE_METRIC_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/json.h"

enum measure_task { MEASURE_REGRESSION, MEASURE_BINARY, MEASURE_MULTICLASS, MEASURE_RANKING };

struct measure_input {
	enum measure_task task;
	int64_t rows;
	int64_t k;		  /* columns of predictions: the classes of multiclass, else 1 */
	const float *predictions; /* (rows, k) row-major: value, P(positive), P(class), or score */
	const float
		*labels; /* (rows): value, class from 0, or relevance; NaN: no label, left out */
	const float *weights;  /* (rows), ranking (n_groups); NULL: all 1 */
	const int32_t *groups; /* (n_groups) rows of each group; ranking only */
	int64_t n_groups;
	double threshold; /* binary: positive from here on; 0: 0.5 */
};

int measure_task_parse(const char *name, enum measure_task *out); /* ERR_INPUT */

/*
 * {"rmse":..,...,"rows":n,"unlabelled":n}. Sums are compensated and in the order of the rows, so
 * the same rows give the same bits. ERR_INPUT: no labelled rows, a prediction that is not a number
 * or no probability, a label that is no class, a bad weight; with the row. *out is a new reference.
 */
int measure_metrics(const struct measure_input *in, json_t **out);

/* The figure that a task is judged by where one must do: rmse, auc, logloss, ndcg. */
const char *measure_main(enum measure_task task);
const char *measure_task_name(enum measure_task task); /* "regression", ... */

/* Does more of it mean better? By the last part of the name: "test.auc", "validation.ndcg@10". */
bool measure_higher_is_better(const char *metric);

#endif
