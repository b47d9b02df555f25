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

CLONED(sgd,
       (const struct optimizer_terms *restrict s, float *restrict p, const float *restrict g,
	size_t n),
       (s, p, g, n))
{
	for (size_t i = 0; i < n; i++)
		optimizer_sgd(s, &p[i], g[i]);
}

CLONED(momentum,
       (const struct optimizer_terms *restrict s, float *restrict p, const float *restrict g,
	float *restrict m, size_t n),
       (s, p, g, m, n))
{
	for (size_t i = 0; i < n; i++)
		optimizer_momentum(s, &p[i], g[i], &m[i]);
}

CLONED(adam,
       (const struct optimizer_terms *restrict s, float *restrict p, const float *restrict g,
	float *restrict m, float *restrict v, size_t n),
       (s, p, g, m, v, n))
{
	for (size_t i = 0; i < n; i++)
		optimizer_adam(s, &p[i], g[i], &m[i], &v[i]);
}

struct optimizer_terms optimizer_terms(const struct optimizer_options *o,
				       const struct optimizer_step *s, bool decayed)
{
	float beta1 = o->beta1 > 0 ? o->beta1 : 0.9f, beta2 = o->beta2 > 0 ? o->beta2 : 0.999f;
	bool apart = o->kind == OPTIMIZER_ADAMW;
	double t = (double)s->count;
	struct optimizer_terms terms = {
		.lr = s->lr,
		.scale = s->scale,
		.keep = decayed && apart ? 1 - s->lr * o->weight_decay : 1,
		.l1 = decayed ? o->l1 : 0,
		.l2 = decayed ? o->l2 + (apart ? 0 : o->weight_decay) : 0,
		.momentum = o->momentum,
		.beta1 = beta1,
		.beta2 = beta2,
		.epsilon = o->epsilon > 0 ? o->epsilon : 1e-8f,
	};

	if (o->kind != OPTIMIZER_SGD) {
		terms.lr = (float)(s->lr / (1 - pow(beta1, t)));
		terms.root = (float)(1 / sqrt(1 - pow(beta2, t)));
	}
	return terms;
}

void optimizer_apply(const struct optimizer_options *o, const struct optimizer_step *s,
		     bool decayed, float *p, const float *g, float *m, float *v, size_t n)
{
	struct optimizer_terms terms = optimizer_terms(o, s, decayed);

	if (o->kind != OPTIMIZER_SGD)
		adam(&terms, p, g, m, v, n);
	else if (o->momentum > 0)
		momentum(&terms, p, g, m, n);
	else
		sgd(&terms, p, g, n);
}
