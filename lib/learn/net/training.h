/*
 * training.h - a trainer from within: lanes, their shards, and what they share. Private to
 * lib/learn/net.
 *
 * A gradient is n_params floats, then the sum of losses, then the sum of weights.
 */
#ifndef MICH_LEARN_NET_TRAINING_H
#define MICH_LEARN_NET_TRAINING_H

#include <stdatomic.h>

#include "lib/learn/net/pass.h"
#include "lib/learn/net/ranks_sum.h"
#include "lib/learn/net/resident.h"
#include "lib/learn/net/wiring.h"
#include "lib/learn/net/shuffle.h"
#include "lib/learn/net/touched.h"
#include "lib/learn/net/trainer.h"
#include "lib/learn/net/workers.h"

enum {
	TRAINING_TILE = 128,   /* rows that go through the net together */
	TRAINING_CHUNK = 1024, /* parameters whose squares are added together */
	TRAINING_LANES = 256,
};

/* Moments of the batch at one layer: of a batch norm. */
struct training_moments {
	float *mean, *var, *rstd; /* (units) */
	float *d_weight, *d_bias; /* (units) sums over the batch */
};

/* One thread's part. */
struct training_lane {
	struct pass *passes; /* (n_passes) one, or with batch norm one a shard */
	size_t n_passes;
	float **gradients; /* (n_gradients, n_params + 2) */
	size_t n_gradients;
	struct touched touched; /* rows of tables in them, one gradient's behind the other's */
	size_t *begins;		/* (n_gradients) where each one's begin there */
	struct touched *lists;	/* (n_gradients) room for them, one by one */
	float *sums;		/* (shards a lane, 2 * units_max) of batch norm */
	struct training_moments *moments; /* (wiring.n) */
};

struct trainer {
	struct trainer_options o;
	struct wiring wiring;
	struct workers *workers;
	struct training_lane *lanes;
	size_t n_lanes, shards_lane, shards; /* shards: of all ranks */
	size_t n_params, units_max;
	struct touched_plan plan;
	struct ranks_sum over; /* of more than one rank */
	struct segment {
		size_t offset, end;
		bool decayed;
	} * segments; /* (n_segments) the tensors of the parameters */
	size_t n_segments;
	float *moments[2];
	uint64_t steps;
	float *totals;	 /* (2 * units_max) of batch norm, of all ranks */
	double *squares; /* (chunks) of the gradient */
	size_t n_chunks;

	struct resident near; /* the rows of the data that was trained on last, */
	uint64_t near_epoch;  /* in that epoch */

	/* Of the step that runs. */
	const struct net_batch *batch;
	struct shuffle order;
	_Atomic size_t tiles; /* that lanes have taken; of NET_DETERMINISM_OFF */
	bool moved;	      /* the weights were changed */
	int rc;		      /* of the team; set by lane 0 */
	struct net_report report;

	/* Of the evaluation that runs. */
	struct resident data;
	size_t first, rows;
	struct loss_sum *sums; /* (tiles) */
	float *predictions;
};

/* The gradient of the lane's shards, into its gradients[0]. Every lane calls it. */
void training_gradient(struct trainer *t, size_t lane);

/* v[0] = the sum of v[0] to v[n - 1], added pairwise, of elements from to end - 1. */
void training_pairs(float *const *v, size_t n, size_t from, size_t end);

/*
 * The same of the gradients v (n): whole, and of tables that go by rows those of lists (n), which are then zero
 * in all but v[0].
 */
void training_sum(const struct trainer *t, float *const *v, const struct touched *lists, size_t n,
		  struct touched_range range);

#endif
