/* xgboost_measure.c - how good the trees are after a round, and which round was the best. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/learn/constant.h"
#include "lib/learn/xgboost/xgboost_run.h"

static bool is_among(const char *metric, const char *const *names, size_t n)
{
	size_t len = strcspn(metric, "@");

	for (size_t i = 0; i < n; i++)
		if (strlen(names[i]) == len && !strncmp(metric, names[i], len))
			return true;
	return false;
}

/* Sums over rows, or over groups: XGBoost adds those of all ranks and divides then. */
static bool adds_up(const char *metric)
{
	static const char *const names[] = {
		"aft-nloglik",
		"error",
		"expectile",
		"gamma-deviance",
		"gamma-nloglik",
		"interval-regression-accuracy",
		"logloss",
		"mae",
		"map",
		"mape",
		"merror",
		"mlogloss",
		"mphe",
		"ndcg",
		"poisson-nloglik",
		"pre",
		"quantile",
		"rmse",
		"rmsle",
		"tweedie-nloglik",
	};

	return is_among(metric, names, ARRAY_LEN(names));
}

struct shard xgboost_measure_shard(const struct xgboost_run *r)
{
	const struct matrix_split *s = &r->matrix.splits[MATRIX_VALIDATION];
	const struct xgboost_params *p = &r->params;
	const char *objective = xgboost_params_find(p, "objective");
	bool whole = shard_most(s) < r->team.ranks || !strcmp(objective, "survival:cox");

	for (size_t i = 0; i < p->names.n; i++)
		if (!strcmp(p->names.v[i], "eval_metric"))
			whole = whole || !adds_up(p->values.v[i]);
	return whole ? shard_of(s, 0, 1) : shard_of(s, r->team.rank, r->team.ranks);
}

/* auc, map, ndcg and the like grow as they get better. */
static bool higher_is_better(const char *metric)
{
	static const char *const names[] = { "auc",  "aucpr", "map",
					     "ndcg", "pre",   "interval-regression-accuracy" };

	return is_among(strchr(metric, '.') + 1, names, ARRAY_LEN(names));
}

/* "[7]\ttrain-rmse:0.5\tvalidation-rmse:0.6" into {"train.rmse":0.5,...}; the last one is looked
 * at. */
static json_t *read_measures(struct xgboost_run *r, const char *text)
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

/* Where the predictions are no numbers, neither is a loss of them; other metrics may have reasons of their own. */
static int check_loss(const struct xgboost_run *r, int64_t done, const json_t *values)
{
	static const char *const losses[] = { "train.rmse", "train.mae", "train.logloss",
					      "train.mlogloss" };

	for (size_t i = 0; !r->params.early_stopping && i < ARRAY_LEN(losses); i++) {
		const json_t *v = json_object_get(values, losses[i]);

		if (!v || (json_is_number(v) && isfinite(json_number_value(v))))
			continue;
		error_set(ERR_FAIL, "training diverged by round %lld: %s is no number",
			  (long long)done, losses[i]);
		return error_hint(ERR_FAIL, "give a lower eta");
	}
	return 0;
}

static int keep_snapshot(struct xgboost_run *r)
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
static int note_best(struct xgboost_run *r, int64_t done, json_t *values)
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

int xgboost_measure(struct xgboost_run *r, int64_t done, bool last)
{
	bool train = !r->part && (last || done % r->params.log_every == 0 || done == 1);
	void *matrices[2] = { r->train, r->validation };
	const char *names[2] = { "train", "validation" }, *text;
	int skip = train ? 0 : 1;
	json_t *values;
	int rc;

	if (!train && (!r->validation || (r->part && !r->params.early_stopping)))
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
	if (!rc)
		rc = check_loss(r, done, values);
	if (!rc && r->metric && r->validation)
		rc = note_best(r, done, values);
	json_decref(values);
	return rc;
}

/* Does the metric measure what these objectives make small? */
static bool is_usual(const struct xgboost_params *p)
{
	static const char *const objectives[] = { "reg:squarederror",	  "reg:absoluteerror",
						  "reg:pseudohubererror", "binary:logistic",
						  "multi:softprob",	  "multi:softmax" };
	const char *objective = xgboost_params_find(p, "objective");

	if (xgboost_params_find(p, "scale_pos_weight"))
		return false;
	return objective && is_among(objective, objectives, ARRAY_LEN(objectives));
}

void xgboost_measure_warn(const struct xgboost_run *r)
{
	double value = r->params.early_stopping ? r->best_value : r->value;
	struct buf text = BUF_INIT;

	if (r->hooks->on_warning && !r->team.rank && r->metric && is_usual(&r->params) &&
	    constant_beats(&r->matrix, r->metric, value, &text)) {
		buf_addstr(&text,
			   "; a lower eta may help, unless the inputs say nothing of the label");
		r->hooks->on_warning(r->hooks->payload, text.data);
	}
	buf_clear(&text);
}
