/* xgboost_params.c - own options, XGBoost's parameters, and who refuses what. */
#include "lib/learn/xgboost_params.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"

enum { MAX_ROUNDS = 1000000 };

/* For "did you mean": XGBoost alone decides what is known. Its documentation's names, 3.2. */
static const char *const known[] = {
	"rounds", "early_stopping_rounds", "log_every",
	"alpha", "aft_loss_distribution", "aft_loss_distribution_scale", "base_score", "booster",
	"colsample_bylevel", "colsample_bynode", "colsample_bytree", "device", "eta", "eval_metric",
	"gamma", "grow_policy", "huber_slope", "interaction_constraints", "lambda",
	"lambdarank_bias_norm", "lambdarank_normalization", "lambdarank_num_pair_per_sample",
	"lambdarank_pair_method", "lambdarank_score_normalization", "lambdarank_unbiased",
	"learning_rate", "max_bin", "max_cached_hist_node", "max_cat_threshold", "max_cat_to_onehot",
	"max_delta_step", "max_depth", "max_leaves", "min_child_weight", "min_split_loss",
	"monotone_constraints", "ndcg_exp_gain", "normalize_type", "num_parallel_tree", "objective",
	"one_drop", "quantile_alpha", "expectile_alpha", "rate_drop", "reg_alpha", "reg_lambda",
	"sample_type", "sampling_method", "scale_pos_weight", "seed_per_iteration", "skip_drop",
	"subsample", "tree_method", "tweedie_variance_power",
};

/* Names that are refused, and why. */
static const struct {
	const char *name, *why;
} refused[] = {
	{ "n_estimators", "it is called 'rounds' here" },
	{ "num_boost_round", "it is called 'rounds' here" },
	{ "num_round", "it is called 'rounds' here" },
	{ "iterations", "it is called 'rounds' here" },
	{ "early_stopping", "it is called 'early_stopping_rounds' here" },
	{ "nthread", "the step sets the number of threads" },
	{ "n_jobs", "the step sets the number of threads" },
	{ "seed", "the step sets the seed" },
	{ "random_state", "the step sets the seed" },
	{ "num_class", "the label's classes set it" },
	{ "enable_categorical", "the inputs' types say which are categories" },
	{ "validate_parameters", "parameters are always validated" },
	{ "verbosity", "mich decides what is printed" },
	{ "process_type", "mich trains from the start only" },
};

static void add(struct xgboost_params *p, const char *name, const char *value)
{
	strlist_add(&p->names, name);
	strlist_add(&p->values, value);
}

static const char *find(const struct xgboost_params *p, const char *name)
{
	for (size_t i = 0; i < p->names.n; i++)
		if (!strcmp(p->names.v[i], name))
			return p->values.v[i];
	return NULL;
}

static int own_option(const char *name, const json_t *v, int64_t low, int64_t *out)
{
	const char *s = json_string_value(v);
	char *end = NULL;

	errno = 0;
	if (json_is_integer(v))
		*out = json_integer_value(v);
	else if (json_is_real(v) && json_real_value(v) >= 0 && json_real_value(v) <= MAX_ROUNDS &&
		 json_real_value(v) == (double)(int64_t)json_real_value(v))
		*out = (int64_t)json_real_value(v);
	else if (s && *s)
		*out = strtoll(s, &end, 10);
	else
		*out = -1;
	if (errno || (end && *end) || *out < low || *out > MAX_ROUNDS)
		return error_set(ERR_INPUT, "parameter '%s' must be a whole number from %lld to %d", name,
				 (long long)low, MAX_ROUNDS);
	return 0;
}

/* A value as XGBoost reads it; "(1,-1)" for monotone_constraints. NULL: it has no such form. */
static char *value_text(const char *name, const json_t *v)
{
	struct buf b = BUF_INIT;

	if (json_is_object(v) || json_is_null(v))
		return NULL;
	if (json_is_string(v))
		return xstrdup(json_string_value(v));
	json_canonical(v, &b);
	if (json_is_array(v) && !strcmp(name, "monotone_constraints")) {
		b.data[0] = '(';
		b.data[b.len - 1] = ')';
	}
	return buf_take(&b);
}

/* Several metrics: a list, or names with commas between them. */
static int add_metrics(struct xgboost_params *p, const json_t *v)
{
	struct strlist names = STRLIST_INIT;
	size_t i;
	json_t *e;

	if (json_is_string(v))
		strlist_split(&names, json_string_value(v), ", ");
	json_array_foreach(v, i, e)
		if (json_is_string(e))
			strlist_add(&names, json_string_value(e));
	if (!names.n)
		return error_set(ERR_INPUT, "parameter 'eval_metric' must be a name or a list of names");
	for (i = 0; i < names.n; i++)
		add(p, "eval_metric", names.v[i]);
	strlist_clear(&names);
	return 0;
}

static int add_param(struct xgboost_params *p, const char *name, const json_t *v)
{
	char *text;

	if (!strcmp(name, "rounds"))
		return own_option(name, v, 1, &p->rounds);
	if (!strcmp(name, "early_stopping_rounds"))
		return own_option(name, v, 0, &p->early_stopping);
	if (!strcmp(name, "log_every"))
		return own_option(name, v, 1, &p->log_every);
	if (!strcmp(name, "eval_metric"))
		return add_metrics(p, v);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		if (!strcmp(name, refused[i].name))
			return error_set(ERR_INPUT, "parameter '%s' cannot be given: %s", name,
					 refused[i].why);
	text = value_text(name, v);
	if (!text)
		return error_set(ERR_INPUT, "parameter '%s' must be a number, a string or a list", name);
	add(p, name, text);
	free(text);
	return 0;
}

static const char *default_objective(enum matrix_task task)
{
	switch (task) {
	case MATRIX_BINARY:
		return "binary:logistic";
	case MATRIX_MULTICLASS:
		return "multi:softprob";
	case MATRIX_RANKING:
		return "rank:ndcg";
	default:
		return "reg:squarederror";
	}
}

/* An objective of another task would train, and then be measured as what it is not. */
static int check_objective(const struct matrix *m, const char *objective)
{
	bool binary = !strncmp(objective, "binary:", 7), multi = !strncmp(objective, "multi:", 6);
	bool rank = !strncmp(objective, "rank:", 5);
	const char *best = default_objective(m->task);

	if (!strcmp(objective, "multi:softmax"))
		return error_set(ERR_INPUT, "objective 'multi:softmax' gives no probabilities: use 'multi:softprob'");
	if ((m->task == MATRIX_BINARY && strcmp(objective, "binary:logistic") != 0 &&
	     strcmp(objective, "reg:logistic") != 0) ||
	    (m->task == MATRIX_MULTICLASS && !multi) || (m->task == MATRIX_RANKING && !rank) ||
	    (m->task == MATRIX_REGRESSION && (binary || multi || rank)))
		return error_set(ERR_INPUT, "objective '%s' does not suit a %s label: use '%s'", objective,
				 matrix_task_name(m->task), best);
	return 0;
}

/*
 * Metrics that mean nothing for a label of this task: XGBoost says so late and darkly, or aborts
 * (ranking with weights). What is in no list is XGBoost's to refuse.
 */
static int check_metric(const struct matrix *m, const char *metric)
{
	static const char *const rank[] = { "map", "ndcg", "pre", NULL };
	static const char *const multi[] = { "merror", "mlogloss", NULL };
	static const char *const curve[] = { "auc", "aucpr", NULL };
	static const char *const rows[] = { "ams", "error", "gamma-deviance", "gamma-nloglik", "logloss", "mae",
					    "mape", "mphe", "poisson-nloglik", "rmse", "rmsle",
					    "tweedie-nloglik", NULL };
	static const char *const *const wrong[][4] = {
		[MATRIX_REGRESSION] = { rank, multi, curve },
		[MATRIX_BINARY] = { rank, multi },
		[MATRIX_MULTICLASS] = { rank, rows },
		[MATRIX_RANKING] = { rows, multi },
	};
	static const char *const good[] = { "rmse", "logloss", "mlogloss", "ndcg" };
	char *base = xstrndup(metric, strcspn(metric, "@"));
	int rc = 0;

	for (size_t i = 0; wrong[m->task][i]; i++)
		for (const char *const *name = wrong[m->task][i]; *name; name++)
			if (!strcmp(*name, base))
				rc = error_set(ERR_INPUT, "metric '%s' does not suit a %s label: use '%s'", metric,
					       matrix_task_name(m->task), good[m->task]);
	free(base);
	return rc;
}

/* Too few values for the classes would be read past their end. */
static int check_base_score(const struct matrix *m, const char *text)
{
	size_t n = 1, want = m->task == MATRIX_MULTICLASS ? m->classes.n : 1;

	if (!text || *text != '[')
		return 0;
	for (const char *s = text; *s; s++)
		n += *s == ',';
	if (n == 1 || n == want)
		return 0;
	return error_set(ERR_INPUT, "parameter 'base_score' has %zu values, want 1%s", n,
			 want > 1 ? " or one a class" : "");
}

static int check_values(const struct matrix *m, const struct xgboost_params *p)
{
	int rc = check_base_score(m, find(p, "base_score"));

	for (size_t i = 0; i < p->names.n && !rc; i++)
		if (!strcmp(p->names.v[i], "eval_metric"))
			rc = check_metric(m, p->values.v[i]);
	return rc;
}

/* What would train but not score: models are trees, one leaf value each. */
static int check_booster(struct xgboost_params *p)
{
	const char *booster = find(p, "booster"), *multi = find(p, "multi_strategy");

	if (booster && strcmp(booster, "gbtree") != 0 && strcmp(booster, "dart") != 0)
		return error_set(ERR_INPUT, "booster '%s' makes no trees: use 'gbtree' or 'dart'", booster);
	if (multi && strcmp(multi, "one_output_per_tree") != 0)
		return error_set(ERR_INPUT, "multi_strategy '%s' cannot be scored: use 'one_output_per_tree'",
				 multi);
	p->snapshot = booster && !strcmp(booster, "dart");
	return 0;
}

static void read_matrix_kind(struct xgboost_params *p)
{
	const char *method = find(p, "tree_method"), *bins = find(p, "max_bin");

	p->copies = method && (!strcmp(method, "approx") || !strcmp(method, "exact"));
	p->max_bin = bins ? strtoll(bins, NULL, 10) : 256;
}

static int add_implied(struct xgboost_params *p, const struct matrix *m)
{
	const char *objective = find(p, "objective");
	char classes[24];
	int rc;

	if (!objective)
		add(p, "objective", objective = default_objective(m->task));
	if ((rc = check_objective(m, objective)) || (rc = check_booster(p)) || (rc = check_values(m, p)))
		return rc;
	if (!find(p, "tree_method"))
		add(p, "tree_method", "hist");
	if (m->task == MATRIX_MULTICLASS) {
		snprintf(classes, sizeof classes, "%zu", m->classes.n);
		add(p, "num_class", classes);
	}
	add(p, "validate_parameters", "true");
	read_matrix_kind(p);
	return 0;
}

int xgboost_params_parse(const json_t *params, const struct matrix *m, struct xgboost_params *out)
{
	struct strlist names = STRLIST_INIT;
	const char *name;
	json_t *v;
	int rc = 0;

	*out = (struct xgboost_params){ .rounds = 100, .log_every = 10 };
	json_object_foreach((json_t *)params, name, v)
		strlist_add(&names, name);
	strlist_sort(&names);
	for (size_t i = 0; i < names.n && !rc; i++)
		rc = add_param(out, names.v[i], json_object_get(params, names.v[i]));
	if (!rc)
		rc = add_implied(out, m);
	if (rc)
		xgboost_params_clear(out);
	strlist_clear(&names);
	return rc;
}

int xgboost_params_apply(const struct xgboost_api *api, const struct xgboost_params *p, void *booster)
{
	for (size_t i = 0; i < p->names.n; i++)
		if (api->set_param(booster, p->names.v[i], p->values.v[i]))
			return xgboost_api_error(api, ERR_INPUT, "cannot set parameter '%s'", p->names.v[i]);
	return 0;
}

static bool is_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (!strcmp(known[i], name))
			return true;
	return false;
}

/* The first name in: Parameters: { "foo", "bar" } are not used. */
static int refuse_unused(const char *log)
{
	const char *s = strstr(log, "Parameters: {"), *near;
	char name[128];
	int rc;

	if (!s || sscanf(s, "Parameters: { \"%127[^\"]\"", name) != 1)
		return 0;
	if (is_known(name))
		return error_set(ERR_INPUT, "parameter '%s' has no effect with this objective and booster", name);
	rc = error_set(ERR_INPUT, "unknown parameter '%s': neither the learner xgboost nor XGBoost has it", name);
	near = strlist_nearest(known, ARRAY_LEN(known), name);
	return near ? error_hint(rc, "did you mean '%s'?", near) : rc;
}

/* Four rows of zeros, as wide as the matrix: what a booster wants to see before it configures itself. */
static int probe_create(const struct xgboost_api *api, const struct matrix *m, void **out)
{
	enum { ROWS = 4 };
	char array[200];
	float *zeros;
	int rc = mem_alloc(m->n_inputs * ROWS, sizeof(*zeros), &zeros);

	if (rc)
		return rc;
	snprintf(array, sizeof array,
		 "{\"data\":[%zu,true],\"shape\":[%d,%zu],\"typestr\":\"<f4\",\"version\":3}",
		 (size_t)zeros, ROWS, m->n_inputs);
	if (api->dense_create(array, "{\"missing\":NaN,\"nthread\":1}", out))
		rc = xgboost_api_error(api, ERR_ENGINE, "cannot try the parameters");
	free(zeros);
	return rc;
}

/* XGBoost falls back to the CPU with a warning where it has no GPU; a parameter must do what it says. */
static int check_device(const struct xgboost_params *p, const char *log)
{
	const char *device = find(p, "device");

	if (device && strcmp(device, "cpu") != 0 && strstr(log, "GPU to CPU"))
		return error_set(ERR_INPUT, "parameter 'device' is '%s', but XGBoost finds no GPU here", device);
	return 0;
}

int xgboost_params_check(const struct xgboost_api *api, const struct xgboost_params *p,
			 const struct matrix *m)
{
	struct buf log = BUF_INIT;
	void *probe = NULL, *booster = NULL;
	const char *config;
	bst_ulong n;
	int rc = probe_create(api, m, &probe);

	if (rc)
		return rc;
	xgboost_api_log(api, &log);
	if (api->create(&probe, 1, &booster))
		rc = xgboost_api_error(api, ERR_ENGINE, "cannot try the parameters");
	if (!rc)
		rc = xgboost_params_apply(api, p, booster);
	if (!rc && api->save_config(booster, &n, &config))
		rc = xgboost_api_error(api, ERR_INPUT, "cannot use the parameters");
	if (!rc)
		rc = refuse_unused(log.data);
	if (!rc)
		rc = check_device(p, log.data);
	xgboost_api_log(api, NULL);
	if (booster)
		api->booster_free(booster);
	api->matrix_free(probe);
	buf_clear(&log);
	return rc;
}

void xgboost_params_clear(struct xgboost_params *p)
{
	strlist_clear(&p->names);
	strlist_clear(&p->values);
	*p = (struct xgboost_params)XGBOOST_PARAMS_INIT;
}
