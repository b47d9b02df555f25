/* gemm-avx512.c - blocks of 12 rows by 32 columns: 24 of the 32 registers hold sums. */
#include "lib/learn/net/gemm.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,fma")))
#define INLINE TARGET static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 12")

enum { ROWS = 12, LANES = 16 };

typedef __m512 vec;
typedef __mmask16 mask;

INLINE mask mask_first(size_t n)
{
	return n >= LANES ? 0xffff : (mask)((1u << n) - 1);
}

INLINE vec vec_zero(void)
{
	return _mm512_setzero_ps();
}

INLINE vec vec_spread(float x)
{
	return _mm512_set1_ps(x);
}

INLINE vec vec_load(const float *from)
{
	return _mm512_loadu_ps(from);
}

INLINE vec vec_load_some(const float *from, mask some)
{
	return _mm512_maskz_loadu_ps(some, from);
}

INLINE void vec_store(float *to, vec v)
{
	_mm512_storeu_ps(to, v);
}

INLINE void vec_store_some(float *to, mask some, vec v)
{
	_mm512_mask_storeu_ps(to, some, v);
}

INLINE vec vec_madd(vec a, vec b, vec c)
{
	return _mm512_fmadd_ps(a, b, c);
}

/* max gives its second operand where either is NaN. */
INLINE vec vec_relu(vec v)
{
	return _mm512_max_ps(_mm512_setzero_ps(), v);
}

INLINE vec vec_where_positive(vec live, vec v)
{
	return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(live, _mm512_setzero_ps(), _CMP_GT_OQ), v);
}

#include "lib/learn/net/gemm-blocks.h"

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
			lanes = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask_first(g->k - p), a + p),
						_mm512_load_ps(b + p), lanes);
		gemm_end_column(g, i, total(lanes));
	}
}

static void kernel(const struct gemm *g)
{
	gemm_is_column(g) ? column(g) : blocks_gemm(g);
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
