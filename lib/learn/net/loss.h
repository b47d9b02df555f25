/*
 * loss.h - what a net is trained to make small, and its gradient by the last layer's outputs.
 *
 * z is the row's last layer before the head, y its label (the scaled one, for an identity head):
 *
 *	mse      (z - y)^2
 *	mae      |z - y|
 *	huber    (z - y)^2 / 2 up to delta, delta (|z - y| - delta / 2) beyond (Huber 1964)
 *	binary   log(1 + e^z) - y z, y 0 or 1
 *	softmax  log(sum e^z) - z[y], y a class
 *	poisson  e^z - y z, y >= 0
 */
#ifndef MICH_LEARN_NET_LOSS_H
#define MICH_LEARN_NET_LOSS_H

#include <stddef.h>

#include "lib/learn/net/loss_row.h"
#include "lib/model/net/net_shape.h"

struct loss_options {
	enum loss_kind kind;
	float delta;		    /* of huber; 0: 1 */
	const float *class_weights; /* (classes) for binary (2) and softmax; borrowed; NULL: 1 */
};

/* "mse" "mae" "huber" "binary" "softmax" "poisson". ERR_INPUT lists them. */
int loss_parse(const char *name, enum loss_kind *out);
const char *loss_name(enum loss_kind k);
enum net_head loss_head(enum loss_kind k); /* that it is made for */

/* ERR_INPUT names the first label of y (n) that the loss cannot take. classes: of softmax. */
int loss_check_labels(const struct loss_options *o, size_t classes, const float *y, size_t n);

/* Sums over rows, added in their order. */
struct loss_sum {
	double loss, weight;
};

/*
 * z (rows, outputs) with ld floats from row to row becomes the gradient of the weighted sum of
 * losses; what the rows add up to is added to sum. w NULL: 1.
 */
void loss_backward(const struct loss_options *o, size_t outputs, float *z, size_t ld,
		   const float *y, const float *w, size_t rows, struct loss_sum *sum);

/* The same without a gradient. */
void loss_forward(const struct loss_options *o, size_t outputs, const float *z, size_t ld,
		  const float *y, const float *w, size_t rows, struct loss_sum *sum);

/* z (rows, outputs) becomes what the head gives. Softmax and logistic do not overflow. */
void loss_apply_head(enum net_head head, size_t outputs, float *z, size_t ld, size_t rows);

#endif
