/*
 * draw.h - chance that is the same everywhere: a hash of where it is needed, not a state that moves
 * on. Draw number i of stream s of a seed is one number, whoever asks, in whatever order, on
 * whatever thread. The mixing is SplitMix64's (Steele, Lea, Flood 2014). Never change it: recorded
 * intervals would move.
 */
#ifndef MICH_MEASURE_CHANCE_DRAW_H
#define MICH_MEASURE_CHANCE_DRAW_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t draw_mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* The start of a stream, for draw_bits. */
static inline uint64_t draw_stream(uint64_t seed, uint64_t stream)
{
	return draw_mix(draw_mix(seed + UINT64_C(0x9e3779b97f4a7c15)) + stream);
}

/* 64 random bits: number i of the stream that starts at start. */
static inline uint64_t draw_bits(uint64_t start, uint64_t i)
{
	return draw_mix(start + (i + 1) * UINT64_C(0x9e3779b97f4a7c15));
}

/* 32 bits as one of 0..n-1 (Lemire 2019, without the rejection: off by less than n / 2^32). */
static inline uint32_t draw_below(uint32_t bits, uint32_t n)
{
	return (uint32_t)((uint64_t)bits * n >> 32);
}

/* In [0, 1). */
static inline double draw_unit(uint64_t bits)
{
	return (double)(bits >> 11) * 0x1p-53;
}

/* A permutation of 0..n-1 into out (Fisher and Yates 1938, Durstenfeld's form). */
static inline void draw_shuffle(uint64_t start, uint32_t n, uint32_t *out)
{
	for (uint32_t i = 0; i < n; i++)
		out[i] = i;
	for (uint32_t i = n; i > 1; i--) {
		uint32_t j = draw_below((uint32_t)(draw_bits(start, i) >> 32), i);
		uint32_t t = out[i - 1];

		out[i - 1] = out[j];
		out[j] = t;
	}
}

/* want of the places 0..n-1 (all of them when want >= n), ascending, every choice as likely; how many.
 * Knuth 3.4.2, algorithm S. */
static inline size_t draw_sample(uint64_t start, size_t n, size_t want, uint32_t *out)
{
	size_t got = 0;

	for (size_t i = 0; i < n && got < want; i++)
		if (draw_unit(draw_bits(start, i)) * (double)(n - i) < (double)(want - got))
			out[got++] = (uint32_t)i;
	return got;
}

#endif
