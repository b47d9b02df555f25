/*
 * net_engine.h - what a training's sums are done by: the trainer of the CPU (lib/learn/net/trainer.h), or
 * that of a GPU (lib/learn/cuda/gpu_trainer.h), behind one table. One that does its steps later (flush is
 * not NULL) reports them later, and has its own copy of the weights (pull and push are not NULL).
 */
#ifndef MICH_LEARN_NET_ENGINE_H
#define MICH_LEARN_NET_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/learn/net/trainer.h"
#include "lib/learn/net_params.h"

struct team;

struct net_engine_options {
	struct trainer_options trainer; /* its team is the engine's to fill in */
	enum net_math math;
	struct team *team; /* borrowed; NULL: one rank */
};

/* How rows came to where they are computed with. */
struct net_traffic {
	uint64_t resident_bytes; /* rows that lie there */
	uint64_t
		remote_bytes; /* rows that did not fit, and are read from the host at every epoch */
	uint64_t sent_bytes;  /* rows that were sent, in all */
	uint64_t control_bytes; /* sent to say which rows come next */
};

struct net_engine {
	const char *name;    /* "cpu", "cuda" */
	const char *program; /* "mich-net" */

	/*
	 * As trainer_open. ERR_INPUT: it has no such math; ERR_ENGINE: there is nothing to run on;
	 * ERR_INTERRUPT: another rank has failed.
	 */
	int (*open)(const struct net_shape *shape, struct net_weights *weights,
		    const struct net_engine_options *o, void **out);
	void (*close)(void *trainer); /* NULL is fine */

	/* One step. out: of steps that were not reported yet, the mean over their rows; weight 0: none. */
	int (*step)(void *trainer, const struct net_batch *b, struct net_report *out);
	int (*flush)(void *trainer,
		     struct net_report *out); /* of all steps so far; NULL: none is ever left */
	int (*evaluate)(void *trainer, const struct net_data *d, size_t first, size_t rows,
			double *loss, double *weight, float *predictions);

	/* The moments, borrowed; weights and moments are on the host then, after all steps so far. */
	int (*pull)(void *trainer, struct trainer_state *out);
	int (*push)(
		void *trainer); /* what was written to them counts from here on; NULL: it does at once */

	/* NULL: nothing is sent anywhere. */
	void (*traffic)(const void *trainer, struct net_traffic *out);
	/* What there is to run on, also where that is nothing: an object of its own; NULL: it says nothing. */
	json_t *(*describe)(void);

	/* What it runs on, {"device":"NVIDIA H100 80GB HBM3",...}, for the record; NULL: others tell. */
	json_t *(*used)(const void *trainer);
};

extern const struct net_engine net_engine_cpu;

#endif
