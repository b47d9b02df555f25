/* shuffle.c - a Feistel network whose halves may differ by a bit. */
#include "lib/learn/net/shuffle.h"

#include "lib/learn/net/philox.h"

void shuffle_init(struct shuffle *s, uint64_t n, uint64_t seed, uint64_t epoch)
{
	unsigned bits = n > 1 ? 64 - (unsigned)__builtin_clzll(n - 1) : 0;
	uint32_t words[8];

	/* The last word tells these numbers from every other use of the seed. */
	for (uint32_t i = 0; i < 2; i++)
		philox(seed,
		       (uint32_t[]){ (uint32_t)epoch, (uint32_t)(epoch >> 32), i, 0x73687566 },
		       words + 4 * i);
	for (int i = 0; i < SHUFFLE_ROUNDS; i++)
		s->keys[i] = words[i];
	s->n = n;
	s->left = bits / 2;
	s->right = bits - bits / 2;
}

static uint64_t mixed(uint64_t half, uint32_t key)
{
	return ((half ^ key) * 0x9E3779B97F4A7C15u) >> 32;
}

uint64_t shuffle_at(const struct shuffle *s, uint64_t i)
{
	uint64_t in_left = (1ull << s->left) - 1, in_right = (1ull << s->right) - 1;

	do {
		uint64_t left = i >> s->right, right = i & in_right;

		for (int round = 0; round < SHUFFLE_ROUNDS; round += 2) {
			left ^= mixed(right, s->keys[round]) & in_left;
			right ^= mixed(left, s->keys[round + 1]) & in_right;
		}
		i = left << s->right | right;
	} while (i >= s->n);
	return i;
}
