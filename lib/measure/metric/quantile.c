/* quantile.c - quantiles of numbers. */
#include "lib/measure/metric/quantile.h"

#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void quantile_sort(double *v, size_t n)
{
	if (n)
		qsort(v, n, sizeof *v, by_value);
}

double quantile_of(const double *sorted, size_t n, double q)
{
	double at = q * (double)(n - 1);
	size_t i = (size_t)at;

	return i + 1 < n ? sorted[i] + (sorted[i + 1] - sorted[i]) * (at - (double)i)
			 : sorted[n - 1];
}
