/* xgboost_run.h - one training while it runs: what the xgboost_*.c share. */
#ifndef MICH_LEARN_XGBOOST_XGBOOST_RUN_H
#define MICH_LEARN_XGBOOST_XGBOOST_RUN_H

#include "lib/learn/checkpoint.h"
#include "lib/learn/curve.h"
#include "lib/learn/shard.h"
#include "lib/learn/xgboost/xgboost.h"
#include "lib/learn/xgboost/xgboost_api.h"
#include "lib/learn/xgboost/xgboost_base.h"
#include "lib/learn/xgboost/xgboost_params.h"
#include "lib/learn/xgboost/xgboost_team.h"

struct xgboost_run {
	struct xgboost_api api;
	struct xgboost_params params;
	struct xgboost_team team;
	struct matrix matrix; /* of a partition: a part of somebody's */
	bool part;	      /* of a partition: nobody looks at it on the way */
	int64_t rounds;	      /* of the model, once it is trained */
	struct curve curve;
	const struct brief *brief;
	const struct xgboost_hooks *hooks;
	void *train, *validation; /* DMatrix, of this rank's rows; validation may be NULL */
	void *booster;
	struct xgboost_base base; /* the model that it goes on from */
	struct buf log;
	struct buf snapshot; /* dart: the best model so far, as UBJSON */
	int64_t done, from;  /* rounds that are trained; that a checkpoint had */
	bool over;	     /* nothing is left to be trained */
	char *metric;	     /* what early stopping and the progress line look at */
	double value;
	int64_t best; /* rounds of the best model, 0: none yet */
	double best_value;
	json_t *best_values; /* all that was measured at that round */
	int64_t started_us;
	struct checkpoint_pace pace;
};

/* Train on the matrix with params; the model is then r->booster, of r->rounds rounds. */
int xgboost_fit(struct xgboost_run *r);
/* XGBoost's lines since the last time, to whoever shows them. */
void xgboost_pass_warnings(struct xgboost_run *r);
/* Everything but the matrix. */
void xgboost_run_clear(struct xgboost_run *r);

/* Trees for each partition of r's matrix, once r is trained on all of it. */
int xgboost_partitions(const struct xgboost_run *r);

/*
 * The rows of validation that a rank measures: its part where the metric of all ranks' rows follows from those
 * of the parts; else all of them (auc looks at pairs of rows).
 */
struct shard xgboost_measure_shard(const struct xgboost_run *r);

/*
 * Measure after `done` rounds: validation after each, which looks at the new trees alone; train now
 * and then, since it costs a pass over all rows. Every rank gets the same figures, of all ranks' rows.
 */
int xgboost_measure(struct xgboost_run *r, int64_t done, bool last);
/* Once they are trained: who does worse than an answer without inputs is told. */
void xgboost_measure_warn(const struct xgboost_run *r);

/* What must be the same for a checkpoint to be one of this training. */
void xgboost_identity(const struct xgboost_run *r, char out[65]);
/*
 * Go on from the checkpoint, if there is one of this very training; else nothing changes. Rank 0 reads it for
 * all.
 */
int xgboost_resume(struct xgboost_run *r);
/* Keep one, where the step asked for it, the last one is old enough, or nothing is left to be trained. */
int xgboost_keep(struct xgboost_run *r);

#endif
