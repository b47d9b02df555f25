/*
 * clones.h - one loop, compiled for what the machine can do and chosen when it runs. The loops hold
 * no sum over more than one element and contract nothing (-ffp-contract=off), so every clone gives the
 * same bits.
 *
 *	CLONED(scale, (float *x, float by, size_t n), (x, by, n))
 *	{
 *		for (size_t i = 0; i < n; i++)
 *			x[i] *= by;
 *	}
 *
 * makes scale(x, by, n). A file that uses it is compiled with -O3 (CFLAGS_NAME in the Makefile).
 */
#ifndef MICH_LEARN_NET_CLONES_H
#define MICH_LEARN_NET_CLONES_H

#if defined(__x86_64__)

static inline int clones_level(void)
{
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
	    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
		return 3;
	return __builtin_cpu_supports("avx2") ? 2 : 1;
}

#define CLONE_INLINE static inline __attribute__((always_inline))
#define CLONED(name, params, args)                                                                 \
	CLONE_INLINE void name##_body params;                                                      \
	__attribute__((                                                                            \
		target("avx512f,avx512dq,avx512vl,avx512bw,prefer-vector-width=512"))) static void \
		name##_avx512 params                                                               \
	{                                                                                          \
		name##_body args;                                                                  \
	}                                                                                          \
	__attribute__((target("avx2"))) static void name##_avx2 params                             \
	{                                                                                          \
		name##_body args;                                                                  \
	}                                                                                          \
	static void name params                                                                    \
	{                                                                                          \
		int level = clones_level();                                                        \
                                                                                                   \
		if (level == 3)                                                                    \
			name##_avx512 args;                                                        \
		else if (level == 2)                                                               \
			name##_avx2 args;                                                          \
		else                                                                               \
			name##_body args;                                                          \
	}                                                                                          \
	CLONE_INLINE void name##_body params
#else
#define CLONE_INLINE static inline
#define CLONED(name, params, args) static void name params
#endif

#endif
