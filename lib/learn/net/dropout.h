/*
 * dropout.h - units set to zero at random in training, the others raised by 1 / (1 - share). Whether a
 * unit stays depends on (seed, epoch, row of the data, layer, unit) alone, not on the batch, thread, rank
 * or device that the row is in.
 *
 * Unit u of a layer with C = ceil(units / 8) counters: philox(seed, {row, row >> 32 | layer << 16, u % C,
 * epoch}) gives 8 half words, the low one of each word first; the one of number u / C is at least
 * share * 65536 for a unit that stays.
 */
#ifndef MICH_LEARN_NET_DROPOUT_H
#define MICH_LEARN_NET_DROPOUT_H

#include <stddef.h>
#include <stdint.h>

struct dropout {
	uint64_t seed, epoch;
	uint32_t layer;
	float share;
};

/* factors (units): 0 or 1 / (1 - share), of one row. */
void dropout_factors(const struct dropout *d, uint64_t row, size_t units, float *factors);

/* v (rows, units) by factors of the same shape. */
void dropout_apply(const float *factors, float *v, size_t n);

#endif
