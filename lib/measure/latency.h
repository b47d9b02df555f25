/* latency.h - how long many calls took, one by one: percentiles by sorting them all. */
#ifndef MICH_MEASURE_LATENCY_H
#define MICH_MEASURE_LATENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LATENCY_MAX = 1 << 22 }; /* calls that are kept */

struct latency {
	uint32_t *ns; /* (n) a call each, at most 4.29 s */
	size_t n, cap;
	bool sorted;
};

#define LATENCY_INIT \
	{            \
		0    \
	}

void latency_clear(struct latency *l);
/* False when there is no more room: stop measuring. */
bool latency_add(struct latency *l, int64_t ns);
/*
 * The smallest time that at least a share p of (0, 1] of the calls did not exceed, in microseconds: the
 * nearest rank, never a value between two. Sorts once. 0 when nothing was measured.
 */
double latency_percentile(struct latency *l, double p);
double latency_total_s(const struct latency *l);

#endif
