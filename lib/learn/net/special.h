/*
 * special.h - exp, tanh and erf of a float without branches, and gelu. They use nothing but additions,
 * products and divisions, so every device gives the same bits where nothing is contracted.
 */
#ifndef MICH_LEARN_NET_SPECIAL_H
#define MICH_LEARN_NET_SPECIAL_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "lib/model/net/net_kinds.h"

/* e^x by 2^n times a polynomial (Cephes' expf); 0 and infinity are not reached. */
NET_INLINE float special_exp(float x)
{
	float n, r, p;
	int32_t bits;

	x = x > 88 ? 88 : x;
	x = x < -87 ? -87 : x;
	n = x * 1.44269504088896341f + 12582912.0f; /* 1.5 * 2^23: rounds to a whole number */
	n -= 12582912.0f;
	r = x - n * 0.693359375f;
	r = r - n * -2.12194440e-4f;
	p = 1.9875691500e-4f;
	p = p * r + 1.3981999507e-3f;
	p = p * r + 8.3334519073e-3f;
	p = p * r + 4.1665795894e-2f;
	p = p * r + 1.6666665459e-1f;
	p = p * r + 5.0000001201e-1f;
	p = p * r * r + r + 1;
	bits = ((int32_t)n + 127) * (1 << 23);
	memcpy(&n, &bits, sizeof n);
	return p * n;
}

NET_INLINE float special_tanh(float x)
{
	float t = fabsf(x), s = x * x, p, far;

	p = -5.70498872745e-3f;
	p = p * s + 2.06390887954e-2f;
	p = p * s - 5.37397155531e-2f;
	p = p * s + 1.33314422036e-1f;
	p = p * s - 3.33332819422e-1f;
	p = p * s * x + x;
	far = copysignf(1 - 2 / (special_exp(2 * t) + 1), x);
	return t < 0.625f ? p : x != x ? x : far;
}

/* 1 - e^polynomial beyond 0.92, an odd polynomial below. */
NET_INLINE float special_erf(float x)
{
	float t = fabsf(x), s = x * x, p, q;

	q = -1.72853470e-5f * t + 3.83197126e-4f;
	q = q * s + (-3.88396438e-3f * t + 2.42546219e-2f);
	q = q * t - 1.06777877e-1f;
	q = q * t - 6.34846687e-1f;
	q = q * t - 1.28717512e-1f;
	q = q * t - t;
	q = t > 4 ? -20 : q;
	q = copysignf(1 - special_exp(q), x);
	p = -5.96761703e-4f;
	p = p * s + 4.99119423e-3f;
	p = p * s - 2.67681349e-2f;
	p = p * s + 1.12819925e-1f;
	p = p * s - 3.76125336e-1f;
	p = p * s + 1.28379166e-1f;
	p = p * x + x;
	return t > 0.921875f ? q : p;
}

NET_INLINE float special_gelu(float z)
{
	return z * 0.5f * (1 + special_erf(z * 0.70710678118654752f));
}

/* 1 / sqrt(2 pi) is the bell's height. */
NET_INLINE float special_gelu_slope(float z)
{
	return 0.5f * (1 + special_erf(z * 0.70710678118654752f)) +
	       z * 0.39894228040143268f * special_exp(-0.5f * z * z);
}

#endif
