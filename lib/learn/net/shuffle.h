/*
 * shuffle.h - a random order of 0..n-1 that is computed place by place and never stored, so threads,
 * ranks and devices agree on it without a word. A Feistel network over ceil(log2 n) bits whose results
 * beyond n are sent through again (Black and Rogaway 2002, cycle walking).
 */
#ifndef MICH_LEARN_NET_SHUFFLE_H
#define MICH_LEARN_NET_SHUFFLE_H

#include <stdint.h>

enum { SHUFFLE_ROUNDS = 6 };

struct shuffle {
	uint64_t n;
	uint32_t keys[SHUFFLE_ROUNDS];
	unsigned left, right; /* bits of the two halves */
};

void shuffle_init(struct shuffle *s, uint64_t n, uint64_t seed, uint64_t epoch); /* n up to 2^62 */

/* What comes at place i < n. */
uint64_t shuffle_at(const struct shuffle *s, uint64_t i);

#endif
