/* xgboost_fit.c - the rounds of one training: update, measure, stop early. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/xgboost/xgboost_data.h"
#include "lib/learn/xgboost/xgboost_model.h"
#include "lib/learn/xgboost/xgboost_run.h"

void xgboost_pass_warnings(struct xgboost_run *r)
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
	double rows = (double)r->matrix.splits[MATRIX_TRAIN].rows;
	int64_t trained = r->done - r->from;
	struct xgboost_round at = {
		.done = r->done,
		.rounds = r->params.rounds,
		.metric = r->metric,
		.value = r->value,
		.best = r->best,
		.best_value = r->best_value,
		.rows_per_s = seconds > 0 ? (double)trained * rows / seconds : 0,
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
	xgboost_pass_warnings(r);
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
