/*
 * wiring.h - a net as training walks it: where each layer's tensors lie, and copies of its weights as the
 * products want them. Private to lib/learn/net.
 */
#ifndef MICH_LEARN_NET_WIRING_H
#define MICH_LEARN_NET_WIRING_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/model/net/net_shape.h"
#include "lib/model/net/net_weights.h"

/* A linear layer and what follows it; the last one has nothing behind it. */
struct wiring_layer {
	size_t in, units;
	size_t ld_in, ld;    /* of its inputs and outputs: gemm_ld */
	size_t weight, bias; /* offsets in the parameters */
	size_t norm_weight, norm_bias;
	size_t mean, var; /* offsets in the stats; of batch norm */
	enum net_norm norm;
	enum net_activation activation;
	float dropout;
	bool last;
	float *tall; /* (in, units; ld) the weights transposed */
	float *wide; /* (units, in; ld_in) the weights */
};

struct wiring {
	const struct net_shape *shape;
	struct net_weights *weights;
	struct wiring_layer *layers; /* (n) hidden ones, then the output */
	size_t n;
	size_t *embeds;	  /* (n_embedded) offsets of the tables */
	size_t width, ld; /* of the first activations */
	size_t ld_max;
	const float *mean, *scale; /* (n_numeric) of inputs */
	const float *target;	   /* mean and scale; NULL: labels are taken as they are */
	float *copies;
	bool batch_norm; /* somewhere */
};

/* Both are borrowed. ERR_FAIL: no memory; wiring_clear in any case. */
int wiring_init(const struct net_shape *shape, struct net_weights *weights, struct wiring *out);
void wiring_clear(struct wiring *p);

/* Make the copies of part `part` of `parts` of each layer's weights. */
void wiring_refresh(struct wiring *p, size_t part, size_t parts);

#endif
