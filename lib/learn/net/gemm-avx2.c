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
	const float *live;
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

/* The lanes that are to be stored as they are; the others as 0. */
INLINE __m256 lived(const struct cut *t, size_t at, __m256i lanes, __m256 v)
{
	if (!t->last || !t->live)
		return v;
	return _mm256_and_ps(v, _mm256_cmp_ps(_mm256_maskload_ps(t->live + at, lanes),
					      _mm256_setzero_ps(), _CMP_GT_OQ));
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

		size_t live = (size_t)i * g->ld_live;

		_mm256_maskstore_ps(c, t->low, lived(t, live, t->low, ended(g, t->last, low[i])));
		_mm256_maskstore_ps(c + 8, t->high,
				    lived(t, live + 8, t->high, ended(g, t->last, high[i])));
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
			t.live = g->live ? g->live + i * g->ld_live + j : NULL;
			if (rows == 1)
				whole ? whole_1(g, &t, j) : part_1(g, &t, j);
			else
				whole ? whole_6(g, &t, j) : part_6(g, &t, j);
			i += rows;
		}
	}
}

TARGET static float total(__m256 low, __m256 high)
{
	__m256 v8 = _mm256_add_ps(low, high);
	__m128 v4 = _mm_add_ps(_mm256_castps256_ps128(v8), _mm256_extractf128_ps(v8, 1));
	__m128 v2 = _mm_add_ps(v4, _mm_movehl_ps(v4, v4));

	return _mm_cvtss_f32(_mm_add_ss(v2, _mm_movehdup_ps(v2)));
}

TARGET static void column(const struct gemm *g)
{
	float b[GEMM_COLUMN_MOST] __attribute__((aligned(32)));

	gemm_pack_column(g, b);
	for (size_t i = 0; i < g->m; i++) {
		const float *a = g->a + i * g->a_row;
		__m256 low = _mm256_setzero_ps(), high = _mm256_setzero_ps();

		for (size_t p = 0; p < g->k; p += 16) {
			size_t left = g->k - p;
			__m256i in_high = first_lanes(left > 8 ? left - 8 : 0);

			low = _mm256_fmadd_ps(_mm256_maskload_ps(a + p, first_lanes(left)),
					      _mm256_load_ps(b + p), low);
			high = _mm256_fmadd_ps(_mm256_maskload_ps(a + p + 8, in_high),
					       _mm256_load_ps(b + p + 8), high);
		}
		gemm_end_column(g, i, total(low, high));
	}
}

static void kernel(const struct gemm *g)
{
	size_t p = 0;

	if (gemm_is_column(g)) {
		column(g);
		return;
	}

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
