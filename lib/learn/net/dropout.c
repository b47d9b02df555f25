/* dropout.c - masks from counters. */
#include "lib/learn/net/dropout.h"

#include <string.h>

#include "lib/learn/net/clones.h"
#include "lib/learn/net/dropout_draw.h"

enum { PIECES = DROPOUT_PIECES, COUNTERS = 64 };

/* Eight planes of half words, n counters from first on. */
CLONED(halves,
       (const struct dropout *restrict d, uint64_t row, uint32_t first, size_t n,
	uint16_t (*restrict out)[COUNTERS]),
       (d, row, first, n, out))
{
	for (size_t i = 0; i < n; i++) {
		uint32_t w[4];

		dropout_draw(d->seed, d->epoch, d->layer, row, first + (uint32_t)i, w);
		out[0][i] = (uint16_t)w[0];
		out[1][i] = (uint16_t)(w[0] >> 16);
		out[2][i] = (uint16_t)w[1];
		out[3][i] = (uint16_t)(w[1] >> 16);
		out[4][i] = (uint16_t)w[2];
		out[5][i] = (uint16_t)(w[2] >> 16);
		out[6][i] = (uint16_t)w[3];
		out[7][i] = (uint16_t)(w[3] >> 16);
	}
}

CLONED(judge,
       (const uint16_t *restrict half, uint32_t below, float kept, float *restrict out, size_t n),
       (half, below, kept, out, n))
{
	for (size_t i = 0; i < n; i++)
		out[i] = half[i] >= below ? kept : 0;
}

CLONED(times, (const float *restrict factors, float *restrict v, size_t n), (factors, v, n))
{
	for (size_t i = 0; i < n; i++)
		v[i] *= factors[i];
}

void dropout_factors(const struct dropout *d, uint64_t row, size_t units, float *factors)
{
	size_t counters = (units + PIECES - 1) / PIECES;
	uint16_t planes[PIECES][COUNTERS];
	uint32_t below = dropout_below(d->share);

	for (size_t first = 0; first < counters; first += COUNTERS) {
		size_t n = counters - first < COUNTERS ? counters - first : COUNTERS;

		halves(d, row, (uint32_t)first, n, planes);
		for (size_t piece = 0; piece < PIECES; piece++) {
			size_t unit = piece * counters + first;

			if (unit < units)
				judge(planes[piece], below, 1 / (1 - d->share), factors + unit,
				      units - unit < n ? units - unit : n);
		}
	}
}

void dropout_apply(const float *factors, float *v, size_t n)
{
	times(factors, v, n);
}
