/* mlp-avx512.c - sixteen floats a register. */
#include "lib/model/net/mlp_plan.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define KERNEL mlp_avx512
#define KERNEL_NAME "avx512"
#define TARGET __attribute__((target("avx512f,avx512dq,avx2,fma")))

#define V __m512
#define VI ints
#define LANES 16
#define UNITS 8
#define PANELS 8

#define LOAD(p) _mm512_loadu_ps(p)
#define STORE(p, v) _mm512_storeu_ps(p, v)
#define SET(f) _mm512_set1_ps(f)
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define FMA_1(a, b, c) _mm_cvtss_f32(_mm_fmadd_ss(_mm_set_ss(a), _mm_set_ss(b), _mm_set_ss(c)))
#define MAX(a, b) _mm512_max_ps(a, b)
#define MIN(a, b) _mm512_min_ps(a, b)
#define SQRT(v) _mm512_sqrt_ps(v)
#define SQRT_1(v) _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(v)))
#define BITS(v) ((ints)(v))
#define FLOATS(i) ((__m512)(i))
#define SHIFT(i, n) ((i) << (n))
#define BELOW(a, b) ((ints)((a) < (b)))

typedef int32_t ints __attribute__((vector_size(64)));

static bool usable(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
}

#include "lib/model/net/mlp_kernel.h"
#else
static bool usable(void)
{
	return false;
}

const struct mlp_kernel mlp_avx512 = { .name = "avx512", .usable = usable };
#endif
