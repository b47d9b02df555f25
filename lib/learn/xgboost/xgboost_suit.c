/* xgboost_suit.c - objectives, metrics and boosters that suit a task, and those that do not. */
#include "lib/learn/xgboost/xgboost_suit.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

const char *xgboost_suit_objective(enum matrix_task task)
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
	const char *best = xgboost_suit_objective(m->task);

	if (!strcmp(objective, "multi:softmax"))
		return error_set(ERR_INPUT, "objective 'multi:softmax' gives no probabilities: use "
					    "'multi:softprob'");
	if ((m->task == MATRIX_BINARY && strcmp(objective, "binary:logistic") != 0) ||
	    (m->task == MATRIX_MULTICLASS && !multi) || (m->task == MATRIX_RANKING && !rank) ||
	    (m->task == MATRIX_REGRESSION && (binary || multi || rank)))
		return error_set(ERR_INPUT, "objective '%s' does not suit a %s label: use '%s'",
				 objective, matrix_task_name(m->task), best);
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
	static const char *const rows[] = {
		"ams",	"error", "gamma-deviance",  "gamma-nloglik", "logloss", "mae",
		"mape", "mphe",	 "poisson-nloglik", "rmse",	     "rmsle",	"tweedie-nloglik",
		NULL
	};
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
				rc = error_set(ERR_INPUT,
					       "metric '%s' does not suit a %s label: use '%s'",
					       metric, matrix_task_name(m->task), good[m->task]);
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

/* What would train but not score: models are trees, one leaf value each, one value a row or class.
 */
static int check_booster(const struct xgboost_params *p)
{
	const char *alpha = xgboost_params_find(p, "quantile_alpha");
	const char *booster = xgboost_params_find(p, "booster"),
		   *multi = xgboost_params_find(p, "multi_strategy");

	if (booster && strcmp(booster, "gbtree") != 0 && strcmp(booster, "dart") != 0)
		return error_set(ERR_INPUT, "booster '%s' makes no trees: use 'gbtree' or 'dart'",
				 booster);
	if (multi && strcmp(multi, "one_output_per_tree") != 0)
		return error_set(ERR_INPUT,
				 "multi_strategy '%s' cannot be scored: use "
				 "'one_output_per_tree'",
				 multi);
	if (alpha && strchr(alpha, ','))
		return error_set(ERR_INPUT,
				 "quantile_alpha '%s' asks for several quantiles: a model "
				 "predicts one",
				 alpha);
	return 0;
}

int xgboost_suit_check(const struct xgboost_params *p, const struct matrix *m)
{
	int rc = check_objective(m, xgboost_params_find(p, "objective"));

	if (!rc)
		rc = check_booster(p);
	if (!rc)
		rc = check_base_score(m, xgboost_params_find(p, "base_score"));
	for (size_t i = 0; i < p->names.n && !rc; i++)
		if (!strcmp(p->names.v[i], "eval_metric"))
			rc = check_metric(m, p->values.v[i]);
	return rc;
}

int xgboost_suit_ranks(const struct xgboost_params *p, int ranks)
{
	if (ranks < 2 || strcmp(xgboost_params_find(p, "tree_method"), "exact") != 0)
		return 0;
	return error_set(
		ERR_INPUT,
		"tree_method 'exact' wants all rows in one rank, not %d ranks: use 'hist' or "
		"'approx'",
		ranks);
}
