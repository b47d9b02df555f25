/* activation.c - activations as loops without branches. */
#include "lib/learn/net/activation.h"

#include "lib/learn/net/clones.h"
#include "lib/learn/net/special.h"

CLONED(relu, (const float *z, float *a, size_t n), (z, a, n))
{
	for (size_t i = 0; i < n; i++)
		a[i] = z[i] < 0 ? 0 : z[i];
}

CLONED(gelu, (const float *z, float *a, size_t n), (z, a, n))
{
	for (size_t i = 0; i < n; i++)
		a[i] = special_gelu(z[i]);
}

CLONED(tangent, (const float *z, float *a, size_t n), (z, a, n))
{
	for (size_t i = 0; i < n; i++)
		a[i] = special_tanh(z[i]);
}

CLONED(relu_back, (const float *restrict a, float *restrict d, size_t n), (a, d, n))
{
	for (size_t i = 0; i < n; i++)
		d[i] = a[i] > 0 ? d[i] : 0;
}

CLONED(gelu_back, (const float *restrict z, float *restrict d, size_t n), (z, d, n))
{
	for (size_t i = 0; i < n; i++)
		d[i] *= special_gelu_slope(z[i]);
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
