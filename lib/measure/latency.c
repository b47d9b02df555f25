/* latency.c - times of calls, kept and sorted. */
#include "lib/measure/latency.h"

#include <math.h>
#include <stdlib.h>

#include "lib/base/mem.h"

void latency_clear(struct latency *l)
{
	free(l->ns);
	*l = (struct latency)LATENCY_INIT;
}

bool latency_add(struct latency *l, int64_t ns)
{
	if (l->n >= LATENCY_MAX)
		return false;
	ARRAY_GROW(l->ns, l->n, l->cap);
	l->ns[l->n++] = ns < 0 ? 0 : ns > UINT32_MAX ? UINT32_MAX : (uint32_t)ns;
	l->sorted = false;
	return true;
}

static int by_time(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

double latency_percentile(struct latency *l, double p)
{
	size_t rank;

	if (!l->n)
		return 0;
	if (!l->sorted)
		qsort(l->ns, l->n, sizeof *l->ns, by_time);
	l->sorted = true;
	rank = (size_t)ceil(p * (double)l->n);
	rank = rank < 1 ? 1 : rank > l->n ? l->n : rank;
	return l->ns[rank - 1] / 1e3;
}

double latency_total_s(const struct latency *l)
{
	double sum = 0;

	for (size_t i = 0; i < l->n; i++)
		sum += l->ns[i];
	return sum / 1e9;
}
