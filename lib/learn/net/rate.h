/*
 * rate.h - the learning rate of a step, by a schedule. Pure: the same step gives the same rate, so a
 * run that is taken up again needs nothing but its step.
 *
 *	constant   peak
 *	cosine     peak (1 + cos(pi t)) / 2 over the steps after the warm-up, down to `floor` of the peak
 *	one-cycle  from peak / 25 up to the peak by a cosine over the first 30 % of the steps, then down
 *	           to peak / 250,000 by another (Smith and Topin 2017, with PyTorch's numbers)
 *
 * A warm-up rises linearly from peak / warmup to the peak over the first `warmup` steps; one-cycle has
 * its own, and warmup replaces its 30 %.
 */
#ifndef MICH_LEARN_NET_RATE_H
#define MICH_LEARN_NET_RATE_H

#include <stdint.h>

enum rate_schedule { RATE_CONSTANT, RATE_COSINE, RATE_ONE_CYCLE };

struct rate_options {
	enum rate_schedule schedule;
	double peak;
	double floor; /* share of the peak that cosine ends at */
	uint64_t warmup, steps;
};

/* "constant" "cosine" "one-cycle". ERR_INPUT lists them. */
int rate_parse(const char *name, enum rate_schedule *out);
const char *rate_name(enum rate_schedule s);

/* Of step 0 to steps - 1; what lies beyond has the last one's. */
float rate_at(const struct rate_options *o, uint64_t step);

#endif
