/* net_pace.c - how far a training is and how fast it goes: for whoever watches, for the curve, for the log. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/learn/net_run.h"

enum { SHOW_US = 100 * 1000, TELL_US = 2 * 1000 * 1000 };

double net_run_loss(const struct net_run *r)
{
	return r->at.weight > 0 ? r->at.loss / r->at.weight : NAN;
}

static double rows_per_s(const struct net_run *r, int64_t now_us)
{
	double seconds = (double)(now_us - r->started_us) / 1e6;

	return seconds > 0 ? (double)r->trained_rows / seconds : 0;
}

void net_pace_show(struct net_run *r, int64_t now_us)
{
	double speed = rows_per_s(r, now_us);
	int64_t left = (r->params.epochs - r->at.epoch) * net_run_rows(r) -
		       r->at.batch * net_run_rows(r) / r->batches;
	struct net_progress p = {
		.step = net_run_step(r),
		.steps = net_run_steps(r),
		.epoch = r->at.epoch,
		.epochs = r->params.epochs,
		.loss = net_run_loss(r),
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
void net_pace_put(const struct net_run *r, float lr, json_t *values)
{
	json_object_set_new(values, "epoch",
			    json_number((double)net_run_step(r) / (double)r->batches));
	json_object_set_new(values, "steps", json_integer(net_run_steps(r)));
	json_object_set_new(values, "lr", short_number(lr));
	json_object_set_new(values, "rows_per_s",
			    json_number(round(rows_per_s(r, clock_mono_us()))));
}

static struct rate_options rate_of(const struct net_run *r)
{
	double steps = (double)net_run_steps(r);

	return (struct rate_options){ .schedule = (enum rate_schedule)r->params.schedule,
				      .peak = r->params.lr,
				      .warmup = (uint64_t)(r->params.warmup * steps),
				      .steps = (uint64_t)steps };
}

float net_run_lr(const struct net_run *r, int64_t step)
{
	struct rate_options o = rate_of(r);

	return rate_at(&o, (uint64_t)step);
}

/* Within a long epoch, now and then a line for whoever watches. */
int net_pace_tell(struct net_run *r, int64_t *told_us)
{
	int64_t now = clock_mono_us();
	json_t *values;
	int rc;

	if (now - r->shown_us >= SHOW_US)
		net_pace_show(r, now);
	if (now - *told_us < TELL_US || r->at.batch == r->batches)
		return 0;
	*told_us = now;
	values = json_object();
	json_object_set_new(values, "loss", json_number(net_run_loss(r)));
	net_pace_put(r, net_run_lr(r, net_run_step(r)), values);
	rc = curve_add(&r->curve, net_run_step(r), values);
	json_decref(values);
	return rc;
}

/* Where the rows were, and that none travelled twice. */
void net_pace_traffic(const struct net_run *r)
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

void net_pace_device(const struct net_run *r)
{
	json_t *used = r->engine->used && r->hooks->on_note ? r->engine->used(r->trainer) : NULL;
	char *text = used ? json_dumps(used, JSON_SORT_KEYS) : NULL;

	if (text && team_rank(r->team) == 0)
		r->hooks->on_note(r->hooks->payload, text);
	free(text);
	json_decref(used);
}
