/* xgboost.c - a training from its brief to the model it leaves: what it needs, and its ranks. */
#include "lib/learn/xgboost/xgboost.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/team/pulse.h"
#include "lib/learn/xgboost/xgboost_intercept.h"
#include "lib/learn/xgboost/xgboost_model.h"
#include "lib/learn/xgboost/xgboost_run.h"
#include "lib/learn/xgboost/xgboost_suit.h"

int xgboost_version(char out[32])
{
	struct xgboost_api api;
	int rc = xgboost_api_open(&api);

	if (!rc)
		snprintf(out, 32, "%d.%d.%d", api.major, api.minor, api.patch);
	return rc;
}

static int check_matrix(const struct matrix *m, const struct xgboost_params *p)
{
	const struct matrix_split *v = &m->splits[MATRIX_VALIDATION];
	int rc;

	if (m->splits[MATRIX_TRAIN].rows == 0)
		return error_set(ERR_INPUT, "cannot learn: the split 'train' has no rows");
	if (p->early_stopping && !matrix_weighs(m, MATRIX_VALIDATION)) {
		error_set(ERR_INPUT,
			  "cannot stop early: the data set has no validation split with rows "
			  "that count");
		return error_hint(
			ERR_INPUT,
			"give it one: split = 75/15/10, or leave early_stopping_rounds out");
	}
	rc = matrix_check_values(m, MATRIX_TRAIN);
	if (!rc && v->rows)
		rc = matrix_check_values(m, MATRIX_VALIDATION);
	return rc;
}

/* Every rank needs rows to train on, or XGBoost would wait for what it cannot give. */
static int check_ranks(const struct matrix *m, const struct xgboost_params *p, int ranks)
{
	const struct matrix_split *s = &m->splits[MATRIX_TRAIN];
	bool ranked = m->task == MATRIX_RANKING;
	int rc = xgboost_suit_ranks(p, ranks);

	if (rc || shard_most(s) >= ranks)
		return rc;
	error_set(ERR_INPUT, "cannot train in %d ranks: the split 'train' has %lld %s", ranks,
		  (long long)shard_most(s), ranked ? "groups" : "rows");
	return error_hint(ERR_INPUT, "train in fewer ranks: -n %lld", (long long)shard_most(s));
}

static int prepare(struct xgboost_run *r, struct team *team)
{
	int rc = xgboost_params_parse(r->brief->params, &r->matrix, &r->params);

	if (!rc)
		rc = check_matrix(&r->matrix, &r->params);
	if (!rc)
		rc = check_ranks(&r->matrix, &r->params, team_ranks(team));
	if (!rc)
		rc = xgboost_api_open(&r->api);
	if (!rc)
		rc = xgboost_params_check(&r->api, &r->params, &r->matrix);
	if (!rc && !r->brief->init_from)
		xgboost_intercept_add(&r->api, &r->matrix, &r->params);
	/* Bins would show the trees that are there no more than where a value about lies. */
	r->params.copies = r->params.copies || r->brief->init_from;
	return rc;
}

static int write_model(const struct xgboost_run *r)
{
	char *out;
	int rc = partitions_parent(r->brief, &r->matrix, &out);

	if (!rc)
		rc = xgboost_model_write(&r->api, r->booster, &r->matrix, out);
	free(out);
	return rc;
}

static int train(struct xgboost_run *r)
{
	bool first = r->team.rank == 0;
	int rc = curve_open(first ? r->brief->events : NULL, &r->curve);

	if (!rc)
		rc = xgboost_fit(r);
	if (!rc && first)
		rc = write_model(r);
	xgboost_pass_warnings(r);
	if (!rc)
		xgboost_measure_warn(r);
	return !rc && matrix_partitions(&r->matrix) ? xgboost_partitions(r) : rc;
}

/* Rank 0's, for all; what one rank alone would take. */
static int share_score(struct xgboost_run *r, char *score)
{
	uint64_t n = score ? strlen(score) + 1 : 0;
	char *text;
	int rc = xgboost_team_share(&r->team, &n, sizeof n);

	if (rc || !n)
		return rc;
	text = xcalloc(n, 1);
	if (score)
		memcpy(text, score, n);
	rc = xgboost_team_share(&r->team, text, n);
	if (!rc) {
		strlist_add(&r->params.names, "base_score");
		strlist_add(&r->params.values, text);
	}
	free(text);
	return rc;
}

static int join(struct xgboost_run *r, struct team *team)
{
	char *score = NULL;
	int rc = 0;

	if (team_ranks(team) > 1 && team_rank(team) == 0 && !r->brief->init_from)
		rc = xgboost_intercept_alone(&r->api, &r->matrix, &r->params, r->brief->threads,
					     &score);
	if (!rc)
		rc = xgboost_team_open(&r->api, team, &r->team);
	if (!rc && team_ranks(team) > 1)
		rc = share_score(r, score);
	free(score);
	return rc;
}

/* The ranks meet when it is sure that there is something to do. */
static int train_together(struct xgboost_run *r, struct team *team)
{
	int rc = prepare(r, team), parted;
	struct pulse pulse;

	if (rc || (rc = pulse_start(&pulse, team)))
		return rc;
	xgboost_api_log(&r->api, &r->log);
	rc = join(r, team);
	if (!rc) {
		buf_reset(&r->log); /* who got which place */
		team_ready(team);
		rc = train(r);
	}
	pulse_stop(&pulse);
	parted = xgboost_team_close(&r->team, rc < 0);
	return xgboost_team_blame(&r->team, rc ? rc : parted);
}

int xgboost_train(const struct brief *b, const struct xgboost_hooks *hooks)
{
	struct xgboost_run r = { .brief = b,
				 .hooks = hooks,
				 .curve = CURVE_INIT,
				 .log = BUF_INIT,
				 .snapshot = BUF_INIT };
	struct team *team;
	int rc = team_open_local(0, &team);

	if (!rc && !team_rank(team))
		rc = brief_begin(b);
	if (!rc)
		rc = matrix_open(b->matrix, &r.matrix);
	if (!rc)
		rc = train_together(&r, team);
	if (rc && hooks->on_failure)
		hooks->on_failure(hooks->payload);
	if (rc)
		team_abort(team);
	xgboost_run_clear(&r);
	matrix_close(&r.matrix);
	team_close(team);
	return rc;
}
