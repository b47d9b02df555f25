/* mlp-scalar.c - a number at a time: the reference, and what other processors run. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define KERNEL mlp_scalar
#define KERNEL_NAME "scalar"
#define TARGET

#define V float
#define VI int32_t
#define LANES 1
#define UNITS 4
#define PANELS 1

#define LOAD(p) (*(p))
#define STORE(p, v) (*(p) = (v))
#define SET(f) ((float)(f))
#define FMA(a, b, c) fmaf(a, b, c)
#define FMA_1(a, b, c) fmaf(a, b, c)
#define MAX(a, b) larger(a, b)
#define MIN(a, b) smaller(a, b)
#define SQRT(v) sqrtf(v)
#define SQRT_1(v) sqrtf(v)
#define BITS(v) bits_of(v)
#define FLOATS(i) float_of(i)
#define SHIFT(i, n) ((int32_t)((uint32_t)(i) << (n)))
#define BELOW(a, b) (-(int32_t)((a) < (b)))

static inline float larger(float a, float b)
{
	return a > b ? a : b;
}

static inline float smaller(float a, float b)
{
	return a < b ? a : b;
}

static inline int32_t bits_of(float v)
{
	int32_t i;

	memcpy(&i, &v, sizeof i);
	return i;
}

static inline float float_of(int32_t i)
{
	float v;

	memcpy(&v, &i, sizeof v);
	return v;
}

static bool usable(void)
{
	return true;
}

#include "lib/model/net/mlp_kernel.h"
