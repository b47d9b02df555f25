/* net_run.h - one training while it runs: what net_train.c, net_pace.c, net_resume.c and net_judge.c share. */
#ifndef MICH_LEARN_NET_RUN_H
#define MICH_LEARN_NET_RUN_H

#include "lib/learn/checkpoint.h"
#include "lib/learn/curve.h"
#include "lib/learn/net_engine.h"
#include "lib/learn/net_params.h"
#include "lib/learn/net_train.h"
#include "lib/learn/team/team.h"
#include "lib/model/net/net_weights.h"

/* All that a checkpoint keeps beside the weights and the optimiser's moments. */
struct net_cursor {
	int64_t epoch, batch; /* the next one to be trained */
	double loss, weight;  /* sums over the batches of this epoch so far */
	int64_t best_epoch;   /* 1 is the first; 0: none */
	double best_loss;
	json_t *best_values; /* all that was measured at that epoch */
	bool over;	     /* nothing is left to be trained */
};

struct net_run {
	const struct brief *brief;
	const struct net_hooks *hooks;
	struct net_params params;
	struct matrix matrix; /* of a partition: a part of somebody's */
	int64_t part_epochs; /* of a partition without rows to stop early by; 0: all rows are trained on */
	struct net_shape shape;
	struct net_weights weights, best; /* best: empty without early stopping */
	float *class_weights;
	const struct net_engine *engine;
	void *trainer; /* of the engine */
	struct team *team;
	struct curve curve;
	struct net_cursor at;
	int64_t batches; /* of an epoch: all of them of as many rows, give or take one */

	char *metric; /* what the progress line shows */
	double value;
	int64_t started_us, shown_us;
	struct checkpoint_pace pace;
	char start
		[65]; /* digest of the weights before the first step, where a checkpoint is kept */
	int64_t trained_rows;	  /* since started_us */
	int64_t ended_epochs;	  /* likewise */
	struct net_traffic early; /* after the first of them */
	bool resumed;
};

/* Train on the matrix, as the brief says; the weights that count are then in r->weights. */
int net_fit(struct net_run *r, bool linear);
/* After how many epochs they were as they are. */
int64_t net_fit_epochs(const struct net_run *r);
/* Everything but the matrix. */
void net_run_clear(struct net_run *r);

/* A net for each partition of r's matrix, once r is trained on all of it; out: where partitions.h writes. */
int net_partitions(const struct net_run *r, const char *out, bool linear);

/*
 * Loss and metrics of the validation split with the weights as they are, put into values as
 * "validation.loss", "validation.rmse", ...; *loss_out is what early stopping looks at.
 */
int net_judge(struct net_run *r, json_t *values, double *loss_out);
/* Once it is trained: who does worse than an answer without inputs is told. */
void net_judge_warn(const struct net_run *r);

/* What the engine reports of steps goes into the epoch's sums. ERR_FAIL: it diverged. */
int net_report(struct net_run *r, const struct net_report *report);
/* Wait for the steps of an engine that does them later. */
int net_flush(struct net_run *r);

/* Loss of the epoch so far; NAN: none yet. The learning rate of a step. */
double net_run_loss(const struct net_run *r);
float net_run_lr(const struct net_run *r, int64_t step);

/* The progress of now to the hooks; what a line of the curve says beside loss and metrics. */
void net_pace_show(struct net_run *r, int64_t now_us);
void net_pace_put(const struct net_run *r, float lr, json_t *values);
/* Within a long epoch, now and then: both. *told_us: when the curve had its last line. */
int net_pace_tell(struct net_run *r, int64_t *told_us);
/* For the log of rank 0: what it runs on; where the rows were. */
void net_pace_device(const struct net_run *r);
void net_pace_traffic(const struct net_run *r);

/* What must be the same for a checkpoint to be one of this training. */
void net_identity(const struct net_run *r, char out[65]);
/* Go on from the checkpoint, if there is one of this very training; else nothing changes. */
int net_resume(struct net_run *r);
/* Keep one, where the step asked for it or the last one is old enough; `now`: in any case. */
int net_keep(struct net_run *r, bool now);

static inline int64_t net_run_rows(const struct net_run *r)
{
	return r->matrix.splits[MATRIX_TRAIN].rows;
}

static inline int64_t net_run_steps(const struct net_run *r)
{
	return r->params.epochs * r->batches;
}

static inline int64_t net_run_step(const struct net_run *r)
{
	return r->at.epoch * r->batches + r->at.batch;
}

#endif
