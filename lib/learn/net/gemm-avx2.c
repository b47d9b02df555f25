/* gemm-avx2.c - blocks of 6 rows by 16 columns: 12 of the 16 registers hold sums. */
#include "lib/learn/net/gemm.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#define TARGET __attribute__((target("avx2,fma")))
#define INLINE TARGET static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 6")

enum { ROWS = 6, WIDTH = 16, DEPTH = 256 };

struct cut {
	const float *a, *b;
	float *c;
	size_t k;
	__m256i low, high; /* lanes that there are: all bits set */
	bool first, last;  /* of the stretches of k */
};

INLINE __m256 started(const struct gemm *g, bool first, const float *c, size_t j, __m256i mask)
{
	if (!first || g->start == GEMM_ADD)
		return _mm256_maskload_ps(c, mask);
	return g->start == GEMM_BIAS ? _mm256_maskload_ps(g->bias + j, mask) : _mm256_setzero_ps();
}

/* NaN stays: max gives its second operand where either is one. */
INLINE __m256 ended(const struct gemm *g, bool last, __m256 v)
{
	return last && g->relu ? _mm256_max_ps(_mm256_setzero_ps(), v) : v;
}

INLINE __m256 loaded(const float *from, __m256i mask, const bool whole)
{
	return whole ? _mm256_loadu_ps(from) : _mm256_maskload_ps(from, mask);
}

INLINE void block(const struct gemm *g, const struct cut *t, size_t j, const int rows,
		  const bool whole)
{
	__m256 low[ROWS], high[ROWS];
	const float *a = t->a, *b = t->b;

	UNROLL
	for (int i = 0; i < rows; i++) {
		const float *c = t->c + (size_t)i * g->ldc;

		low[i] = started(g, t->first, c, j, t->low);
		high[i] = started(g, t->first, c + 8, j + 8, t->high);
	}
	for (size_t p = 0; p < t->k; p++, a += g->a_step, b += g->ldb) {
		__m256 b0 = loaded(b, t->low, whole), b1 = loaded(b + 8, t->high, whole);

		UNROLL
		for (int i = 0; i < rows; i++) {
			__m256 x = _mm256_broadcast_ss(a + (size_t)i * g->a_row);

			low[i] = _mm256_fmadd_ps(x, b0, low[i]);
			high[i] = _mm256_fmadd_ps(x, b1, high[i]);
		}
	}
	UNROLL
	for (int i = 0; i < rows; i++) {
		float *c = t->c + (size_t)i * g->ldc;

		_mm256_maskstore_ps(c, t->low, ended(g, t->last, low[i]));
		_mm256_maskstore_ps(c + 8, t->high, ended(g, t->last, high[i]));
	}
}

TARGET static void whole_6(const struct gemm *g, const struct cut *t, size_t j)
{
	block(g, t, j, 6, true);
}

TARGET static void whole_1(const struct gemm *g, const struct cut *t, size_t j)
{
	block(g, t, j, 1, true);
}

TARGET static void part_6(const struct gemm *g, const struct cut *t, size_t j)
{
	block(g, t, j, 6, false);
}

TARGET static void part_1(const struct gemm *g, const struct cut *t, size_t j)
{
	block(g, t, j, 1, false);
}

TARGET static __m256i first_lanes(size_t n)
{
	__m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);

	return _mm256_cmpgt_epi32(_mm256_set1_epi32(n < 8 ? (int)n : 8), lanes);
}

TARGET static void stretch(const struct gemm *g, size_t p, size_t k)
{
	for (size_t j = 0; j < g->n; j += WIDTH) {
		bool whole = g->n - j >= WIDTH;
		struct cut t = { .b = g->b + p * g->ldb + j,
				 .k = k,
				 .low = first_lanes(g->n - j),
				 .high = first_lanes(g->n - j > 8 ? g->n - j - 8 : 0),
				 .first = p == 0,
				 .last = p + k == g->k };

		for (size_t i = 0; i < g->m;) {
			size_t rows = g->m - i >= ROWS ? ROWS : 1;

			t.a = g->a + i * g->a_row + p * g->a_step;
			t.c = g->c + i * g->ldc + j;
			if (rows == 1)
				whole ? whole_1(g, &t, j) : part_1(g, &t, j);
			else
				whole ? whole_6(g, &t, j) : part_6(g, &t, j);
			i += rows;
		}
	}
}

static void kernel(const struct gemm *g)
{
	size_t p = 0;

	do {
		size_t k = g->k - p < DEPTH ? g->k - p : DEPTH;

		stretch(g, p, k);
		p += k;
	} while (p < g->k);
}

gemm_kernel gemm_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? kernel : NULL;
}

#else
gemm_kernel gemm_avx2(void)
{
	return NULL;
}
#endif
