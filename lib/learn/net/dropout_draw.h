/* dropout_draw.h - the random numbers of dropout: what dropout.h says, for every device. */
#ifndef MICH_LEARN_NET_DROPOUT_DRAW_H
#define MICH_LEARN_NET_DROPOUT_DRAW_H

#include "lib/learn/net/philox.h"

enum { DROPOUT_PIECES = 8 }; /* units of one counter */

/* Four words for counter `index` of a layer; the half words' numbers are those of the pieces. */
NET_INLINE void dropout_draw(uint64_t seed, uint64_t epoch, uint32_t layer, uint64_t row,
			     uint32_t index, uint32_t w[4])
{
	uint32_t counter[4] = { (uint32_t)row, (uint32_t)(row >> 32) | layer << 16, index,
				(uint32_t)epoch };

	philox(seed, counter, w);
}

/* A unit stays where its half word is at least that. */
NET_INLINE uint32_t dropout_below(float share)
{
	return (uint32_t)(share * 65536 + 0.5f);
}

#endif
