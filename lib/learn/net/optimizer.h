/*
 * optimizer.h - from a gradient to new weights, in one pass over flat buffers.
 *
 *	sgd    m = momentum m + g;  p -= lr m                                   (as PyTorch: no dampening)
 *	adam   m, v, bias-corrected as Kingma and Ba (2015), algorithm 1, epsilon beside sqrt(v)
 *	adamw  the same, and p -= lr weight_decay p (Loshchilov and Hutter 2019)
 *
 * Of sgd and adam weight_decay is added to the gradient: weight_decay p. l2 is the same as weight_decay
 * there and is added for all three; l1 adds l1 sign(p). Clipping comes before all of these. Biases
 * and the weights of norms are not decayed.
 */
#ifndef MICH_LEARN_NET_OPTIMIZER_H
#define MICH_LEARN_NET_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/learn/net/optimizer_terms.h"

enum optimizer_kind { OPTIMIZER_SGD, OPTIMIZER_ADAM, OPTIMIZER_ADAMW };

struct optimizer_options {
	enum optimizer_kind kind;
	float momentum;	    /* sgd */
	float beta1, beta2; /* 0: 0.9, 0.999 */
	float epsilon;	    /* 0: 1e-8 */
	float weight_decay; /* per step, times lr for adamw */
	float l1, l2;
	float clip; /* largest norm of the gradient; 0: none */
};

/* "sgd" "adam" "adamw". ERR_INPUT lists them. */
int optimizer_parse(const char *name, enum optimizer_kind *out);
const char *optimizer_name(enum optimizer_kind k);
/* Moments that it keeps: 0, 1 or 2. */
int optimizer_moments(const struct optimizer_options *o);
/* ERR_INPUT: a negative rate, a momentum of 1. */
int optimizer_check(const struct optimizer_options *o);

struct optimizer_step {
	float lr;
	float scale;	/* the gradient is multiplied by it: 1 / weight, and clipping */
	uint64_t count; /* of steps, this one among them: from 1 */
};

/* The numbers of a step that a weight is changed with. */
struct optimizer_terms optimizer_terms(const struct optimizer_options *o,
				       const struct optimizer_step *s, bool decayed);

/* n weights at p, of one tensor or a part of one. g is left as it is. */
void optimizer_apply(const struct optimizer_options *o, const struct optimizer_step *s,
		     bool decayed, float *p, const float *g, float *m, float *v, size_t n);

#endif
