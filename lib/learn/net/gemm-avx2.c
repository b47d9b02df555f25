/* gemm-avx2.c - blocks of 6 rows by 16 columns: 12 of the 16 registers hold sums. */
#include "lib/learn/net/gemm.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx2,fma")))
#define INLINE TARGET static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 6")

enum { ROWS = 6, LANES = 8 };

typedef __m256 vec;
typedef __m256i mask; /* all bits set where there is one */

INLINE mask mask_first(size_t n)
{
	mask numbers = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);

	return _mm256_cmpgt_epi32(_mm256_set1_epi32(n < LANES ? (int)n : LANES), numbers);
}

INLINE vec vec_zero(void)
{
	return _mm256_setzero_ps();
}

INLINE vec vec_spread(float x)
{
	return _mm256_set1_ps(x);
}

INLINE vec vec_load(const float *from)
{
	return _mm256_loadu_ps(from);
}

INLINE vec vec_load_some(const float *from, mask some)
{
	return _mm256_maskload_ps(from, some);
}

INLINE void vec_store(float *to, vec v)
{
	_mm256_storeu_ps(to, v);
}

INLINE void vec_store_some(float *to, mask some, vec v)
{
	_mm256_maskstore_ps(to, some, v);
}

INLINE vec vec_madd(vec a, vec b, vec c)
{
	return _mm256_fmadd_ps(a, b, c);
}

/* max gives its second operand where either is NaN. */
INLINE vec vec_relu(vec v)
{
	return _mm256_max_ps(_mm256_setzero_ps(), v);
}

INLINE vec vec_where_positive(vec live, vec v)
{
	return _mm256_and_ps(v, _mm256_cmp_ps(live, _mm256_setzero_ps(), _CMP_GT_OQ));
}

#include "lib/learn/net/gemm-blocks.h"

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
			__m256i in_high = mask_first(left > 8 ? left - 8 : 0);

			low = _mm256_fmadd_ps(_mm256_maskload_ps(a + p, mask_first(left)),
					      _mm256_load_ps(b + p), low);
			high = _mm256_fmadd_ps(_mm256_maskload_ps(a + p + 8, in_high),
					       _mm256_load_ps(b + p + 8), high);
		}
		gemm_end_column(g, i, total(low, high));
	}
}

static void kernel(const struct gemm *g)
{
	gemm_is_column(g) ? column(g) : blocks_gemm(g);
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
