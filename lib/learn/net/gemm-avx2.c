/* gemm-avx2.c - blocks of 6 rows by 16 columns: 12 of the 16 registers hold sums. */
#include "lib/learn/net/gemm.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#define TARGET __attribute__((target("avx2,fma")))
#define INLINE TARGET static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 6")

enum { ROWS = 6, WIDTH = 16, DEPTH = 256, PACK_FROM = 8 * ROWS };

/* Columns [j, j + 8) and [j + 8, j + 16) of a block, as far as there are any. */
struct cut {
	const float *a, *b; /* b: whole vectors, with what nobody needs behind its columns */
	float *c;
	const float *live;
	size_t k, ldb;
	__m256i low, high; /* lanes that there are: all bits set */
	bool whole;	   /* all */
	bool first, last;  /* of the stretches of k */
};

/* Without a mask where there is no need of one: masked stores are slow. */
INLINE __m256 load(const float *from, const bool whole, __m256i lanes)
{
	return whole ? _mm256_loadu_ps(from) : _mm256_maskload_ps(from, lanes);
}

INLINE void store(float *to, const bool whole, __m256i lanes, __m256 v)
{
	if (whole)
		_mm256_storeu_ps(to, v);
	else
		_mm256_maskstore_ps(to, lanes, v);
}

/* NaN stays: max gives its second operand where either is one. */
INLINE __m256 relu(__m256 v)
{
	return _mm256_max_ps(_mm256_setzero_ps(), v);
}

/* v where `live` is above 0; the others as 0. */
INLINE __m256 lived(const float *live, const bool whole, __m256i lanes, __m256 v)
{
	return _mm256_and_ps(
		v, _mm256_cmp_ps(load(live, whole, lanes), _mm256_setzero_ps(), _CMP_GT_OQ));
}

/* The sums of a block. */
struct sums {
	__m256 low[ROWS], high[ROWS];
};

INLINE void begin(const struct gemm *g, const struct cut *t, size_t j, const int rows,
		  const bool whole, struct sums *s)
{
	bool add = !t->first || g->start == GEMM_ADD, bias = g->start == GEMM_BIAS;
	__m256 zero = _mm256_setzero_ps();
	__m256 left = bias && !add ? load(g->bias + j, whole, t->low) : zero;
	__m256 right = bias && !add ? load(g->bias + j + 8, whole, t->high) : zero;

	UNROLL
	for (int i = 0; i < rows; i++) {
		s->low[i] = left;
		s->high[i] = right;
	}
	if (!add)
		return;
	UNROLL
	for (int i = 0; i < rows; i++) {
		const float *c = t->c + (size_t)i * g->ldc;

		s->low[i] = load(c, whole, t->low);
		s->high[i] = load(c + 8, whole, t->high);
	}
}

INLINE void multiply(const struct gemm *g, const struct cut *t, const int rows, struct sums *s)
{
	const float *a = t->a, *b = t->b;
	size_t a_row = g->a_row, a_step = g->a_step, ldb = t->ldb;

	for (size_t p = t->k; p; p--, a += a_step, b += ldb) {
		__m256 left = _mm256_loadu_ps(b), right = _mm256_loadu_ps(b + 8);

		UNROLL
		for (int i = 0; i < rows; i++) {
			__m256 x = _mm256_broadcast_ss(a + (size_t)i * a_row);

			s->low[i] = _mm256_fmadd_ps(x, left, s->low[i]);
			s->high[i] = _mm256_fmadd_ps(x, right, s->high[i]);
		}
	}
}

/* What the last stretch of k has to do besides. */
INLINE void finish(const struct gemm *g, const struct cut *t, const int rows, const bool whole,
		   struct sums *s)
{
	if (g->relu) {
		UNROLL
		for (int i = 0; i < rows; i++) {
			s->low[i] = relu(s->low[i]);
			s->high[i] = relu(s->high[i]);
		}
	}
	if (!t->live)
		return;
	UNROLL
	for (int i = 0; i < rows; i++) {
		const float *live = t->live + (size_t)i * g->ld_live;

		s->low[i] = lived(live, whole, t->low, s->low[i]);
		s->high[i] = lived(live + 8, whole, t->high, s->high[i]);
	}
}

INLINE void block(const struct gemm *g, const struct cut *t, size_t j, const int rows,
		  const bool whole)
{
	struct sums s;

	begin(g, t, j, rows, whole, &s);
	multiply(g, t, rows, &s);
	if (t->last)
		finish(g, t, rows, whole, &s);
	UNROLL
	for (int i = 0; i < rows; i++) {
		float *c = t->c + (size_t)i * g->ldc;

		store(c, whole, t->low, s.low[i]);
		store(c + 8, whole, t->high, s.high[i]);
	}
}

TARGET static void block_6(const struct gemm *g, const struct cut *t, size_t j)
{
	t->whole ? block(g, t, j, 6, true) : block(g, t, j, 6, false);
}

TARGET static void block_2(const struct gemm *g, const struct cut *t, size_t j)
{
	t->whole ? block(g, t, j, 2, true) : block(g, t, j, 2, false);
}

TARGET static void block_1(const struct gemm *g, const struct cut *t, size_t j)
{
	t->whole ? block(g, t, j, 1, true) : block(g, t, j, 1, false);
}

static size_t next(size_t left, void (**fn)(const struct gemm *, const struct cut *, size_t))
{
	size_t rows = left >= 6 ? 6 : left >= 2 ? 2 : 1;

	*fn = rows == 6 ? block_6 : rows == 2 ? block_2 : block_1;
	return rows;
}

TARGET static __m256i first_lanes(size_t n)
{
	__m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);

	return _mm256_cmpgt_epi32(_mm256_set1_epi32(n < 8 ? (int)n : 8), lanes);
}

/* A panel of 16 columns side by side, 0 where there are fewer: see gemm-avx512.c. */
TARGET static void pack(struct cut *t, float *panel)
{
	for (size_t p = 0; p < t->k; p++) {
		const float *b = t->b + p * t->ldb;

		_mm256_store_ps(panel + p * WIDTH, _mm256_maskload_ps(b, t->low));
		_mm256_store_ps(panel + p * WIDTH + 8, _mm256_maskload_ps(b + 8, t->high));
	}
	t->b = panel;
	t->ldb = WIDTH;
}

TARGET static void stretch(const struct gemm *g, size_t p, size_t k)
{
	float panel[DEPTH * WIDTH] __attribute__((aligned(32)));

	for (size_t j = 0; j < g->n; j += WIDTH) {
		size_t left = g->n - j;
		struct cut t = { .b = g->b + p * g->ldb + j,
				 .k = k,
				 .ldb = g->ldb,
				 .low = first_lanes(left),
				 .high = first_lanes(left > 8 ? left - 8 : 0),
				 .whole = left >= WIDTH,
				 .first = p == 0,
				 .last = p + k == g->k };

		if (g->m >= PACK_FROM || !t.whole)
			pack(&t, panel);
		for (size_t i = 0; i < g->m;) {
			void (*fn)(const struct gemm *, const struct cut *, size_t);
			size_t rows = next(g->m - i, &fn);

			t.a = g->a + i * g->a_row + p * g->a_step;
			t.c = g->c + i * g->ldc + j;
			t.live = g->live ? g->live + i * g->ld_live + j : NULL;
			fn(g, &t, j);
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
