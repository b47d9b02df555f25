/*
 * activation.h - activations of a block of rows and what they do to a gradient. gelu is
 * z (1 + erf(z / sqrt 2)) / 2, by polynomials that are within some 5e-7.
 */
#ifndef MICH_LEARN_NET_ACTIVATION_H
#define MICH_LEARN_NET_ACTIVATION_H

#include <stddef.h>

#include "lib/model/net/net_shape.h"

/* a (n) = activation(z (n)); may be the same array. */
void activation_forward(enum net_activation kind, const float *z, float *a, size_t n);

/*
 * d (n), the gradient by a, becomes that by z. a: what came out, times a_scale where something scaled
 * it since (relu, tanh); z: what went in (gelu).
 */
void activation_backward(enum net_activation kind, const float *z, const float *a, float a_scale,
			 float *d, size_t n);

#endif
