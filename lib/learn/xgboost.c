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
#include "lib/learn/curve.h"
#include "lib/learn/xgboost_api.h"
#include "lib/learn/xgboost_data.h"
#include "lib/learn/xgboost_intercept.h"
#include "lib/learn/xgboost_model.h"
#include "lib/learn/xgboost_params.h"

struct run {
	struct xgboost_api api;
	struct xgboost_params params;
	struct matrix matrix;
	struct curve curve;
	const struct brief *brief;
	const struct xgboost_hooks *hooks;
	void *train, *validation; /* DMatrix; validation may be NULL */
	void *booster;
	struct buf log;
	struct buf snapshot; /* dart: the best model so far, as UBJSON */
	char *metric;	     /* what early stopping and the progress line look at */
	double value;
	int64_t best; /* rounds of the best model, 0: none yet */
	double best_value;
	json_t *best_values; /* all that was measured at that round */
	int64_t started_us;
};

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

/* XGBoost's lines since the last time, to whoever shows them. */
static void pass_warnings(struct run *r)
{
	char *save = NULL;

	if (r->hooks->on_warning)
		for (char *s = strtok_r(r->log.data, "\n", &save); s;
		     s = strtok_r(NULL, "\n", &save))
			r->hooks->on_warning(r->hooks->payload, s);
	buf_reset(&r->log);
}

static int create_data(struct run *r)
{
	struct xgboost_data_opts opts = {
		.threads = r->brief->threads,
		.max_bin = r->params.max_bin,
		.copies = r->params.copies,
	};
	int rc = xgboost_data_create(&r->api, &r->matrix, MATRIX_TRAIN, &opts, &r->train);

	if (rc || r->matrix.splits[MATRIX_VALIDATION].rows == 0)
		return rc;
	opts.ref = opts.copies ? NULL : r->train;
	return xgboost_data_create(&r->api, &r->matrix, MATRIX_VALIDATION, &opts, &r->validation);
}

static int create_booster(struct run *r)
{
	void *matrices[2] = { r->train, r->validation };
	char threads[16], seed[24];
	int rc;

	if (r->api.create(matrices, r->validation ? 2 : 1, &r->booster))
		return xgboost_api_error(&r->api, ERR_FAIL, "cannot make a booster");
	snprintf(threads, sizeof threads, "%d", r->brief->threads);
	snprintf(seed, sizeof seed, "%lld", (long long)r->brief->seed);
	rc = xgboost_params_apply(&r->api, &r->params, r->booster);
	if (!rc && (r->api.set_param(r->booster, "nthread", threads) ||
		    r->api.set_param(r->booster, "seed", seed)))
		rc = xgboost_api_error(&r->api, ERR_FAIL, "cannot set threads and seed");
	return rc;
}

/* auc, map, ndcg and the like grow as they get better. */
static bool higher_is_better(const char *metric)
{
	static const char *const names[] = { "auc",  "aucpr", "map",
					     "ndcg", "pre",   "interval-regression-accuracy" };
	const char *base = strchr(metric, '.') + 1;
	size_t n = strcspn(base, "@");

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strlen(names[i]) == n && !strncmp(base, names[i], n))
			return true;
	return false;
}

/* "[7]\ttrain-rmse:0.5\tvalidation-rmse:0.6" into {"train.rmse":0.5,...}; the last one is looked
 * at. */
static json_t *read_measures(struct run *r, const char *text)
{
	json_t *v = json_object();

	for (const char *s = strchr(text, '\t'); s; s = strchr(s, '\t')) {
		size_t n = strcspn(++s, "\t\n");
		char *name = xstrndup(s, n), *colon = strrchr(name, ':'), *dash = strchr(name, '-');

		if (colon && dash && dash < colon) {
			*colon = '\0';
			*dash = '.';
			r->value = strtod(colon + 1, NULL);
			json_object_set_new(v, name, json_number(r->value));
			free(r->metric);
			r->metric = xstrdup(name);
		}
		free(name);
	}
	return v;
}

static int keep_snapshot(struct run *r)
{
	const char *data;
	bst_ulong n;

	if (r->api.save(r->booster, "{\"format\":\"ubj\"}", &n, &data))
		return xgboost_api_error(&r->api, ERR_FAIL, "cannot keep the model of a round");
	buf_reset(&r->snapshot);
	buf_add(&r->snapshot, data, n);
	return 0;
}

/* Is this the best round so far? What is not a number never is. */
static int note_best(struct run *r, int64_t done, json_t *values)
{
	bool up = higher_is_better(r->metric);

	if (r->best && !(up ? r->value > r->best_value : r->value < r->best_value) &&
	    !(isnan(r->best_value) && !isnan(r->value)))
		return 0;
	r->best = done;
	r->best_value = r->value;
	json_decref(r->best_values);
	r->best_values = json_incref(values);
	return r->params.snapshot && r->params.early_stopping ? keep_snapshot(r) : 0;
}

static void report(struct run *r, int64_t done)
{
	double seconds = (double)(clock_mono_us() - r->started_us) / 1e6;
	struct xgboost_round at = {
		.done = done,
		.rounds = r->params.rounds,
		.metric = r->metric,
		.value = r->value,
		.best = r->best,
		.best_value = r->best_value,
		.seconds = seconds,
		.left = done ? seconds / (double)done * (double)(r->params.rounds - done) : 0,
	};

	if (r->hooks->on_round)
		r->hooks->on_round(r->hooks->payload, &at);
}

/*
 * Measure after `done` rounds: validation after each, which looks at the new trees alone; train now
 * and then, since it costs a pass over all rows.
 */
static int measure(struct run *r, int64_t done, bool last)
{
	bool train = last || done % r->params.log_every == 0 || done == 1;
	void *matrices[2] = { r->train, r->validation };
	const char *names[2] = { "train", "validation" }, *text;
	int skip = train ? 0 : 1;
	json_t *values;
	int rc;

	if (!train && !r->validation)
		return 0;
	if (r->api.eval(r->booster, (int)done - 1, matrices + skip, names + skip,
			(bst_ulong)((r->validation ? 2 : 1) - skip), &text))
		return xgboost_api_error(&r->api, ERR_FAIL, "cannot measure round %lld",
					 (long long)done);
	values = read_measures(r, text);
	if (!r->metric && r->params.early_stopping)
		rc = error_set(ERR_INPUT,
			       "cannot stop early: nothing is measured, give an eval_metric");
	else
		rc = json_object_size(values) ? curve_add(&r->curve, done, values) : 0;
	if (!rc && r->metric && r->validation)
		rc = note_best(r, done, values);
	json_decref(values);
	return rc;
}

static bool stops_early(const struct run *r, int64_t done)
{
	return r->params.early_stopping && done - r->best >= r->params.early_stopping;
}

/* *done_out: rounds that were trained. */
static int train_rounds(struct run *r, int64_t *done_out)
{
	int64_t done = 0;
	int rc = 0;

	r->started_us = clock_mono_us();
	while (done < r->params.rounds && !rc) {
		if (r->api.update(r->booster, (int)done, r->train))
			return xgboost_api_error(&r->api, ERR_FAIL, "cannot train round %lld",
						 (long long)done + 1);
		done++;
		if (done == 1 && (rc = xgboost_model_check(&r->api, r->booster)))
			break;
		rc = measure(r, done, done == r->params.rounds);
		pass_warnings(r);
		report(r, done);
		if (!rc && stops_early(r, done))
			break;
	}
	*done_out = done;
	return rc;
}

/* The booster of the best round takes the place of the last one; its figures are the last of the
 * curve. */
static int keep_best(struct run *r, int64_t done)
{
	void *best = NULL;
	int rc;

	if (!r->params.early_stopping || r->best == done)
		return 0;
	if (r->params.snapshot)
		rc = r->api.create(NULL, 0, &best) ||
		     r->api.load(best, r->snapshot.data, r->snapshot.len);
	else
		rc = r->api.slice(r->booster, 0, (int)r->best, 1, &best);
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

static int prepare(struct run *r)
{
	int rc = matrix_open(r->brief->matrix, &r->matrix);

	if (!rc)
		rc = xgboost_params_parse(r->brief->params, &r->matrix, &r->params);
	if (!rc)
		rc = check_matrix(&r->matrix, &r->params);
	if (!rc)
		rc = xgboost_api_open(&r->api);
	if (!rc)
		rc = xgboost_params_check(&r->api, &r->params, &r->matrix);
	if (!rc)
		xgboost_intercept_add(&r->api, &r->matrix, &r->params);
	return rc;
}

static void run_clear(struct run *r)
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
	matrix_close(&r->matrix);
	buf_clear(&r->snapshot);
	buf_clear(&r->log);
	json_decref(r->best_values);
	free(r->metric);
}

int xgboost_train(const struct brief *b, const struct xgboost_hooks *hooks)
{
	struct run r = { .brief = b,
			 .hooks = hooks,
			 .curve = CURVE_INIT,
			 .log = BUF_INIT,
			 .snapshot = BUF_INIT };
	int64_t done = 0;
	int rc = prepare(&r);

	if (rc)
		goto out;
	xgboost_api_log(&r.api, &r.log);
	r.started_us = clock_mono_us();
	report(&r, 0);
	if ((rc = curve_open(b->events, &r.curve)) || (rc = create_data(&r)) ||
	    (rc = create_booster(&r)) || (rc = train_rounds(&r, &done)) ||
	    (rc = keep_best(&r, done)))
		goto out;
	rc = xgboost_model_write(&r.api, r.booster, &r.matrix, b->out);
	pass_warnings(&r);
out:
	run_clear(&r);
	return rc;
}
