/*
 * philox.h - random numbers by their number: Philox4x32-10 of Salmon et al. (2011), the same on every
 * device and in any order. A key is a seed; a counter says which numbers.
 */
#ifndef MICH_LEARN_NET_PHILOX_H
#define MICH_LEARN_NET_PHILOX_H

#include <stdint.h>

#include "lib/model/net/net_kinds.h"

NET_INLINE void philox(uint64_t seed, const uint32_t counter[4], uint32_t out[4])
{
	uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
	uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);

	for (int i = 0; i < 10; i++) {
		uint64_t a = (uint64_t)c0 * 0xD2511F53u, b = (uint64_t)c2 * 0xCD9E8D57u;

		c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
		c1 = (uint32_t)b;
		c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
		c3 = (uint32_t)a;
		k0 += 0x9E3779B9u;
		k1 += 0xBB67AE85u;
	}
	out[0] = c0;
	out[1] = c1;
	out[2] = c2;
	out[3] = c3;
}

#endif
