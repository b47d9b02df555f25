/* order.h - rows put in order by a number, equal ones as they stood. */
#ifndef MICH_MEASURE_METRIC_ORDER_H
#define MICH_MEASURE_METRIC_ORDER_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A number as a key that sorts as it does; -0 is 0, NaN comes last. */
static inline uint64_t order_key_double(double v)
{
	uint64_t bits;

	v = v != v ? (double)NAN : v + 0.0;
	memcpy(&bits, &v, sizeof bits);
	if (v != v)
		return UINT64_MAX;
	return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static inline double order_double(uint64_t key)
{
	uint64_t bits = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
	double v;

	memcpy(&v, &bits, sizeof v);
	return v;
}

static inline uint64_t order_key_int(int64_t v)
{
	return (uint64_t)v ^ UINT64_C(1) << 63;
}

static inline int64_t order_int(uint64_t key)
{
	return (int64_t)(key ^ UINT64_C(1) << 63);
}

/* out[n]: positions of key by ascending key, equal keys by position (radix). ERR_FAIL: no memory. */
int order_by(const uint64_t *key, size_t n, uint32_t *out);

#endif
