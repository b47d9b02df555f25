/* metrics_of.h - the metrics of each task, for metrics.c: input is checked, results go into out. */
#ifndef MICH_MEASURE_METRIC_METRICS_OF_H
#define MICH_MEASURE_METRIC_METRICS_OF_H

#include "lib/measure/metric/metrics.h"

int measure_binary(const struct measure_input *in, json_t *out);
int measure_multiclass(const struct measure_input *in, json_t *out);
int measure_ranking(const struct measure_input *in, json_t *out);

/* The weight of a row, and of all labelled rows: ERR_INPUT when that is 0. */
double measure_weight(const struct measure_input *in, int64_t i);
int measure_total_weight(const struct measure_input *in, double *out);

/*
 * Area under the ROC curve of column c as the score of class c against the rest (binary: c 0 is the
 * score of class 1). NaN where only one of the two sides has weight.
 */
int measure_auc(const struct measure_input *in, int64_t c, double *out);

/*
 * Call fn for every ranked group that has an order: its ndcg and ndcg@10, both times its weight, and
 * its weight.
 */
typedef void (*measure_group_fn)(void *payload, double all, double ten, double weight);
int measure_each_group(const struct measure_input *in, measure_group_fn fn, void *payload);

/* log(p) with p kept within [2.2e-16, 1 - 2.2e-16], as scikit-learn clips doubles. */
double measure_log(double p);

#endif
