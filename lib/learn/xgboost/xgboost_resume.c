/* xgboost_resume.c - a training of trees kept on disk, and taken up again. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/xgboost/xgboost_run.h"

void xgboost_identity(const struct xgboost_run *r, char out[65])
{
	const struct matrix_split *s = r->matrix.splits;
	const struct xgboost_params *p = &r->params;
	json_t *params = json_array(), *v;

	for (size_t i = 0; i < p->names.n; i++)
		json_array_append_new(params, json_pack("[s,s]", p->names.v[i], p->values.v[i]));
	v = json_pack("{s:o,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:i,s:i}", "params", params, "base",
		      r->base.digest, "rounds", (json_int_t)p->rounds, "early_stopping",
		      (json_int_t)p->early_stopping, "log_every", (json_int_t)p->log_every, "seed",
		      (json_int_t)r->brief->seed, "train", (json_int_t)s[MATRIX_TRAIN].rows,
		      "validation", (json_int_t)s[MATRIX_VALIDATION].rows, "ranks", r->team.ranks,
		      "engine", (r->api.major * 1000 + r->api.minor) * 1000 + r->api.patch);
	json_hash(v, out);
	json_decref(v);
}

static json_t *state_of(const struct xgboost_run *r)
{
	char of[65];

	xgboost_identity(r, of);
	return json_pack("{s:s,s:I,s:b,s:s?,s:o,s:I,s:o,s:O?}", "of", of, "done",
			 (json_int_t)r->done, "over", r->over, "metric", r->metric, "value",
			 json_number(r->value), "best", (json_int_t)r->best, "best_value",
			 json_number(r->best_value), "best_values", r->best_values);
}

static int write_all(struct xgboost_run *r)
{
	struct checkpoint c = CHECKPOINT_INIT;
	const char *booster;
	bst_ulong n;
	int rc;

	if (r->api.serialize(r->booster, &n, &booster))
		return xgboost_api_error(&r->api, ERR_FAIL, "cannot keep a checkpoint");
	c.state = state_of(r);
	checkpoint_add_curve(&c, &r->curve);
	checkpoint_add(&c, "booster", booster, n);
	checkpoint_add(&c, "snapshot", r->snapshot.data, r->snapshot.len);
	rc = checkpoint_write(r->brief->checkpoint, &c);
	checkpoint_clear(&c);
	return rc;
}

static bool is_due(struct xgboost_run *r)
{
	if (r->over ||
	    (r->hooks->wants_checkpoint && r->hooks->wants_checkpoint(r->hooks->payload)))
		return true;
	return checkpoint_pace_due(&r->pace, r->done);
}

int xgboost_keep(struct xgboost_run *r)
{
	int64_t began = clock_mono_us();
	int rc;

	if (!r->brief->checkpoint || r->team.rank || !is_due(r))
		return 0;
	rc = write_all(r);
	checkpoint_pace_kept(&r->pace, began);
	return rc;
}

static int share(void *run, void *bytes, size_t n)
{
	struct xgboost_run *r = run;

	return xgboost_team_share(&r->team, bytes, n);
}

static const struct checkpoint_part *find(const struct checkpoint *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->parts[i].name, name))
			return &c->parts[i];
	return NULL;
}

static int take(void *run, const struct checkpoint *c)
{
	struct xgboost_run *r = run;
	const struct checkpoint_part *booster = find(c, "booster"), *snapshot = find(c, "snapshot");
	const json_t *s = c->state;
	const char *metric = json_str(s, "metric", NULL);

	if (!booster || !snapshot)
		return error_set(ERR_CORRUPT, "the checkpoint cannot be used: it has no trees");
	if (r->api.unserialize(r->booster, booster->data, booster->bytes))
		return xgboost_api_error(&r->api, ERR_FAIL, "cannot go on from the checkpoint");
	buf_add(&r->snapshot, snapshot->data, snapshot->bytes);
	r->done = r->from = json_int(s, "done", 0);
	r->over = json_bool(s, "over", false);
	r->metric = metric ? xstrdup(metric) : NULL;
	r->value = json_num(s, "value", NAN);
	r->best = json_int(s, "best", 0);
	r->best_value = json_num(s, "best_value", NAN);
	r->best_values = json_incref(json_object_get(s, "best_values"));
	return 0;
}

int xgboost_resume(struct xgboost_run *r)
{
	char of[65];
	struct checkpoint_search search = { .dir = r->brief->checkpoint,
					    .of = of,
					    .first = r->team.rank == 0,
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
	xgboost_identity(r, of);
	return checkpoint_take_up(&search);
}
