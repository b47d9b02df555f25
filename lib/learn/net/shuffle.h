/*
 * shuffle.h - a random order of 0..n-1 that is computed place by place and never stored, so threads,
 * ranks and devices agree on it without a word. A Feistel network over ceil(log2 n) bits whose results
 * beyond n are sent through again (Black and Rogaway 2002, cycle walking).
 */
#ifndef MICH_LEARN_NET_SHUFFLE_H
#define MICH_LEARN_NET_SHUFFLE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/model/net/net_kinds.h"

enum { SHUFFLE_ROUNDS = 6 };

struct shuffle {
	uint64_t n;
	uint32_t keys[SHUFFLE_ROUNDS];
	unsigned left, right; /* bits of the two halves */
};

void shuffle_init(struct shuffle *s, uint64_t n, uint64_t seed, uint64_t epoch); /* n up to 2^62 */

NET_INLINE uint64_t shuffle_mixed(uint64_t half, uint32_t key)
{
	return ((half ^ key) * 0x9E3779B97F4A7C15u) >> 32;
}

/* Once through the network: below 2^(left + right), and so perhaps n or more. */
NET_INLINE uint64_t shuffle_trip(const struct shuffle *s, uint64_t i)
{
	uint64_t in_left = (1ull << s->left) - 1, in_right = (1ull << s->right) - 1;
	uint64_t left = i >> s->right, right = i & in_right;

	for (int round = 0; round < SHUFFLE_ROUNDS; round += 2) {
		left ^= shuffle_mixed(right, s->keys[round]) & in_left;
		right ^= shuffle_mixed(left, s->keys[round + 1]) & in_right;
	}
	return left << s->right | right;
}

/* What comes at place i < n. */
NET_INLINE uint64_t shuffle_at(const struct shuffle *s, uint64_t i)
{
	do
		i = shuffle_trip(s, i);
	while (i >= s->n);
	return i;
}

/* The same of `count` places from `first` on, all below n, side by side. */
void shuffle_run(const struct shuffle *s, uint64_t first, size_t count, uint64_t *out);

#endif
