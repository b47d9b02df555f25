/* numbers.c - arrays of numbers. */
#include "lib/page/numbers.h"

#include <math.h>
#include <stdlib.h>

#include "lib/base/mem.h"

static const double largest = 1e100; /* their differences and products are numbers too */

double numbers_of(const json_t *v)
{
	double n = json_is_number(v) ? json_number_value(v) : NAN;

	return n > largest ? largest : n < -largest ? -largest : n;
}

void numbers_read(const json_t *array, struct numbers *out)
{
	size_t all = json_array_size(array);

	out->n = all < NUMBERS_MAX ? all : NUMBERS_MAX;
	out->v = xcalloc(out->n + 1, sizeof *out->v);
	for (size_t i = 0; i < out->n; i++) {
		size_t at = out->n < 2 ? 0 : i * (all - 1) / (out->n - 1);

		out->v[i] = numbers_of(json_array_get(array, at));
	}
}

void numbers_clear(struct numbers *a)
{
	free(a->v);
	*a = (struct numbers)NUMBERS_INIT;
}

bool numbers_align(struct numbers *const *all, size_t n)
{
	size_t least = n ? all[0]->n : 0;

	for (size_t i = 0; i < n; i++)
		least = all[i]->n < least ? all[i]->n : least;
	for (size_t i = 0; i < n; i++)
		all[i]->n = least;
	return least > 0;
}

void numbers_widen(double v, double *lo, double *hi)
{
	if (isnan(v))
		return;
	*lo = isnan(*lo) || v < *lo ? v : *lo;
	*hi = isnan(*hi) || v > *hi ? v : *hi;
}

void numbers_range(const struct numbers *a, double *lo, double *hi)
{
	for (size_t i = 0; i < a->n; i++)
		numbers_widen(a->v[i], lo, hi);
}
