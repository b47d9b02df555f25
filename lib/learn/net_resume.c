/* net_resume.c - a training kept on disk, and taken up again. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/learn/checkpoint.h"
#include "lib/learn/net_run.h"

void net_identity(const struct net_run *r, char out[65])
{
	const struct matrix_split *s = r->matrix.splits;
	bool same_cut = r->params.determinism == NET_DETERMINISM_RUN;
	json_t *v = json_pack("{s:o,s:o,s:I,s:I,s:I,s:i,s:i,s:s}", "params",
			      net_params_json(&r->params), "net", net_shape_json(&r->shape), "seed",
			      (json_int_t)r->brief->seed, "train", (json_int_t)s[MATRIX_TRAIN].rows,
			      "validation", (json_int_t)s[MATRIX_VALIDATION].rows, "threads",
			      same_cut ? r->brief->threads : 0, "ranks",
			      same_cut ? team_ranks(r->team) : 0, "start", r->start);

	if (r->engine != &net_engine_cpu)
		json_object_set_new(v, "engine", json_string(r->engine->name));
	json_hash(v, out);
	json_decref(v);
}

static json_t *state_of(const struct net_run *r, uint64_t steps)
{
	const struct net_cursor *at = &r->at;
	char of[65];

	net_identity(r, of);
	return json_pack("{s:s,s:I,s:I,s:o,s:o,s:I,s:o,s:O?,s:b,s:I}", "of", of, "epoch",
			 (json_int_t)at->epoch, "batch", (json_int_t)at->batch, "loss",
			 json_number(at->loss), "weight", json_number(at->weight), "best_epoch",
			 (json_int_t)at->best_epoch, "best_loss", json_number(at->best_loss),
			 "best_values", at->best_values, "over", at->over, "steps",
			 (json_int_t)steps);
}

static int write_all(struct net_run *r)
{
	struct checkpoint c = CHECKPOINT_INIT;
	struct trainer_state t;
	int rc = net_flush(r);

	if (!rc)
		rc = r->engine->pull(r->trainer, &t);
	if (rc)
		return rc;
	c.state = state_of(r, *t.steps);
	checkpoint_add_curve(&c, &r->curve);
	checkpoint_add(&c, "params", r->weights.params, r->weights.n_params * sizeof(float));
	checkpoint_add(&c, "stats", r->weights.stats, r->weights.n_stats * sizeof(float));
	for (size_t i = 0; i < ARRAY_LEN(t.moments); i++)
		if (t.moments[i])
			checkpoint_add(&c, i ? "moment.1" : "moment.0", t.moments[i],
				       t.n * sizeof(float));
	if (r->at.best_epoch && r->best.params) {
		checkpoint_add(&c, "best.params", r->best.params, r->best.n_params * sizeof(float));
		checkpoint_add(&c, "best.stats", r->best.stats, r->best.n_stats * sizeof(float));
	}
	rc = checkpoint_write(r->brief->checkpoint, &c);
	checkpoint_clear(&c);
	return rc;
}

static bool is_due(struct net_run *r)
{
	if (r->hooks->wants_checkpoint && r->hooks->wants_checkpoint(r->hooks->payload))
		return true;
	return checkpoint_pace_due(&r->pace, net_run_step(r));
}

int net_keep(struct net_run *r, bool now)
{
	int64_t began = clock_mono_us();
	int rc;

	if (!r->brief->checkpoint || team_rank(r->team) || !(is_due(r) || now))
		return 0;
	rc = write_all(r);
	checkpoint_pace_kept(&r->pace, began);
	return rc;
}

static int take_floats(const struct checkpoint *c, const char *name, float *to, size_t n)
{
	return checkpoint_take(c, name, to, n * sizeof *to);
}

static int take_weights(struct net_run *r, const struct checkpoint *c, bool with_best)
{
	struct trainer_state t;
	int rc = r->engine->pull(r->trainer, &t);

	if (!rc)
		rc = take_floats(c, "params", r->weights.params, r->weights.n_params);
	if (!rc)
		rc = take_floats(c, "stats", r->weights.stats, r->weights.n_stats);
	for (size_t i = 0; i < ARRAY_LEN(t.moments) && !rc; i++)
		if (t.moments[i])
			rc = take_floats(c, i ? "moment.1" : "moment.0", t.moments[i], t.n);
	if (!rc && with_best && r->best.params)
		rc = take_floats(c, "best.params", r->best.params, r->best.n_params);
	if (!rc && with_best && r->best.params)
		rc = take_floats(c, "best.stats", r->best.stats, r->best.n_stats);
	if (rc)
		return rc;
	*t.steps = (uint64_t)json_int(c->state, "steps", 0);
	return r->engine->push ? r->engine->push(r->trainer) : 0;
}

static int take(void *run, const struct checkpoint *c)
{
	const json_t *s = c->state;
	struct net_run *r = run;
	int rc;

	r->at = (struct net_cursor){
		.epoch = json_int(s, "epoch", 0),
		.batch = json_int(s, "batch", 0),
		.loss = json_num(s, "loss", 0),
		.weight = json_num(s, "weight", 0),
		.best_epoch = json_int(s, "best_epoch", 0),
		.best_loss = json_num(s, "best_loss", INFINITY),
		.best_values = json_incref(json_object_get(s, "best_values")),
		.over = json_bool(s, "over", false),
	};
	rc = take_weights(r, c, r->at.best_epoch > 0);
	r->resumed = !rc;
	return rc;
}

static int share(void *run, void *bytes, size_t n)
{
	struct net_run *r = run;

	return team_share(r->team, bytes, n);
}

/* What the weights come from, other models and the scales of all rows among it, is in them. */
static void digest_start(struct net_run *r)
{
	struct hash h;

	hash_init(&h);
	hash_add(&h, r->weights.params, r->weights.n_params * sizeof *r->weights.params);
	hash_add(&h, r->weights.stats, r->weights.n_stats * sizeof *r->weights.stats);
	hash_hex(&h, r->start);
}

int net_resume(struct net_run *r)
{
	char of[65];
	struct checkpoint_search search = { .dir = r->brief->checkpoint,
					    .of = of,
					    .first = team_rank(r->team) == 0,
					    .again = r->brief->restart > 0,
					    .curve = &r->curve,
					    .share = share,
					    .take = take,
					    .run = r,
					    .on_warning = r->hooks->on_warning,
					    .warning_payload = r->hooks->payload };

	checkpoint_pace_begin(&r->pace, r->brief->checkpoint_steps);
	if (!r->brief->checkpoint)
		return 0;
	digest_start(r);
	net_identity(r, of);
	return checkpoint_take_up(&search);
}
