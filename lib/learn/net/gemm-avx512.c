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
	const float *a, *b; /* b: whole vectors, with what nobody needs behind its columns */
	float *c;
	const float *live;
	size_t k, ldb;
	__mmask16 low, high;
	bool whole;	  /* no vector of c has less than 16 columns */
	bool first, last; /* of the stretches of k */
};

/*
 * Without a mask where there is no need of one: a masked load and the mask's own move take turns from the
 * ports that multiply.
 */
INLINE __m512 load(const float *from, const bool whole, __mmask16 lanes)
{
	return whole ? _mm512_loadu_ps(from) : _mm512_maskz_loadu_ps(lanes, from);
}

INLINE void store(float *to, const bool whole, __mmask16 lanes, __m512 v)
{
	if (whole)
		_mm512_storeu_ps(to, v);
	else
		_mm512_mask_storeu_ps(to, lanes, v);
}

/* NaN stays: max gives its second operand where either is one. */
INLINE __m512 relu(__m512 v)
{
	return _mm512_max_ps(_mm512_setzero_ps(), v);
}

/* v where `live` is above 0; the others as 0. */
INLINE __m512 lived(const float *live, const bool whole, __mmask16 lanes, __m512 v)
{
	__mmask16 above =
		_mm512_cmp_ps_mask(load(live, whole, lanes), _mm512_setzero_ps(), _CMP_GT_OQ);

	return _mm512_maskz_mov_ps(above, v);
}

/* The sums of a block: of its rows, each two vectors, or where it is narrow one. */
struct sums {
	__m512 low[ROWS], high[ROWS];
};

INLINE void begin(const struct gemm *g, const struct cut *t, size_t j, const int rows,
		  const bool wide, const bool whole, struct sums *s)
{
	bool add = !t->first || g->start == GEMM_ADD, bias = g->start == GEMM_BIAS;
	__m512 zero = _mm512_setzero_ps();
	__m512 left = bias && !add ? load(g->bias + j, whole, t->low) : zero;
	__m512 right = bias && !add && wide ? load(g->bias + j + 16, whole, t->high) : zero;

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
		if (wide)
			s->high[i] = load(c + 16, whole, t->high);
	}
}

INLINE void multiply(const struct gemm *g, const struct cut *t, const int rows, const bool wide,
		     struct sums *s)
{
	const float *a = t->a, *b = t->b;
	size_t a_row = g->a_row, a_step = g->a_step, ldb = t->ldb;

	for (size_t p = t->k; p; p--, a += a_step, b += ldb) {
		__m512 left = _mm512_loadu_ps(b), right;

		if (wide)
			right = _mm512_loadu_ps(b + 16);
		UNROLL
		for (int i = 0; i < rows; i++) {
			__m512 x = _mm512_set1_ps(a[(size_t)i * a_row]);

			s->low[i] = _mm512_fmadd_ps(x, left, s->low[i]);
			if (wide)
				s->high[i] = _mm512_fmadd_ps(x, right, s->high[i]);
		}
	}
}

/* What the last stretch of k has to do besides. */
INLINE void finish(const struct gemm *g, const struct cut *t, const int rows, const bool wide,
		   const bool whole, struct sums *s)
{
	if (g->relu) {
		UNROLL
		for (int i = 0; i < rows; i++) {
			s->low[i] = relu(s->low[i]);
			if (wide)
				s->high[i] = relu(s->high[i]);
		}
	}
	if (!t->live)
		return;
	UNROLL
	for (int i = 0; i < rows; i++) {
		const float *live = t->live + (size_t)i * g->ld_live;

		s->low[i] = lived(live, whole, t->low, s->low[i]);
		if (wide)
			s->high[i] = lived(live + 16, whole, t->high, s->high[i]);
	}
}

INLINE void block(const struct gemm *g, const struct cut *t, size_t j, const int rows,
		  const bool wide, const bool whole)
{
	struct sums s;

	begin(g, t, j, rows, wide, whole, &s);
	multiply(g, t, rows, wide, &s);
	if (t->last)
		finish(g, t, rows, wide, whole, &s);
	UNROLL
	for (int i = 0; i < rows; i++) {
		float *c = t->c + (size_t)i * g->ldc;

		store(c, whole, t->low, s.low[i]);
		if (wide)
			store(c + 16, whole, t->high, s.high[i]);
	}
}

#define BLOCK(rows, name, wide)                                                      \
	TARGET static void name(const struct gemm *g, const struct cut *t, size_t j) \
	{                                                                            \
		if (t->whole)                                                        \
			block(g, t, j, rows, wide, true);                            \
		else                                                                 \
			block(g, t, j, rows, wide, false);                           \
	}

BLOCK(12, wide_12, true)
BLOCK(8, wide_8, true)
BLOCK(4, wide_4, true)
BLOCK(1, wide_1, true)
BLOCK(12, narrow_12, false)
BLOCK(4, narrow_4, false)
BLOCK(1, narrow_1, false)

/* How many rows the next block takes, and which block that is. */
static size_t next(size_t left, bool wide,
		   void (**fn)(const struct gemm *, const struct cut *, size_t))
{
	if (left >= 12) {
		*fn = wide ? wide_12 : narrow_12;
		return 12;
	}
	if (left >= 8 && wide) {
		*fn = wide_8;
		return 8;
	}
	if (left >= 4) {
		*fn = wide ? wide_4 : narrow_4;
		return 4;
	}
	*fn = wide ? wide_1 : narrow_1;
	return 1;
}

static __mmask16 first_lanes(size_t n)
{
	return n >= 16 ? 0xffff : (__mmask16)((1u << n) - 1);
}

/*
 * A panel of 32 columns side by side, 0 where there are fewer. Where rows are a power of two of bytes apart, its
 * lines share few sets of the first cache and drive each other out before the next block of rows reads them again.
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
		size_t left = g->n - j;
		struct cut t = { .b = g->b + p * g->ldb + j,
				 .k = k,
				 .ldb = g->ldb,
				 .low = first_lanes(left),
				 .high = left > 16 ? first_lanes(left - 16) : 0,
				 .whole = left >= WIDE || left == 16,
				 .first = p == 0,
				 .last = p + k == g->k };

		if (g->m >= PACK_FROM || !t.whole)
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
