/*
 * desk.h - where requests are answered: Open Inference Protocol v2 (JSON and binary tensors), KServe
 * v1, MLflow's scoring server, health, /metrics. mich-serve-protocol(5) says what is answered to
 * what. One desk a worker thread: it keeps the memory that answers are made with, and is not shared.
 */
#ifndef MICH_SERVE_DESK_DESK_H
#define MICH_SERVE_DESK_DESK_H

#include <stddef.h>
#include <stdint.h>

#include "lib/serve/exchange.h"

struct fleet;
struct meter;
struct desk;

struct desk_opts {
	int shard;	    /* number of the worker: which shard of the meters it counts in */
	int threads;	    /* for scoring one request; 0 and 1: the worker's own */
	int64_t max_rows;   /* of a request; 0: 1,000,000 */
	int64_t max_cells;  /* rows x columns of a request; 0: 16,777,216 */
	size_t max_body;    /* of a request that came compressed; 0: 64 MiB */
	struct meter *lost; /* counts requests that no model answered; of meter_new(); or NULL */
};

struct desk *desk_new(struct fleet *f, const struct desk_opts *opts);
void desk_free(struct desk *d);

/*
 * Answer q into *out, which is ANSWER_INIT or was filled before. Never fails: errors are answers
 * too. What it borrows from the desk and the model stays until the next desk_answer or desk_sync.
 */
void desk_answer(struct desk *d, const struct ask *q, struct answer *out);

/*
 * Let go of models that were replaced. desk_answer does so too: this is for a worker that nobody
 * asks anything, from time to time.
 */
void desk_sync(struct desk *d);

#endif
