/*
 * replicate.h - the figures of a task as sums over rows, so that a bootstrap sample costs one pass
 * over counts: for bootstrap.c, and what a rank of tasks each have of their own.
 */
#ifndef MICH_MEASURE_CHANCE_REPLICATE_H
#define MICH_MEASURE_CHANCE_REPLICATE_H

#include "lib/measure/metric/metrics.h"

enum { REPLICATE_WIDTH = 8, REPLICATE_METRICS = 8 };

struct replicate {
	const char *const *names; /* (n_names) of what values() gives */
	size_t n_names;
	size_t n;	/* units: rows, or ranked groups */
	double *stat;	/* (n, REPLICATE_WIDTH) what each unit adds, its weight in it */
	size_t k;	/* classes */
	size_t scratch; /* doubles that values() wants */
	uint32_t *unit; /* (n) two classes: which labelled row each unit is; NULL: as they come */
	/* of classes */
	double *weight;		/* (n) */
	uint32_t *label, *said; /* (n) of many classes: the true one, the predicted one */
	uint32_t
		*order; /* (k, n) units by falling score of class c; NULL: they lie in that order */
	uint8_t *last;	/* (k, n) 1 at the last of equal scores */
	void (*values)(const struct replicate *r, const uint16_t *count, double *scratch,
		       double *out);
};

/* ERR_FAIL: no memory; out is then clear. Rows without a label are left out. */
int replicate_make(const struct measure_input *in, struct replicate *out);
int replicate_binary(const struct measure_input *in, struct replicate *out);
int replicate_multiclass(const struct measure_input *in, struct replicate *out);
void replicate_clear(struct replicate *r);

/* Sum of what the drawn units add, in their order. */
void replicate_sum(const struct replicate *r, const uint16_t *count, double sum[REPLICATE_WIDTH]);

/* Area under the curve of class c; NaN where one side has no weight. label: the class, binary 1. */
double replicate_auc(const struct replicate *r, const uint16_t *count, size_t c);

/* Fill order and last of class c from the scores of n units, k apart. */
int replicate_rank(struct replicate *r, const float *score, size_t c);

/*
 * Intervals as bootstrap_intervals() gives them, of units that are sums alone (weight NULL); too many
 * are cut down to those chosen.
 */
struct bootstrap_opts;
int replicate_intervals(struct replicate *r, const json_t *metrics, const struct bootstrap_opts *o,
			json_t **out);

#endif
