/*
 * paired.h - two models on the same rows: what differs, and how far chance goes.
 *
 * The paired bootstrap (Efron and Tibshirani 1993, ch. 13 and 16): each sample draws rows with
 * replacement, the same for both models (ranked groups whole), and gives one difference of each
 * metric. The interval lies between the 2.5 and 97.5 percent of them. p is two-sided, of the
 * difference over the standard deviation of the samples' differences (that times sqrt(n / (n - 1)),
 * so that for a mean it is the paired t test) under Student's t with n - 1 degrees of freedom; so it
 * is not held up by the number of samples, as a count of them would be. It is never below
 * 2^(1-m), the least that any sign test gives when the models differ on m rows.
 *
 * Draws are those of bootstrap.h, as is what is done with more rows than that bootstraps.
 */
#ifndef MICH_MEASURE_COMPARE_PAIRED_H
#define MICH_MEASURE_COMPARE_PAIRED_H

#include "lib/measure/metric/metrics.h"

enum { PAIRED_METRICS = 8 };

struct paired_opts {
	int samples; /* 0: no intervals, no p */
	uint64_t seed;
	int threads;
	const char *only; /* this metric alone; NULL: all that the task has */
};

struct paired_metric {
	const char *name;
	double a, b;	   /* as measure_metrics gives them; NaN: these rows do not define it */
	double difference; /* b - a; of bias |b| - |a| */
	double low, high;  /* of the difference; NaN: none */
	double p;	   /* NaN: none */
};

struct paired {
	struct paired_metric v[PAIRED_METRICS];
	size_t n;
	size_t units; /* rows, or ranked groups, with a label */
};

/*
 * Compare the predictions of two models for the same rows in the same order: task, rows, k, labels and
 * groups are alike. ERR_INPUT as measure_metrics, and where they are not alike.
 */
int paired_compare(const struct measure_input *a, const struct measure_input *b,
		   const struct paired_opts *o, struct paired *out);

/* How much worse b is, by what the metric wants; negative: better. */
double paired_worse(const struct paired_metric *m);

/*
 * What each row adds to how much worse b is (rows): squared errors, log losses, or for a ranked row the
 * ndcg of its group; b's less a's. NaN: no label.
 */
const char *
paired_loss_name(enum measure_task task); /* the metric that they are of: "rmse", "logloss" */
int paired_losses(const struct measure_input *a, const struct measure_input *b, double *out);

#endif
