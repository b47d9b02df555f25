/* net_start.h - the weights before the first step: by chance and the data, or another model's. */
#ifndef MICH_LEARN_NET_START_H
#define MICH_LEARN_NET_START_H

#include "lib/learn/matrix.h"
#include "lib/learn/net_params.h"
#include "lib/model/net/net_weights.h"

/* The train split as the trainer reads it; borrowed from m. */
struct net_data net_start_data(const struct matrix *m, enum matrix_part part);

/*
 * Scales of inputs and target from the train split, random layers, and an output that says the base
 * rate at once. A linear model starts from 0, with a number a category and output.
 */
void net_start(const struct net_params *p, const struct net_shape *shape, const struct matrix *m,
	       uint64_t seed, struct net_weights *w);

/*
 * Weights of the classes as the loss wants them, (classes) the caller's to free; NULL: all 1.
 * balanced: rows / (classes * rows of the class), as scikit-learn.
 */
int net_start_classes(const struct net_params *p, const struct matrix *m, float **out);

#endif
