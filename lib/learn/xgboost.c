/* xgboost.c - the rounds of training: update, measure, stop early. */
#include "lib/learn/xgboost.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/learn/pulse.h"
#include "lib/learn/xgboost_data.h"
#include "lib/learn/xgboost_intercept.h"
#include "lib/learn/xgboost_model.h"
#include "lib/learn/xgboost_run.h"

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
	if (p->early_stopping && v->rows == 0) {
		error_set(ERR_INPUT,
			  "cannot stop early: the data set has no validation split with rows");
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

	if (ranks > 1 && !strcmp(xgboost_params_find(p, "tree_method"), "exact"))
		return error_set(ERR_INPUT,
				 "tree_method 'exact' wants all rows in one rank, not %d "
				 "ranks: use 'hist' or 'approx'",
				 ranks);
	if (shard_most(s) >= ranks)
		return 0;
	error_set(ERR_INPUT, "cannot train in %d ranks: the split 'train' has %lld %s", ranks,
		  (long long)shard_most(s), ranked ? "groups" : "rows");
	return error_hint(ERR_INPUT, "train in fewer ranks: -n %lld", (long long)shard_most(s));
}

/* XGBoost's lines since the last time, to whoever shows them. */
static void pass_warnings(struct xgboost_run *r)
{
	char *save = NULL;

	if (r->hooks->on_warning)
		for (char *s = strtok_r(r->log.data, "\n", &save); s;
		     s = strtok_r(NULL, "\n", &save))
			r->hooks->on_warning(r->hooks->payload, s);
	buf_reset(&r->log);
}

/* This rank's part of the train split, and what it measures of the validation split. */
static int create_data(struct xgboost_run *r)
{
	const struct matrix_split *train = &r->matrix.splits[MATRIX_TRAIN];
	struct xgboost_data_opts opts = {
		.threads = r->brief->threads,
		.max_bin = r->params.max_bin,
		.copies = r->params.copies,
		.shard = shard_of(train, r->team.rank, r->team.ranks),
	};
	int rc = xgboost_data_create(&r->api, &r->matrix, MATRIX_TRAIN, &opts, &r->train);

	if (rc || r->matrix.splits[MATRIX_VALIDATION].rows == 0)
		return rc;
	opts.ref = opts.copies ? NULL : r->train;
	opts.shard = xgboost_measure_shard(r);
	return xgboost_data_create(&r->api, &r->matrix, MATRIX_VALIDATION, &opts, &r->validation);
}

static int create_booster(struct xgboost_run *r)
{
	void *matrices[2] = { r->train, r->validation };
	char threads[16], seed[24];
	int rc = 0;

	if (r->api.create(matrices, r->validation ? 2 : 1, &r->booster))
		return xgboost_api_error(&r->api, ERR_FAIL, "cannot make a booster");
	snprintf(threads, sizeof threads, "%d", r->brief->threads);
	snprintf(seed, sizeof seed, "%lld", (long long)r->brief->seed);
	if (r->brief->init_from)
		rc = xgboost_base_load(&r->api, r->brief->init_from, &r->matrix, &r->params,
				       r->booster, &r->base);
	if (!rc)
		rc = xgboost_params_apply(&r->api, &r->params, r->booster);
	if (!rc && (r->api.set_param(r->booster, "nthread", threads) ||
		    r->api.set_param(r->booster, "seed", seed)))
		rc = xgboost_api_error(&r->api, ERR_FAIL, "cannot set threads and seed");
	return rc;
}

static void report(struct xgboost_run *r)
{
	double seconds = (double)(clock_mono_us() - r->started_us) / 1e6;
	int64_t trained = r->done - r->from;
	struct xgboost_round at = {
		.done = r->done,
		.rounds = r->params.rounds,
		.metric = r->metric,
		.value = r->value,
		.best = r->best,
		.best_value = r->best_value,
		.seconds = seconds,
		.left = trained ? seconds / (double)trained * (double)(r->params.rounds - r->done)
				: 0,
		.resumed = r->from > 0,
		.first = r->team.rank == 0,
	};

	if (r->hooks->on_round)
		r->hooks->on_round(r->hooks->payload, &at);
}

static bool stops_early(const struct xgboost_run *r)
{
	return r->params.early_stopping && r->done - r->best >= r->params.early_stopping;
}

/* Each of 100 %: nothing is drawn. */
static bool draws(const struct xgboost_params *p)
{
	static const char *const shares[] = { "subsample", "colsample_bytree", "colsample_bylevel",
					      "colsample_bynode" };

	for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
		const char *share = xgboost_params_find(p, shares[i]);

		if (share && strtod(share, NULL) < 1)
			return true;
	}
	return false;
}

/*
 * What a round draws is to depend on the seed and its number alone, so that it is the same in a process that
 * begins with it. The seed begins anew in each round (seed_per_iteration), but what grows trees draws one number
 * more in its first, and keeps a state of its own for columns. Going to another method and back makes a new one;
 * in between XGBoost must look at its parameters, which it does where it is asked for them.
 */
static int begin_chance(struct xgboost_run *r)
{
	const char *method = xgboost_params_find(&r->params, "tree_method"), *config;
	const char *other = strcmp(method, "approx") ? "approx" : "hist";
	bst_ulong n;

	if (!draws(&r->params))
		return 0;
	if (r->api.set_param(r->booster, "tree_method", other) ||
	    r->api.save_config(r->booster, &n, &config) ||
	    r->api.set_param(r->booster, "tree_method", method))
		return xgboost_api_error(&r->api, ERR_FAIL, "cannot begin round %lld",
					 (long long)r->done + 1);
	return 0;
}

static int train_round(struct xgboost_run *r)
{
	int rc = begin_chance(r);

	if (rc)
		return rc;
	team_step(r->team.team, r->done);
	if (r->api.update(r->booster, r->base.rounds + (int)r->done, r->train))
		return xgboost_api_error(&r->api, ERR_FAIL, "cannot train round %lld",
					 (long long)r->done + 1);
	r->done++;
	if (r->done == 1 && !r->part)
		rc = xgboost_model_check(&r->api, r->booster);
	if (!rc)
		rc = xgboost_measure(r, r->done, r->done == r->params.rounds);
	pass_warnings(r);
	report(r);
	r->over = r->done == r->params.rounds || stops_early(r);
	return rc;
}

static int train_rounds(struct xgboost_run *r)
{
	int rc = 0;

	r->started_us = clock_mono_us();
	if (r->from)
		report(r);
	while (!r->over && !rc) {
		rc = train_round(r);
		if (!rc)
			rc = xgboost_keep(r);
	}
	return rc;
}

/* The booster of the best round takes the place of the last one; its figures are the last of the
 * curve. */
static int keep_best(struct xgboost_run *r)
{
	void *best = NULL;
	int rc;

	if (!r->params.early_stopping || r->best == r->done)
		return 0;
	if (r->params.snapshot)
		rc = r->api.create(NULL, 0, &best) ||
		     r->api.load(best, r->snapshot.data, r->snapshot.len);
	else
		rc = r->api.slice(r->booster, 0, r->base.rounds + (int)r->best, 1, &best);
	if (rc) {
		rc = xgboost_api_error(&r->api, ERR_FAIL, "cannot keep the best %lld rounds",
				       (long long)r->best);
		if (best)
			r->api.booster_free(best);
		return rc;
	}
	r->api.booster_free(r->booster);
	r->booster = best;
	return curve_add(&r->curve, r->best, r->best_values);
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

void xgboost_run_clear(struct xgboost_run *r)
{
	if (r->booster)
		r->api.booster_free(r->booster);
	if (r->validation)
		r->api.matrix_free(r->validation);
	if (r->train)
		r->api.matrix_free(r->train);
	if (r->api.set_log)
		xgboost_api_log(&r->api, NULL);
	curve_close(&r->curve);
	xgboost_params_clear(&r->params);
	buf_clear(&r->snapshot);
	buf_clear(&r->log);
	json_decref(r->best_values);
	free(r->metric);
}

int xgboost_fit(struct xgboost_run *r)
{
	int rc;

	xgboost_api_log(&r->api, &r->log);
	r->started_us = clock_mono_us();
	report(r);
	if ((rc = create_data(r)) || (rc = create_booster(r)) || (rc = xgboost_resume(r)) ||
	    (rc = train_rounds(r)) || (rc = keep_best(r)))
		return rc;
	r->rounds = r->params.early_stopping ? r->best : r->done;
	return 0;
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
	pass_warnings(r);
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
