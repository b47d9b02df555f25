/* optimizer.c - the optimisers. The Makefile lets the compiler turn their loops into vectors. */
#include "lib/learn/net/optimizer.h"

#include <math.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/net/clones.h"
#include "lib/learn/net/words.h"

static const char *const NAMES[] = { "sgd", "adam", "adamw" };

int optimizer_parse(const char *name, enum optimizer_kind *out)
{
	int i, rc = words_parse("optimizer", NAMES, ARRAY_LEN(NAMES), name, &i);

	if (!rc)
		*out = (enum optimizer_kind)i;
	return rc;
}

const char *optimizer_name(enum optimizer_kind k)
{
	return NAMES[k];
}

int optimizer_moments(const struct optimizer_options *o)
{
	return o->kind != OPTIMIZER_SGD ? 2 : o->momentum > 0;
}

int optimizer_check(const struct optimizer_options *o)
{
	if (!(o->momentum >= 0 && o->momentum < 1))
		return error_set(ERR_INPUT, "a momentum of %g: want 0 to below 1", o->momentum);
	if (!(o->beta1 >= 0 && o->beta1 < 1 && o->beta2 >= 0 && o->beta2 < 1))
		return error_set(ERR_INPUT, "betas of %g and %g: want 0 to below 1", o->beta1,
				 o->beta2);
	if (!(o->epsilon >= 0 && o->weight_decay >= 0 && o->l1 >= 0 && o->l2 >= 0 && o->clip >= 0))
		return error_set(ERR_INPUT,
				 "epsilon, weight decay, l1, l2 or clip is negative or no number");
	return 0;
}

/* The numbers of a pass, of which a loop needs no struct. */
struct pass {
	float lr, scale, keep, l1, l2; /* keep: what decoupled decay leaves of a weight */
	float momentum, beta1, beta2;
	float root, epsilon; /* root: 1 / sqrt(1 - beta2^t) */
};

static inline float signed_one(float x)
{
	return (float)((x > 0) - (x < 0));
}

CLONED(sgd, (const struct pass *restrict s, float *restrict p, const float *restrict g, size_t n),
       (s, p, g, n))
{
	for (size_t i = 0; i < n; i++)
		p[i] -= s->lr * (g[i] * s->scale + s->l2 * p[i] + s->l1 * signed_one(p[i]));
}

CLONED(momentum,
       (const struct pass *restrict s, float *restrict p, const float *restrict g,
	float *restrict m, size_t n),
       (s, p, g, m, n))
{
	for (size_t i = 0; i < n; i++) {
		m[i] = s->momentum * m[i] +
		       (g[i] * s->scale + s->l2 * p[i] + s->l1 * signed_one(p[i]));
		p[i] -= s->lr * m[i];
	}
}

CLONED(adam,
       (const struct pass *restrict s, float *restrict p, const float *restrict g,
	float *restrict m, float *restrict v, size_t n),
       (s, p, g, m, v, n))
{
	for (size_t i = 0; i < n; i++) {
		float d = g[i] * s->scale + s->l2 * p[i] + s->l1 * signed_one(p[i]);

		m[i] = s->beta1 * m[i] + (1 - s->beta1) * d;
		v[i] = s->beta2 * v[i] + (1 - s->beta2) * d * d;
		p[i] = s->keep * p[i] - s->lr * m[i] / (sqrtf(v[i]) * s->root + s->epsilon);
	}
}

static struct pass adam_pass(const struct optimizer_options *o, const struct optimizer_step *s,
			     bool decayed)
{
	float beta1 = o->beta1 > 0 ? o->beta1 : 0.9f, beta2 = o->beta2 > 0 ? o->beta2 : 0.999f;
	bool apart = o->kind == OPTIMIZER_ADAMW;
	double t = (double)s->count;

	return (struct pass){
		.lr = (float)(s->lr / (1 - pow(beta1, t))),
		.scale = s->scale,
		.keep = decayed && apart ? 1 - s->lr * o->weight_decay : 1,
		.l1 = decayed ? o->l1 : 0,
		.l2 = decayed ? o->l2 + (apart ? 0 : o->weight_decay) : 0,
		.beta1 = beta1,
		.beta2 = beta2,
		.root = (float)(1 / sqrt(1 - pow(beta2, t))),
		.epsilon = o->epsilon > 0 ? o->epsilon : 1e-8f,
	};
}

void optimizer_apply(const struct optimizer_options *o, const struct optimizer_step *s,
		     bool decayed, float *p, const float *g, float *m, float *v, size_t n)
{
	struct pass pass = { .lr = s->lr,
			     .scale = s->scale,
			     .l1 = decayed ? o->l1 : 0,
			     .l2 = decayed ? o->l2 + o->weight_decay : 0,
			     .momentum = o->momentum };

	if (o->kind != OPTIMIZER_SGD) {
		pass = adam_pass(o, s, decayed);
		adam(&pass, p, g, m, v, n);
	} else if (o->momentum > 0) {
		momentum(&pass, p, g, m, n);
	} else {
		sgd(&pass, p, g, n);
	}
}
