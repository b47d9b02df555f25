/*
 * bootstrap.h - how far a figure may be from what other rows of the same kind would give: 95 %
 * intervals by the percentile bootstrap (Efron 1979; Efron and Tibshirani 1993, ch. 13).
 *
 * Each sample draws as many rows as there are, with replacement; ranked groups are drawn whole.
 * Sample b of a seed draws row draw_below(...) by draw.h, two rows of each 64 bits, high half first,
 * so that intervals repeat bit for bit on any machine and any number of threads.
 *
 * Of more than BOOTSTRAP_ROWS rows (fewer with many classes) that many are chosen once, without
 * replacement, and bootstrapped; the distances of the interval's ends from the figure of those rows
 * are then shortened by sqrt(chosen / all) and taken from the figure of all rows, as the interval of
 * a mean shrinks (the bag of little bootstraps with one bag: Kleiner et al. 2014).
 */
#ifndef MICH_MEASURE_CHANCE_BOOTSTRAP_H
#define MICH_MEASURE_CHANCE_BOOTSTRAP_H

#include "lib/base/json.h"
#include "lib/measure/metric/metrics.h"

enum { BOOTSTRAP_ROWS = 50000, BOOTSTRAP_SAMPLES = 1000, BOOTSTRAP_MAX = 100000 };

#define BOOTSTRAP_LEVEL 0.95

struct bootstrap_opts {
	int samples; /* 0: no intervals, at most BOOTSTRAP_MAX */
	uint64_t seed;
	int threads;
};

/*
 * {"rmse":[16.1,17.9],...} for the metrics of the task that have a sampling error; metrics: what
 * measure_metrics gave for in. An interval is null where fewer than half of the samples define it
 * (auc when one class is rare). Empty for a single row. *out is a new reference.
 */
int bootstrap_intervals(const struct measure_input *in, const json_t *metrics,
			const struct bootstrap_opts *o, json_t **out);

/* Rows (groups when ranking) that are bootstrapped of so many. */
size_t bootstrap_rows(enum measure_task task, size_t k, size_t rows);

/* The interval of n values, which are sorted in the process; NaNs are left out. Null as above. */
json_t *bootstrap_interval(double *v, size_t n);

/* The rows that sample b draws of n, at most 65535: how often each. count is (n). */
void bootstrap_draw(uint64_t seed, size_t b, uint32_t n, uint16_t *count);

#endif
