/* net_train.c - epochs of steps: measure, stop early, keep the best. */
#include "lib/learn/net_train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/learn/net_inherit.h"
#include "lib/learn/net_run.h"
#include "lib/learn/net_start.h"
#include "lib/learn/partitions.h"

static int diverged(const struct net_run *r)
{
	error_set(ERR_FAIL,
		  "training diverged in epoch %lld: the loss or its gradient is no number",
		  (long long)r->at.epoch + 1);
	return error_hint(ERR_FAIL, "give a lower lr (it is %g), or clip=1", r->params.lr);
}

int net_report(struct net_run *r, const struct net_report *report)
{
	if (!report->finite)
		return diverged(r);
	r->at.loss += report->loss * report->weight;
	r->at.weight += report->weight;
	return 0;
}

int net_flush(struct net_run *r)
{
	struct net_report report;
	int rc = 0;

	if (!r->engine->flush)
		return 0;
	rc = r->engine->flush(r->trainer, &report);
	return rc ? rc : net_report(r, &report);
}

static int train_batch(struct net_run *r, const struct net_data *data)
{
	int64_t first = net_run_rows(r) * r->at.batch / r->batches;
	int64_t end = net_run_rows(r) * (r->at.batch + 1) / r->batches;
	struct net_batch b = { .data = data,
			       .epoch = (uint64_t)r->at.epoch,
			       .first = (size_t)first,
			       .rows = (size_t)(end - first),
			       .shuffled = true,
			       .lr = net_run_lr(r, net_run_step(r)) };
	struct net_report report;
	int rc;

	team_step(r->team, net_run_step(r));
	rc = r->engine->step(r->trainer, &b, &report);
	if (!rc)
		rc = net_report(r, &report);
	if (rc)
		return rc;
	r->at.batch++;
	r->trained_rows += end - first;
	return 0;
}

/* Only where there is a place to keep it. */
static int end_early(struct net_run *r)
{
	int rc;

	if (!r->brief->checkpoint || team_rank(r->team) || !r->hooks->wants_end ||
	    !r->hooks->wants_end(r->hooks->payload))
		return 0;
	rc = net_keep(r, true);
	return rc ? rc
		  : error_set(ERR_BUSY, "told to end at step %lld of %lld: its work is kept",
			      (long long)net_run_step(r), (long long)net_run_steps(r));
}

static int train_epoch(struct net_run *r)
{
	struct net_data data = net_start_data(&r->matrix, MATRIX_TRAIN);
	int64_t told_us = clock_mono_us();
	int rc = 0;

	while (!rc && r->at.batch < r->batches) {
		rc = train_batch(r, &data);
		if (!rc)
			rc = net_pace_tell(r, &told_us);
		if (!rc && r->at.batch < r->batches)
			rc = net_keep(r, false);
		if (!rc && r->at.batch < r->batches)
			rc = end_early(r);
	}
	return rc ? rc : net_flush(r);
}

static int note_best(struct net_run *r, double loss, json_t *values)
{
	struct trainer_state state;
	int rc;

	if (!r->best.params || (r->at.best_epoch && !(loss < r->at.best_loss)))
		return 0;
	if ((rc = r->engine->pull(r->trainer, &state)))
		return rc;
	r->at.best_epoch = r->at.epoch;
	r->at.best_loss = loss;
	json_decref(r->at.best_values);
	r->at.best_values = json_incref(values);
	memcpy(r->best.params, r->weights.params, r->weights.n_params * sizeof(float));
	memcpy(r->best.stats, r->weights.stats, r->weights.n_stats * sizeof(float));
	return 0;
}

static int end_epoch(struct net_run *r)
{
	json_t *values = json_object();
	float lr = net_run_lr(r, net_run_step(r) - 1);
	double loss;
	int rc = net_judge(r, values, &loss);

	json_object_set_new(values, "loss", json_number(net_run_loss(r)));
	if (!r->ended_epochs++ && r->engine->traffic)
		r->engine->traffic(r->trainer, &r->early);
	r->at.epoch++;
	r->at.batch = 0;
	r->at.loss = r->at.weight = 0;
	net_pace_put(r, lr, values);
	if (!rc)
		rc = curve_add(&r->curve, net_run_step(r), values);
	if (!rc)
		rc = note_best(r, loss, values);
	r->at.over = r->at.epoch == r->params.epochs ||
		     (r->best.params && r->at.epoch - r->at.best_epoch >= r->params.early_stopping);
	json_decref(values);
	return rc;
}

static int train_epochs(struct net_run *r)
{
	int rc = 0;

	r->started_us = clock_mono_us();
	net_pace_show(r, r->started_us);
	while (!rc && !r->at.over) {
		rc = train_epoch(r);
		if (!rc)
			rc = end_epoch(r);
		if (!rc)
			rc = net_keep(r, r->at.over);
	}
	return rc;
}

/* What the engine holds becomes ours, for good. */
static int take_weights(struct net_run *r)
{
	struct trainer_state state;

	return r->engine->pull(r->trainer, &state);
}

/* The best weights take the place of the last ones; their figures are the last of the curve. */
static int keep_best(struct net_run *r)
{
	struct net_weights last = r->weights;

	if (!r->best.params || !r->at.best_epoch || r->at.best_epoch == r->at.epoch)
		return 0;
	r->weights = r->best;
	r->best = last;
	if (r->metric)
		r->value = json_num(r->at.best_values, r->metric, NAN);
	return r->at.best_values
		       ? curve_add(&r->curve, r->at.best_epoch * r->batches, r->at.best_values)
		       : 0;
}

/* Whoever started us takes it into the record. */
static int write_engine(const struct net_run *r)
{
	char *path = path_join(r->brief->out, "engine.json");
	json_t *used = r->engine->used ? r->engine->used(r->trainer) : NULL;
	int rc = used ? json_write(path, used) : 0;

	json_decref(used);
	free(path);
	return rc;
}

static int write_model(const struct net_run *r)
{
	char *weights = path_join(r->brief->out, "weights.safetensors");
	char *path = path_join(r->brief->out, "net.json");
	json_t *shape = net_shape_json(&r->shape);
	int rc = net_weights_write(&r->shape, &r->weights, weights);

	if (!rc)
		rc = json_write(path, shape);
	if (!rc)
		rc = write_engine(r);
	json_decref(shape);
	free(weights);
	free(path);
	return rc;
}

/* Labels that the task can have, and this loss as well. */
static int check_labels(const struct net_run *r, enum matrix_part part)
{
	struct net_data d = net_start_data(&r->matrix, part);
	struct loss_options loss = { .kind = (enum loss_kind)r->params.loss };
	int rc;

	if (!d.rows)
		return 0;
	if ((rc = matrix_check_values(&r->matrix, part))) /* names the split itself */
		return rc;
	rc = loss_check_labels(&loss, r->matrix.classes.n, d.y, d.rows);
	return rc ? error_wrap(rc, "split '%s'", matrix_part_name(part)) : 0;
}

/* What is wrong with the data and the parameters is said before anything is reckoned. */
static int prepare(struct net_run *r, bool linear)
{
	struct matrix *m = &r->matrix;
	int rc = net_params_parse(r->brief->params, linear, &r->params);

	if (!rc)
		rc = net_params_promise(r->brief->determinism, &r->params);
	if (!rc && r->part_epochs && !matrix_weighs(m, MATRIX_VALIDATION) &&
	    r->params.early_stopping) {
		r->params.early_stopping = 0;
		if (r->params.epochs) /* else its own rows say how many */
			r->params.epochs = r->part_epochs;
	}
	if (!rc)
		rc = net_params_suit(&r->params, m);
	if (!rc)
		rc = check_labels(r, MATRIX_TRAIN);
	if (!rc)
		rc = check_labels(r, MATRIX_VALIDATION);
	if (!rc)
		rc = net_params_shape(&r->params, m, &r->shape);
	r->batches = rc ? 0 : (net_run_rows(r) + r->params.batch - 1) / r->params.batch;
	return rc;
}

static int open_trainer(struct net_run *r)
{
	struct net_engine_options o = { .trainer = { .threads = r->brief->threads,
						     .seed = (uint64_t)r->brief->seed },
					.math = (enum net_math)r->params.math,
					.team = r->team };
	int rc = net_start_classes(&r->params, &r->matrix, &r->class_weights);

	net_params_options(&r->params, &o.trainer);
	o.trainer.loss.class_weights = r->class_weights;
	return rc ? rc : r->engine->open(&r->shape, &r->weights, &o, &r->trainer);
}

static int begin(struct net_run *r)
{
	int rc = net_weights_init(&r->shape, &r->weights);

	if (!rc && r->params.early_stopping)
		rc = net_weights_init(&r->shape, &r->best);
	if (rc)
		return rc;
	net_start(&r->params, &r->shape, &r->matrix, (uint64_t)r->brief->seed, &r->weights);
	if (r->brief->init_from)
		rc = net_inherit(r->brief->init_from, r->brief->matrix, &r->shape, &r->weights);
	return rc ? rc : open_trainer(r);
}

void net_run_clear(struct net_run *r)
{
	r->engine->close(r->trainer);
	curve_close(&r->curve);
	net_weights_clear(&r->weights);
	net_weights_clear(&r->best);
	net_shape_clear(&r->shape);
	net_params_clear(&r->params);
	json_decref(r->at.best_values);
	free(r->class_weights);
	free(r->metric);
}

int net_fit(struct net_run *r, bool linear)
{
	bool first = team_rank(r->team) == 0;
	int rc = prepare(r, linear);

	if (rc || (rc = begin(r)))
		return rc;
	net_pace_device(r);
	if ((rc = curve_open(first ? r->brief->events : NULL, &r->curve)) || (rc = net_resume(r)) ||
	    (rc = team_barrier(r->team)) || (rc = train_epochs(r)) || (rc = take_weights(r)))
		return rc;
	return keep_best(r);
}

int64_t net_fit_epochs(const struct net_run *r)
{
	return r->at.best_epoch ? r->at.best_epoch : r->at.epoch;
}

static int train(struct net_run *r, bool linear)
{
	int rc = net_fit(r, linear);

	if (rc)
		return rc;
	net_pace_show(r, clock_mono_us());
	net_judge_warn(r);
	net_pace_traffic(r);
	return team_rank(r->team) ? 0 : write_model(r);
}

int net_train(const struct brief *b, bool linear, const struct net_engine *engine,
	      const struct net_hooks *hooks)
{
	struct brief whole = *b;
	struct net_run r = { .brief = &whole,
			     .engine = engine,
			     .hooks = hooks,
			     .shape = NET_SHAPE_INIT,
			     .matrix = MATRIX_INIT,
			     .curve = CURVE_INIT };
	int rc = team_open(0, &r.team);

	if (!rc && !team_rank(r.team))
		rc = brief_begin(b);
	if (!rc)
		rc = net_params_promise(b->determinism, &r.params);
	if (!rc)
		rc = matrix_open(b->matrix, &r.matrix);
	if (!rc)
		rc = partitions_parent(b, &r.matrix, &whole.out);
	if (!rc)
		rc = train(&r, linear);
	if (!rc && matrix_partitions(&r.matrix))
		rc = net_partitions(&r, b->out, linear);
	if (rc && hooks->on_failure)
		hooks->on_failure(hooks->payload);
	if (rc)
		team_abort(r.team);
	net_run_clear(&r);
	team_close(r.team);
	matrix_close(&r.matrix);
	if (whole.out != b->out)
		free(whole.out);
	return rc;
}
