/*
 * trainer.h - train a net: a batch forward and backward, sums in a fixed order, one step of the
 * optimiser. CPU; the CUDA twin follows the same order of operations.
 *
 * A step's batch is cut into shards. A shard is one thread's work; its gradient does not depend on
 * who computes it. Gradients of shards are added pairwise by a binary tree, first within a rank, then
 * over the ranks. Losses and gradients are sums of weighted rows on that way and are divided by the
 * batch's weight at the end: the mean of the batch, whatever its last shard holds.
 *
 * The same bits come out for the same shape, options, seed, data, ranks and threads
 * (NET_DETERMINISM_RUN: a shard a thread) or for every number of ranks and threads
 * (NET_DETERMINISM_WORLD: `shards` of them). Products are summed in the order of their index with
 * fused multiply-add (gemm.h), so AVX2 and AVX-512 agree too.
 */
#ifndef MICH_LEARN_NET_TRAINER_H
#define MICH_LEARN_NET_TRAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/learn/net/loss.h"
#include "lib/learn/net/optimizer.h"
#include "lib/model/net/net_shape.h"
#include "lib/model/net/net_weights.h"

/*
 * run: the same bits for the same ranks and threads; world: for every number of them; off: threads take
 * tiles of rows as they become free, so nobody waits for one whose core is busy with something else. Of a net
 * with batch norm, whose layers wait for all rows anyway, off is run.
 */
enum net_determinism { NET_DETERMINISM_RUN, NET_DETERMINISM_WORLD, NET_DETERMINISM_OFF };

/* The rows of a split. All borrowed. */
struct net_data {
	const float *x; /* (rows, inputs) row-major; NaN is missing, categories are codes */
	const float
		*y; /* (rows) the value, or the class from 0; NULL only where nothing is learnt */
	const float *w; /* (rows) or NULL: all 1 */
	size_t rows, inputs;
};

struct team_common;

/*
 * The other ranks. sum: replace v (n) on every rank by the sum over the ranks, added pairwise by a
 * binary tree in the order of the ranks ((0+1)+(2+3)): the same bits everywhere. Called by the thread
 * that called trainer_step, as often on every rank. A negative code ends the step with it. So are these, all of which
 * are there or none: gather, every rank's own stretch of bytes to all (team_gather of lib/learn/team/team.h); common,
 * memory that ranks of one machine all have (team_common.h there); meet, which returns when all ranks have come to it.
 */
struct net_team {
	int rank, ranks;
	int (*sum)(void *payload, float *v, size_t n); /* may be NULL with one rank */
	int (*gather)(void *payload, void *bytes, const size_t *at);
	int (*common)(void *payload, size_t bytes, int spare, struct team_common *out);
	int (*meet)(void *payload);
	void *payload;
};

struct trainer_options {
	int threads; /* 0: as many as this process may use */
	uint64_t seed;
	enum net_determinism determinism;
	size_t shards; /* of NET_DETERMINISM_WORLD: a power of two that the ranks divide; 0: 64 */
	size_t batch;  /* rows of the largest batch, all ranks together */
	struct loss_options loss;
	struct optimizer_options optimizer;
	struct net_team team; /* zeroed: one rank */
};

/* Rows first to first + rows - 1 of an epoch's order; the same on every rank. */
struct net_batch {
	const struct net_data *data;
	uint64_t epoch;
	size_t first, rows;
	bool shuffled; /* in the order that (seed, epoch) gives: shuffle.h; else as they lie */
	float lr;
};

struct net_report {
	double loss;   /* weighted mean over the batch, without penalties, of the scaled target */
	double weight; /* of the batch */
	double norm;   /* of the gradient before clipping; 0 where there is no clipping */
	bool finite;   /* loss and gradient are; the weights were not touched otherwise */
};

struct trainer;

/* Of NET_DETERMINISM_WORLD, where options do not say. */
enum { NET_WORLD_SHARDS = 64 };

/*
 * weights is borrowed and changed in place by steps: parameters, and the running mean and variance
 * of batch norms. input.* and target.* are to be set before (trainer_fit_inputs). ERR_INPUT: options that
 * do not fit the shape; ERR_FAIL: no memory, no threads.
 */
int trainer_open(const struct net_shape *shape, struct net_weights *weights,
		 const struct trainer_options *o, struct trainer **out);
void trainer_close(struct trainer *t);

/*
 * Random weights of variance 1 / width (LeCun et al. 1998), of tanh by Glorot and Bengio (2010); the same
 * for a seed. Measured beside He at equal epochs: not worse, and sooner good.
 */
void trainer_init_weights(const struct net_shape *shape, uint64_t seed, struct net_weights *w);

/*
 * input.mean and input.scale (1 / standard deviation; 1 where a column is constant) over the rows
 * that are not missing, and target.mean and target.scale of an identity head. Row weights do not count.
 */
void trainer_fit_inputs(const struct net_shape *shape, const struct net_data *d,
			struct net_weights *w);

/*
 * One step. The rows of b->data stay as they are until the trainer is closed: of a large table it keeps a copy
 * from the second epoch on (resident.h). Labels are the caller's to check, once (loss_check_labels). ERR_INPUT: a
 * batch larger than options.batch, rows or inputs that there are not; else what the team gave.
 */
int trainer_step(struct trainer *t, const struct net_batch *b, struct net_report *out);

/*
 * Loss and predictions of rows first to first + rows - 1 with the weights as they are (running
 * statistics, no dropout). loss is the sum of weighted losses and weight that of weights: divide when
 * all parts are added. predictions (rows, outputs): what the head gives; NULL: not wanted. The same
 * bits for any number of threads.
 */
int trainer_evaluate(struct trainer *t, const struct net_data *d, size_t first, size_t rows,
		     double *loss, double *weight, float *predictions);

/*
 * What a checkpoint needs beside the weights: the optimiser's moments, each as long as the
 * parameters, and its count of steps. Borrowed; may be written to between steps.
 */
struct trainer_state {
	float *moments[2]; /* NULL where the optimiser has none */
	size_t n;	   /* floats of each */
	uint64_t *steps;
};
void trainer_state(struct trainer *t, struct trainer_state *out);

/* The gradient of the last step, as it was before clipping: for tests. (n_params) borrowed. */
const float *trainer_gradient(const struct trainer *t);

#endif
