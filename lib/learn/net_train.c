/* net_train.c - epochs of steps: measure, stop early, keep the best. */
#include "lib/learn/net_train.h"

#include <math.h>
#include <stdio.h>
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

enum { SHOW_US = 100 * 1000, TELL_US = 2 * 1000 * 1000 };

static int64_t rows_of(const struct net_run *r)
{
	return r->matrix.splits[MATRIX_TRAIN].rows;
}

static int64_t steps_of(const struct net_run *r)
{
	return r->params.epochs * r->batches;
}

static double loss_so_far(const struct net_run *r)
{
	return r->at.weight > 0 ? r->at.loss / r->at.weight : NAN;
}

static double rows_per_s(const struct net_run *r, int64_t now_us)
{
	double seconds = (double)(now_us - r->started_us) / 1e6;

	return seconds > 0 ? (double)r->trained_rows / seconds : 0;
}

static void show(struct net_run *r, int64_t now_us)
{
	double speed = rows_per_s(r, now_us);
	int64_t left = (r->params.epochs - r->at.epoch) * rows_of(r) -
		       r->at.batch * rows_of(r) / r->batches;
	struct net_progress p = {
		.step = net_run_step(r),
		.steps = steps_of(r),
		.epoch = r->at.epoch,
		.epochs = r->params.epochs,
		.loss = loss_so_far(r),
		.metric = r->metric,
		.value = r->value,
		.best = r->at.best_epoch,
		.rows_per_s = speed,
		.seconds = (double)(now_us - r->started_us) / 1e6,
		.left = speed > 0 ? (double)left / speed : 0,
		.resumed = r->resumed,
		.first = team_rank(r->team) == 0,
	};

	r->shown_us = now_us;
	if (r->hooks->on_progress)
		r->hooks->on_progress(r->hooks->payload, &p);
}

/* A float as it was typed: 0.001, not 0.00100000005. */
static json_t *short_number(float v)
{
	char text[32];

	snprintf(text, sizeof text, "%.7g", (double)v);
	return json_number(strtod(text, NULL));
}

/* What a line of the curve says of the run itself, beside loss and metrics. */
static void put_pace(const struct net_run *r, float lr, json_t *values)
{
	json_object_set_new(values, "epoch",
			    json_number((double)net_run_step(r) / (double)r->batches));
	json_object_set_new(values, "steps", json_integer(steps_of(r)));
	json_object_set_new(values, "lr", short_number(lr));
	json_object_set_new(values, "rows_per_s",
			    json_number(round(rows_per_s(r, clock_mono_us()))));
}

static struct rate_options rate_of(const struct net_run *r)
{
	double steps = (double)steps_of(r);

	return (struct rate_options){ .schedule = (enum rate_schedule)r->params.schedule,
				      .peak = r->params.lr,
				      .warmup = (uint64_t)(r->params.warmup * steps),
				      .steps = (uint64_t)steps };
}

static float lr_of(const struct net_run *r, int64_t step)
{
	struct rate_options o = rate_of(r);

	return rate_at(&o, (uint64_t)step);
}

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
	int64_t first = rows_of(r) * r->at.batch / r->batches;
	int64_t end = rows_of(r) * (r->at.batch + 1) / r->batches;
	struct net_batch b = { .data = data,
			       .epoch = (uint64_t)r->at.epoch,
			       .first = (size_t)first,
			       .rows = (size_t)(end - first),
			       .shuffled = true,
			       .lr = lr_of(r, net_run_step(r)) };
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

/* Within a long epoch, now and then a line for whoever watches. */
static int tell(struct net_run *r, int64_t *told_us)
{
	int64_t now = clock_mono_us();
	json_t *values;
	int rc;

	if (now - r->shown_us >= SHOW_US)
		show(r, now);
	if (now - *told_us < TELL_US || r->at.batch == r->batches)
		return 0;
	*told_us = now;
	values = json_object();
	json_object_set_new(values, "loss", json_number(loss_so_far(r)));
	put_pace(r, lr_of(r, net_run_step(r)), values);
	rc = curve_add(&r->curve, net_run_step(r), values);
	json_decref(values);
	return rc;
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
			      (long long)net_run_step(r), (long long)steps_of(r));
}

static int train_epoch(struct net_run *r)
{
	struct net_data data = net_start_data(&r->matrix, MATRIX_TRAIN);
	int64_t told_us = clock_mono_us();
	int rc = 0;

	while (!rc && r->at.batch < r->batches) {
		rc = train_batch(r, &data);
		if (!rc)
			rc = tell(r, &told_us);
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
	float lr = lr_of(r, net_run_step(r) - 1);
	double loss;
	int rc = net_judge(r, values, &loss);

	json_object_set_new(values, "loss", json_number(loss_so_far(r)));
	if (!r->ended_epochs++ && r->engine->traffic)
		r->engine->traffic(r->trainer, &r->early);
	r->at.epoch++;
	r->at.batch = 0;
	r->at.loss = r->at.weight = 0;
	put_pace(r, lr, values);
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
	show(r, r->started_us);
	while (!rc && !r->at.over) {
		rc = train_epoch(r);
		if (!rc)
			rc = end_epoch(r);
		if (!rc)
			rc = net_keep(r, r->at.over);
	}
	return rc;
}

/* Where the rows were, and that none travelled twice. */
static void note_traffic(const struct net_run *r)
{
	struct net_traffic t;
	char text[512];

	if (!r->engine->traffic || !r->hooks->on_note || team_rank(r->team))
		return;
	r->engine->traffic(r->trainer, &t);
	snprintf(
		text, sizeof text,
		"%s products; %.1f MB of rows lie on the device, %.1f MB do not fit; %.1f MB sent by the "
		"end of the first epoch, %.1f MB in the %lld after it, and %.1f MB to say which come next",
		net_math_name((enum net_math)r->params.math), (double)t.resident_bytes / 1e6,
		(double)t.remote_bytes / 1e6, (double)r->early.sent_bytes / 1e6,
		(double)(t.sent_bytes - r->early.sent_bytes) / 1e6,
		(long long)(r->ended_epochs ? r->ended_epochs - 1 : 0),
		(double)t.control_bytes / 1e6);
	r->hooks->on_note(r->hooks->payload, text);
}

static void note_device(const struct net_run *r)
{
	json_t *used = r->engine->used && r->hooks->on_note ? r->engine->used(r->trainer) : NULL;
	char *text = used ? json_dumps(used, JSON_SORT_KEYS) : NULL;

	if (text && team_rank(r->team) == 0)
		r->hooks->on_note(r->hooks->payload, text);
	free(text);
	json_decref(used);
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
	rc = matrix_check_values(&r->matrix, part);
	if (!rc)
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
	r->batches = rc ? 0 : (rows_of(r) + r->params.batch - 1) / r->params.batch;
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
	note_device(r);
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
	show(r, clock_mono_us());
	net_judge_warn(r);
	note_traffic(r);
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
