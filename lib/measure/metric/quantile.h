/* quantile.h - quantiles of numbers, between two of them as numpy's default is. */
#ifndef MICH_MEASURE_METRIC_QUANTILE_H
#define MICH_MEASURE_METRIC_QUANTILE_H

#include <stddef.h>

/* Ascending; no NaN among them. */
void quantile_sort(double *v, size_t n);

/* Quantile q, 0 to 1, of n > 0 sorted values. */
double quantile_of(const double *sorted, size_t n, double q);

#endif
