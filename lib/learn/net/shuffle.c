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
