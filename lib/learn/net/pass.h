/*
 * pass.h - some rows on their way through a net and back: what each layer keeps of them. One thread's.
 * Private to lib/learn/net.
 */
#ifndef MICH_LEARN_NET_PASS_H
#define MICH_LEARN_NET_PASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/learn/net/loss.h"
#include "lib/learn/net/resident.h"
#include "lib/learn/net/wiring.h"
#include "lib/learn/net/trainer.h"

/* (rows, ld) each; NULL where the layer has no use for it. */
struct pass_layer {
	float *z;	/* with a norm: the linear part, then that normalised */
	float *h;	/* with gelu: what goes into it */
	float *a;	/* what comes out */
	float *factors; /* of dropout */
	float *rstd;	/* (rows) of layer norm */
};

struct pass {
	const struct wiring *wiring;
	size_t rows, rows_max;
	uint64_t *ids;	/* (rows) of the data */
	uint64_t *next; /* (n_next) rows that come after these: fetched meanwhile */
	size_t n_next;
	size_t *codes; /* (rows, n_embedded) rows of the tables */
	float *x;      /* (rows, wiring->ld) the first activations */
	float *y, *w;  /* (rows) w_given: else all 1 */
	bool w_given;
	struct pass_layer *layers; /* (wiring->n) */
	float *d, *d_other;	   /* (rows, wiring->ld_max) the gradient, and room for the next */
	float *memory;
};

int pass_init(const struct wiring *wiring, size_t rows_max, struct pass *out);
void pass_clear(struct pass *p);

/* Read the rows of ids (rows, filled by the caller) from d: scaled, embedded. */
void pass_load(struct pass *p, const struct resident *d, size_t rows);

/*
 * Draw the rows `next` into the second cache. In a shuffled order no row is at hand; asked for now, all at once,
 * so that their pages are looked up beside one another, they are there when their turn comes.
 */
void pass_fetch(const struct pass *p, const struct resident *d);

/* The linear part of layer l, into z, h or a. */
void pass_linear(struct pass *p, size_t l);
/* Norm: by columns with mean and rstd (units) of batch norm, by rows for layer norm. */
void pass_norm(struct pass *p, size_t l, const float *mean, const float *rstd);
/* Activation, and dropout unless NULL. */
void pass_activate(struct pass *p, size_t l, const struct net_batch *b, const uint64_t *seed);

/* Backward: the last layer's outputs become their gradient. */
void pass_loss(struct pass *p, const struct loss_options *o, struct loss_sum *sum);
/* p->d, the gradient by layer l's outputs, becomes that by what its activation took. */
void pass_activate_back(struct pass *p, size_t l);
/* Adds to the gradient of the norm's weight and bias. */
void pass_norm_sums(struct pass *p, size_t l, float *d_weight, float *d_bias);
/* Through the norm; of batch norm with the sums over the batch's n rows. */
void pass_norm_back(struct pass *p, size_t l, const float *rstd, const float *d_weight,
		    const float *d_bias, float n);
/* Adds to the gradient (as the parameters) and leaves in p->d that by layer l - 1's outputs. */
void pass_linear_back(struct pass *p, size_t l, float *gradient);

#endif
