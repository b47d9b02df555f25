/* shuffle.c - a Feistel network whose halves may differ by a bit. */
#include "lib/learn/net/shuffle.h"

#include "lib/learn/net/clones.h"
#include "lib/learn/net/philox.h"

enum { SHUFFLE_RUN = 128 }; /* places at a time */

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

CLONED(trips, (const struct shuffle *of, uint64_t *restrict v, size_t n), (of, v, n))
{
	struct shuffle s = *of;

	for (size_t i = 0; i < n; i++)
		v[i] = shuffle_trip(&s, v[i]);
}

/* Who came out beyond the end goes again, until nobody does: half of them at most each time. */
static void send_again(const struct shuffle *s, size_t n, uint64_t *out)
{
	uint64_t v[SHUFFLE_RUN];
	size_t of[SHUFFLE_RUN], left = 0;

	for (size_t i = 0; i < n; i++) {
		of[left] = i;
		v[left] = out[i];
		left += out[i] >= s->n;
	}
	while (left) {
		size_t still = 0;

		trips(s, v, left);
		for (size_t i = 0; i < left; i++) {
			out[of[i]] = v[i];
			of[still] = of[i];
			v[still] = v[i];
			still += v[i] >= s->n;
		}
		left = still;
	}
}

void shuffle_run(const struct shuffle *s, uint64_t first, size_t count, uint64_t *out)
{
	for (size_t done = 0; done < count; done += SHUFFLE_RUN) {
		size_t n = count - done < SHUFFLE_RUN ? count - done : SHUFFLE_RUN;

		for (size_t i = 0; i < n; i++)
			out[done + i] = first + done + i;
		trips(s, out + done, n);
		send_again(s, n, out + done);
	}
}
