/* tap.h - tests as lines of TAP, for a machine that has no test library. */
#ifndef MICH_TESTS_GPU_TAP_H
#define MICH_TESTS_GPU_TAP_H

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "lib/base/error.h"

static int tap_n, tap_bad;

__attribute__((format(printf, 2, 3))) static inline void tap_is(bool ok, const char *fmt, ...)
{
	va_list ap;

	tap_bad += !ok;
	printf("%sok %d - ", ok ? "" : "not ", ++tap_n);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

static inline void tap_none(int rc, const char *what)
{
	if (rc)
		printf("# %s: %s\n", what, error_text());
	tap_is(rc == 0, "%s", what);
}

static inline int tap_end(void)
{
	printf("1..%d\n", tap_n);
	return tap_bad > 0;
}

static inline double tap_top(const float *v, size_t n)
{
	double top = 0;

	for (size_t i = 0; i < n; i++)
		top = fabs((double)v[i]) > top ? fabs((double)v[i]) : top;
	return top;
}

/* The root of the sum of squared differences, beside that of b or of n times least. */
static inline double tap_far(const float *a, const float *b, size_t n, double least)
{
	double off = 0, of = 0;

	for (size_t i = 0; i < n; i++) {
		double d = (double)a[i] - (double)b[i];

		off += d * d;
		of += (double)b[i] * (double)b[i];
	}
	if (of < least * least * (double)n)
		of = least * least * (double)n;
	return off == off ? sqrt(off / (of > 0 ? of : 1)) : 1e30;
}

/* The largest difference, beside the largest number of b or least, if that is more. NaN counts as 1e30. */
static inline double tap_off(const float *a, const float *b, size_t n, double least)
{
	double top = tap_top(b, n), off = 0;

	for (size_t i = 0; i < n; i++) {
		double d = fabs((double)a[i] - (double)b[i]);

		off = d == d ? (d > off ? d : off) : 1e30;
	}
	top = top > least ? top : least;
	return off / (top > 0 ? top : 1);
}

#endif
