/*
 * denormals.h - numbers too small to be normal are 0. A processor takes some hundred times as long for them, and
 * training makes them: the mean of the gradients of a unit that died, or of a category that has become rare, sinks
 * by a tenth a step and would stay just above 0 for ever. Part of the maths: with SSE as with AVX-512 the same bits.
 */
#ifndef MICH_LEARN_NET_DENORMALS_H
#define MICH_LEARN_NET_DENORMALS_H

#if defined(__x86_64__)
#include <immintrin.h>

enum { DENORMALS_FLUSH = 1 << 15, DENORMALS_ARE_ZERO = 1 << 6 };

/* Of the calling thread; returns what denormals_restore() takes. */
static inline unsigned denormals_flush(void)
{
	unsigned before = _mm_getcsr();

	_mm_setcsr(before | DENORMALS_FLUSH | DENORMALS_ARE_ZERO);
	return before;
}

static inline void denormals_restore(unsigned before)
{
	_mm_setcsr(before);
}
#else
static inline unsigned denormals_flush(void)
{
	return 0;
}

static inline void denormals_restore(unsigned before)
{
	(void)before;
}
#endif

#endif
