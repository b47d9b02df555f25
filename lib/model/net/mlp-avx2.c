/* mlp-avx2.c - eight floats a register. */
#include "lib/model/net/mlp_plan.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define KERNEL mlp_avx2
#define KERNEL_NAME "avx2"
#define TARGET __attribute__((target("avx2,fma")))

#define V __m256
#define VI ints
#define LANES 8
#define UNITS 4
#define PANELS 4

#define LOAD(p) _mm256_loadu_ps(p)
#define STORE(p, v) _mm256_storeu_ps(p, v)
#define SET(f) _mm256_set1_ps(f)
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define FMA_1(a, b, c) _mm_cvtss_f32(_mm_fmadd_ss(_mm_set_ss(a), _mm_set_ss(b), _mm_set_ss(c)))
#define MAX(a, b) _mm256_max_ps(a, b)
#define MIN(a, b) _mm256_min_ps(a, b)
#define SQRT(v) _mm256_sqrt_ps(v)
#define SQRT_1(v) _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(v)))
#define BITS(v) ((ints)(v))
#define FLOATS(i) ((__m256)(i))
#define SHIFT(i, n) ((i) << (n))
#define BELOW(a, b) ((ints)((a) < (b)))

typedef int32_t ints __attribute__((vector_size(32)));

static bool usable(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

#include "lib/model/net/mlp_kernel.h"
#else
static bool usable(void)
{
	return false;
}

const struct mlp_kernel mlp_avx2 = { .name = "avx2", .usable = usable };
#endif
