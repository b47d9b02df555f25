/* gemm-avx512.c - blocks of 12 rows by 32 columns: 24 of the 32 registers hold sums. */
#include "lib/learn/net/gemm.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,fma")))
#define INLINE TARGET static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 12")

enum { ROWS = 12, DEPTH = 256, WIDE = 32, PACK_FROM = 4 * ROWS };

/* Columns [j, j + 16) and [j + 16, j + 32) of a block, as far as there are any. */
struct cut {
	const float *a, *b;
	float *c;
	const float *live;
	size_t k, ldb;
	__mmask16 low, high;
	bool first, last; /* of the stretches of k */
};

INLINE __m512 started(const struct gemm *g, bool first, const float *c, size_t j, __mmask16 mask)
{
	if (!first || g->start == GEMM_ADD)
		return _mm512_maskz_loadu_ps(mask, c);
	return g->start == GEMM_BIAS ? _mm512_maskz_loadu_ps(mask, g->bias + j)
				     : _mm512_setzero_ps();
}

/* NaN stays: max gives its second operand where either is one. */
INLINE __m512 ended(const struct gemm *g, bool last, __m512 v)
{
	return last && g->relu ? _mm512_max_ps(_mm512_setzero_ps(), v) : v;
}

/* The lanes that are to be stored as they are; the others as 0. */
INLINE __m512 lived(const struct cut *t, size_t at, __mmask16 lanes, __m512 v)
{
	__mmask16 above;

	if (!t->last || !t->live)
		return v;
	above = _mm512_cmp_ps_mask(_mm512_maskz_loadu_ps(lanes, t->live + at), _mm512_setzero_ps(),
				   _CMP_GT_OQ);
	return _mm512_maskz_mov_ps(above, v);
}

INLINE void block(const struct gemm *g, const struct cut *t, size_t j, const int rows,
		  const bool wide)
{
	__m512 low[ROWS], high[ROWS];
	const float *a = t->a, *b = t->b;

	UNROLL
	for (int i = 0; i < rows; i++) {
		const float *c = t->c + (size_t)i * g->ldc;

		low[i] = started(g, t->first, c, j, t->low);
		if (wide)
			high[i] = started(g, t->first, c + 16, j + 16, t->high);
	}
	for (size_t p = 0; p < t->k; p++, a += g->a_step, b += t->ldb) {
		__m512 b0 = _mm512_maskz_loadu_ps(t->low, b), b1;

		if (wide)
			b1 = _mm512_maskz_loadu_ps(t->high, b + 16);
		UNROLL
		for (int i = 0; i < rows; i++) {
			__m512 x = _mm512_set1_ps(a[(size_t)i * g->a_row]);

			low[i] = _mm512_fmadd_ps(x, b0, low[i]);
			if (wide)
				high[i] = _mm512_fmadd_ps(x, b1, high[i]);
		}
	}
	UNROLL
	for (int i = 0; i < rows; i++) {
		float *c = t->c + (size_t)i * g->ldc;

		size_t live = (size_t)i * g->ld_live;

		_mm512_mask_storeu_ps(c, t->low, lived(t, live, t->low, ended(g, t->last, low[i])));
		if (wide)
			_mm512_mask_storeu_ps(
				c + 16, t->high,
				lived(t, live + 16, t->high, ended(g, t->last, high[i])));
	}
}

TARGET static void block_12(const struct gemm *g, const struct cut *t, size_t j)
{
	block(g, t, j, 12, true);
}

TARGET static void block_8(const struct gemm *g, const struct cut *t, size_t j)
{
	block(g, t, j, 8, true);
}

TARGET static void block_4(const struct gemm *g, const struct cut *t, size_t j)
{
	block(g, t, j, 4, true);
}

TARGET static void block_1(const struct gemm *g, const struct cut *t, size_t j)
{
	block(g, t, j, 1, true);
}

TARGET static void narrow_12(const struct gemm *g, const struct cut *t, size_t j)
{
	block(g, t, j, 12, false);
}

TARGET static void narrow_4(const struct gemm *g, const struct cut *t, size_t j)
{
	block(g, t, j, 4, false);
}

TARGET static void narrow_1(const struct gemm *g, const struct cut *t, size_t j)
{
	block(g, t, j, 1, false);
}

/* How many rows the next block takes, and which block that is. */
static size_t next(size_t left, bool wide,
		   void (**fn)(const struct gemm *, const struct cut *, size_t))
{
	if (left >= 12) {
		*fn = wide ? block_12 : narrow_12;
		return 12;
	}
	if (left >= 8 && wide) {
		*fn = block_8;
		return 8;
	}
	if (left >= 4) {
		*fn = wide ? block_4 : narrow_4;
		return 4;
	}
	*fn = wide ? block_1 : narrow_1;
	return 1;
}

static __mmask16 first_lanes(size_t n)
{
	return n >= 16 ? 0xffff : (__mmask16)((1u << n) - 1);
}

/*
 * A panel of 32 columns side by side: where rows are a power of two of bytes apart, its lines share few
 * sets of the first cache and drive each other out before the next block of rows reads them again.
 */
TARGET static void pack(struct cut *t, float *panel)
{
	for (size_t p = 0; p < t->k; p++) {
		const float *b = t->b + p * t->ldb;

		_mm512_store_ps(panel + p * WIDE, _mm512_maskz_loadu_ps(t->low, b));
		_mm512_store_ps(panel + p * WIDE + 16, _mm512_maskz_loadu_ps(t->high, b + 16));
	}
	t->b = panel;
	t->ldb = WIDE;
}

static void stretch(const struct gemm *g, size_t p, size_t k)
{
	float panel[DEPTH * WIDE] __attribute__((aligned(64)));

	for (size_t j = 0; j < g->n; j += WIDE) {
		struct cut t = { .b = g->b + p * g->ldb + j,
				 .k = k,
				 .ldb = g->ldb,
				 .low = first_lanes(g->n - j),
				 .high = g->n - j > 16 ? first_lanes(g->n - j - 16) : 0,
				 .first = p == 0,
				 .last = p + k == g->k };

		if (g->m >= PACK_FROM && t.high)
			pack(&t, panel);
		for (size_t i = 0; i < g->m;) {
			void (*fn)(const struct gemm *, const struct cut *, size_t);
			size_t rows = next(g->m - i, t.high != 0, &fn);

			t.a = g->a + i * g->a_row + p * g->a_step;
			t.c = g->c + i * g->ldc + j;
			t.live = g->live ? g->live + i * g->ld_live + j : NULL;
			fn(g, &t, j);
			i += rows;
		}
	}
}

TARGET static float total(__m512 lanes)
{
	__m256 v8 = _mm256_add_ps(_mm512_castps512_ps256(lanes), _mm512_extractf32x8_ps(lanes, 1));
	__m128 v4 = _mm_add_ps(_mm256_castps256_ps128(v8), _mm256_extractf128_ps(v8, 1));
	__m128 v2 = _mm_add_ps(v4, _mm_movehl_ps(v4, v4));

	return _mm_cvtss_f32(_mm_add_ss(v2, _mm_movehdup_ps(v2)));
}

TARGET static void column(const struct gemm *g)
{
	float b[GEMM_COLUMN_MOST] __attribute__((aligned(64)));

	gemm_pack_column(g, b);
	for (size_t i = 0; i < g->m; i++) {
		const float *a = g->a + i * g->a_row;
		__m512 lanes = _mm512_setzero_ps();

		for (size_t p = 0; p < g->k; p += 16)
			lanes = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(first_lanes(g->k - p), a + p),
						_mm512_load_ps(b + p), lanes);
		gemm_end_column(g, i, total(lanes));
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

gemm_kernel gemm_avx512(void)
{
	bool usable = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
		      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");

	return usable ? kernel : NULL;
}

#else
gemm_kernel gemm_avx512(void)
{
	return NULL;
}
#endif
