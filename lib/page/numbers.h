/* numbers.h - arrays of numbers out of a document that nobody vouches for. */
#ifndef MICH_PAGE_NUMBERS_H
#define MICH_PAGE_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/json.h"

enum { NUMBERS_MAX = 2000 };

struct numbers {
	double *v; /* (n) NaN where there was no number; within +-1e100 */
	size_t n;
};

#define NUMBERS_INIT \
	{            \
		0    \
	}

/* At most NUMBERS_MAX of them, evenly picked from more; anything but an array is none. */
void numbers_read(const json_t *array, struct numbers *out);
void numbers_clear(struct numbers *a);

/* A number as numbers_read() takes it: NaN where v is none, within +-1e100. */
double numbers_of(const json_t *v);

/* Cut all to the length of the shortest; false when that is 0. */
bool numbers_align(struct numbers *const *all, size_t n);

/* Widen lo..hi, which begin as NaN, by all that are numbers. */
void numbers_range(const struct numbers *a, double *lo, double *hi);
void numbers_widen(double v, double *lo, double *hi);

#endif
