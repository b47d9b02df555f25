/* optimizer_terms.h - how one weight moves: what optimizer.h says, for every device. */
#ifndef MICH_LEARN_NET_OPTIMIZER_TERMS_H
#define MICH_LEARN_NET_OPTIMIZER_TERMS_H

#include <math.h>

#include "lib/model/net/net_kinds.h"

struct optimizer_terms {
	float lr, scale, keep, l1, l2; /* keep: what decoupled decay leaves of a weight */
	float momentum, beta1, beta2;
	float root, epsilon; /* root: 1 / sqrt(1 - beta2^t) */
};

/* The gradient with its penalties. */
NET_INLINE float optimizer_slope(const struct optimizer_terms *s, float p, float g)
{
	return g * s->scale + s->l2 * p + s->l1 * (float)((p > 0) - (p < 0));
}

NET_INLINE void optimizer_sgd(const struct optimizer_terms *s, float *p, float g)
{
	*p -= s->lr * optimizer_slope(s, *p, g);
}

NET_INLINE void optimizer_momentum(const struct optimizer_terms *s, float *p, float g, float *m)
{
	*m = s->momentum * *m + optimizer_slope(s, *p, g);
	*p -= s->lr * *m;
}

NET_INLINE void optimizer_adam(const struct optimizer_terms *s, float *p, float g, float *m,
			       float *v)
{
	float d = optimizer_slope(s, *p, g);

	*m = s->beta1 * *m + (1 - s->beta1) * d;
	*v = s->beta2 * *v + (1 - s->beta2) * d * d;
	*p = s->keep * *p - s->lr * *m / (sqrtf(*v) * s->root + s->epsilon);
}

#endif
