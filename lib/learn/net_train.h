/* net_train.h - train a net from a matrix: the learners `net` and `linear`. */
#ifndef MICH_LEARN_NET_TRAIN_H
#define MICH_LEARN_NET_TRAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/learn/brief.h"
#include "lib/learn/net_engine.h"
#include "lib/learn/partitions.h"

/* Where a training is: at its start, then now and then, and after each epoch. Borrowed for the call. */
struct net_progress {
	int64_t step, steps; /* steps: where nothing stops it early */
	int64_t epoch, epochs;
	double loss;	    /* of the epoch so far */
	const char *metric; /* "validation.rmse"; NULL: nothing yet */
	double value;
	int64_t best; /* the epoch with the best validation loss, 0: none */
	double rows_per_s;
	double seconds, left;
	bool resumed; /* it goes on from a checkpoint */
	bool first;   /* this is rank 0 */
};

struct net_hooks {
	void (*on_progress)(void *payload, const struct net_progress *p);
	/* With partitions, once the net over all rows is there; one at a time, from any thread. */
	void (*on_partition)(void *payload, const struct partitions_progress *p);
	void (*on_warning)(void *payload, const char *text);
	/* Something to know, for the log; of rank 0 alone. */
	void (*on_note)(void *payload, const char *text);
	/* The reason is set; the other ranks are told after this and end. May be NULL. */
	void (*on_failure)(void *payload);
	/* Asked after each step: is a checkpoint wanted now? May be NULL. */
	bool (*wants_checkpoint)(void *payload);
	/* Asked after each step: shall it end now, its work kept for whoever goes on? May be NULL. */
	bool (*wants_end)(void *payload);
	void *payload;
};

/*
 * Train as the brief says and write OUT/weights.safetensors and OUT/net.json, the net's shape; the
 * learning curve goes to the brief's events. The weights are those of the epoch with the best
 * validation loss where early stopping is on; the curve then ends with that epoch's figures again.
 * The same matrix, parameters, seed, threads and ranks give the same bytes, also where the run was
 * killed on the way and goes on from its checkpoint. ERR_BUSY: it was told to end and has kept one; rank 0
 * alone hears, and the others fall over it. Every rank of a team calls it; rank 0 writes.
 * Of a matrix with partitions that is the parent, in OUT/parent, and partitions.h says what more.
 */
int net_train(const struct brief *b, bool linear, const struct net_engine *engine,
	      const struct net_hooks *hooks);

#endif
