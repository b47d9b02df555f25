/* xgboost.h - train trees with XGBoost from a matrix: the learner `xgboost`. */
#ifndef MICH_LEARN_XGBOOST_XGBOOST_H
#define MICH_LEARN_XGBOOST_XGBOOST_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/learn/brief.h"
#include "lib/learn/matrix.h"
#include "lib/learn/partitions.h"

/* Where a training run is: before the first round and after each. Borrowed for the call. */
struct xgboost_round {
	int64_t done, rounds; /* rounds may end earlier */
	const char *metric;   /* "validation.rmse", else "train.rmse"; NULL: nothing yet */
	double value;
	int64_t best; /* the round with the best validation metric, 0: none */
	double best_value;
	double rows_per_s;    /* of all ranks, each row once a round; 0: nothing yet */
	double seconds, left; /* since the first round; until the last one, at this speed */
	bool first;	      /* this is rank 0 */
	bool resumed;	      /* it goes on from a checkpoint */
};

struct xgboost_hooks {
	void (*on_round)(void *payload, const struct xgboost_round *r); /* may be NULL */
	/* With partitions, once the model over all rows is there; from any thread, one at a time. May be NULL */
	void (*on_partition)(void *payload, const struct partitions_progress *p);
	void (*on_warning)(void *payload, const char *text); /* a line of XGBoost's; may be NULL */
	/* Asked after each round: is a checkpoint wanted now? May be NULL. */
	bool (*wants_checkpoint)(void *payload);
	/* The reason is set; the other ranks are told after this and end. May be NULL. */
	void (*on_failure)(void *payload);
	void *payload;
};

/* "3.2.0" of the library that would be used. ERR_ENGINE. */
int xgboost_version(char out[32]);

/*
 * Train as the brief says and write OUT/model.ubj and OUT/importance.json; the learning curve goes
 * to the brief's events. The model that is written is the one of the best round where
 * early_stopping_rounds is given; the curve then ends with that round's figures again, so that the
 * last ones are the model's. The same matrix, parameters, seed and ranks give the same bytes,
 * also where the run was killed on the way and goes on from its checkpoint.
 * Of a matrix with partitions that is the parent, in OUT/parent, and partitions.h says what more.
 *
 * Every rank of a team (lib/learn/team/team.h) calls it: each reads its own part of the rows (lib/learn/shard.h),
 * and XGBoost's communicator merges sketches and histograms; rank 0 writes. ERR_INTERRUPT: another rank has
 * failed; exit with CTL_EXIT_ABORTED.
 */
int xgboost_train(const struct brief *b, const struct xgboost_hooks *hooks);

#endif
