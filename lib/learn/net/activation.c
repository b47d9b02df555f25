/* activation.c - activations as loops without branches. */
#include "lib/learn/net/activation.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "lib/learn/net/clones.h"

/* e^x by 2^n times a polynomial (Cephes' expf); 0 and infinity are not reached. */
CLONE_INLINE float exp_of(float x)
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

CLONE_INLINE float tanh_of(float x)
{
	float t = fabsf(x), s = x * x, p, far;

	p = -5.70498872745e-3f;
	p = p * s + 2.06390887954e-2f;
	p = p * s - 5.37397155531e-2f;
	p = p * s + 1.33314422036e-1f;
	p = p * s - 3.33332819422e-1f;
	p = p * s * x + x;
	far = copysignf(1 - 2 / (exp_of(2 * t) + 1), x);
	return t < 0.625f ? p : x != x ? x : far;
}

/* 1 - e^polynomial beyond 0.92, an odd polynomial below. */
CLONE_INLINE float erf_of(float x)
{
	float t = fabsf(x), s = x * x, p, q;

	q = -1.72853470e-5f * t + 3.83197126e-4f;
	q = q * s + (-3.88396438e-3f * t + 2.42546219e-2f);
	q = q * t - 1.06777877e-1f;
	q = q * t - 6.34846687e-1f;
	q = q * t - 1.28717512e-1f;
	q = q * t - t;
	q = t > 4 ? -20 : q;
	q = copysignf(1 - exp_of(q), x);
	p = -5.96761703e-4f;
	p = p * s + 4.99119423e-3f;
	p = p * s - 2.67681349e-2f;
	p = p * s + 1.12819925e-1f;
	p = p * s - 3.76125336e-1f;
	p = p * s + 1.28379166e-1f;
	p = p * x + x;
	return t > 0.921875f ? q : p;
}

#define ROOT_HALF 0.70710678118654752f
#define BELL 0.39894228040143268f /* 1 / sqrt(2 pi) */

CLONED(relu, (const float *z, float *a, size_t n), (z, a, n))
{
	for (size_t i = 0; i < n; i++)
		a[i] = z[i] < 0 ? 0 : z[i];
}

CLONED(gelu, (const float *z, float *a, size_t n), (z, a, n))
{
	for (size_t i = 0; i < n; i++)
		a[i] = z[i] * 0.5f * (1 + erf_of(z[i] * ROOT_HALF));
}

CLONED(tangent, (const float *z, float *a, size_t n), (z, a, n))
{
	for (size_t i = 0; i < n; i++)
		a[i] = tanh_of(z[i]);
}

CLONED(relu_back, (const float *restrict a, float *restrict d, size_t n), (a, d, n))
{
	for (size_t i = 0; i < n; i++)
		d[i] = a[i] > 0 ? d[i] : 0;
}

CLONED(gelu_back, (const float *restrict z, float *restrict d, size_t n), (z, d, n))
{
	for (size_t i = 0; i < n; i++) {
		float x = z[i];

		d[i] *= 0.5f * (1 + erf_of(x * ROOT_HALF)) + x * BELL * exp_of(-0.5f * x * x);
	}
}

CLONED(tangent_back, (const float *restrict a, float scale, float *restrict d, size_t n),
       (a, scale, d, n))
{
	for (size_t i = 0; i < n; i++) {
		float t = a[i] * scale;

		d[i] *= 1 - t * t;
	}
}

void activation_forward(enum net_activation kind, const float *z, float *a, size_t n)
{
	if (kind == NET_RELU)
		relu(z, a, n);
	else if (kind == NET_GELU)
		gelu(z, a, n);
	else
		tangent(z, a, n);
}

void activation_backward(enum net_activation kind, const float *z, const float *a, float a_scale,
			 float *d, size_t n)
{
	if (kind == NET_RELU)
		relu_back(a, d, n);
	else if (kind == NET_GELU)
		gelu_back(z, d, n);
	else
		tangent_back(a, a_scale, d, n);
}
