/* holm.c - p values of several tests. */
#include "lib/measure/chance/holm.h"

#include <math.h>
#include <stdlib.h>

#include "lib/base/mem.h"

struct test {
	double p;
	size_t at;
};

static int smaller_first(const void *a, const void *b)
{
	const struct test *x = a, *y = b;

	if (x->p != y->p)
		return x->p < y->p ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

void holm_adjust(const double *p, size_t n, double *out)
{
	struct test *t = xcalloc(n + 1, sizeof *t);
	size_t m = 0;
	double least = 0;

	for (size_t i = 0; i < n; i++) {
		out[i] = p[i];
		if (!isnan(p[i]))
			t[m++] = (struct test){ p[i], i };
	}
	qsort(t, m, sizeof *t, smaller_first);
	for (size_t i = 0; i < m; i++) {
		least = fmax(least, fmin(1, (double)(m - i) * t[i].p));
		out[t[i].at] = least;
	}
	free(t);
}
