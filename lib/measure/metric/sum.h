/* sum.h - a sum that loses next to nothing to rounding (Neumaier), in the order it is given. */
#ifndef MICH_MEASURE_METRIC_SUM_H
#define MICH_MEASURE_METRIC_SUM_H

#include <math.h>

struct sum {
	double s, c;
};

static inline void sum_add(struct sum *a, double v)
{
	double t = a->s + v;

	a->c += fabs(a->s) >= fabs(v) ? (a->s - t) + v : (v - t) + a->s;
	a->s = t;
}

static inline double sum_get(const struct sum *a)
{
	return a->s + a->c;
}

#endif
