/* xgboost_params.c - own options, XGBoost's parameters, and who refuses what. */
#include "lib/learn/xgboost/xgboost_params.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/learn/xgboost/xgboost_suit.h"

enum { MAX_ROUNDS = 1000000 };

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
	{ "seed_per_iteration", "each round has its own, so that a run that was killed can go on" },
	{ "process_type", "mich trains from the start only" },
};

static void add(struct xgboost_params *p, const char *name, const char *value)
{
	strlist_add(&p->names, name);
	strlist_add(&p->values, value);
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
		return error_set(ERR_INPUT, "parameter '%s' must be a whole number from %lld to %d",
				 name, (long long)low, MAX_ROUNDS);
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
		return error_set(ERR_INPUT,
				 "parameter 'eval_metric' must be a name or a list of names");
	for (i = 0; i < names.n; i++)
		add(p, "eval_metric", names.v[i]);
	strlist_clear(&names);
	return 0;
}

#define OWN(field) (offsetof(struct xgboost_params, field))

static const struct {
	const char *name, *help;
	long long low;
	size_t at; /* of an int64_t */
} own[] = {
	{ "rounds", "how many trees, of each class; by default 100", 1, OWN(rounds) },
	{ "early_stopping_rounds", "stop after so many without a better metric on validation", 0,
	  OWN(early_stopping) },
	{ "log_every", "rounds between two measurements on train; by default 10", 1,
	  OWN(log_every) },
};

bool xgboost_params_about(size_t i, const char **name, const char **help)
{
	if (i >= ARRAY_LEN(own))
		return false;
	*name = own[i].name;
	*help = own[i].help;
	return true;
}

static int add_param(struct xgboost_params *p, const char *name, const json_t *v)
{
	char *text;

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (!strcmp(name, own[i].name))
			return own_option(name, v, own[i].low,
					  (int64_t *)(void *)((char *)p + own[i].at));
	if (!strcmp(name, "eval_metric"))
		return add_metrics(p, v);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		if (!strcmp(name, refused[i].name))
			return error_set(ERR_INPUT, "parameter '%s' cannot be given: %s", name,
					 refused[i].why);
	text = value_text(name, v);
	if (!text)
		return error_set(ERR_INPUT, "parameter '%s' must be a number, a string or a list",
				 name);
	add(p, name, text);
	free(text);
	return 0;
}

/* What the rounds must know of the parameters. */
static void read_kind(struct xgboost_params *p)
{
	const char *method = xgboost_params_find(p, "tree_method");
	const char *bins = xgboost_params_find(p, "max_bin");
	const char *booster = xgboost_params_find(p, "booster");

	p->copies = method && (!strcmp(method, "approx") || !strcmp(method, "exact"));
	p->max_bin = bins ? strtoll(bins, NULL, 10) : 256;
	p->snapshot = booster && !strcmp(booster, "dart");
}

static int add_implied(struct xgboost_params *p, const struct matrix *m)
{
	char classes[24];
	int rc;

	if (!xgboost_params_find(p, "objective"))
		add(p, "objective", xgboost_suit_objective(m->task));
	if ((rc = xgboost_suit_check(p, m)))
		return rc;
	if (!xgboost_params_find(p, "tree_method"))
		add(p, "tree_method", "hist");
	if (m->task == MATRIX_MULTICLASS) {
		snprintf(classes, sizeof classes, "%zu", m->classes.n);
		add(p, "num_class", classes);
	}
	add(p, "validate_parameters", "true");
	add(p, "seed_per_iteration", "true");
	read_kind(p);
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

int xgboost_params_apply(const struct xgboost_api *api, const struct xgboost_params *p,
			 void *booster)
{
	for (size_t i = 0; i < p->names.n; i++)
		if (api->set_param(booster, p->names.v[i], p->values.v[i]))
			return xgboost_api_error(api, ERR_INPUT, "cannot set parameter '%s'",
						 p->names.v[i]);
	return 0;
}

const char *xgboost_params_find(const struct xgboost_params *p, const char *name)
{
	for (size_t i = 0; i < p->names.n; i++)
		if (!strcmp(p->names.v[i], name))
			return p->values.v[i];
	return NULL;
}

void xgboost_params_clear(struct xgboost_params *p)
{
	strlist_clear(&p->names);
	strlist_clear(&p->values);
	*p = (struct xgboost_params)XGBOOST_PARAMS_INIT;
}
