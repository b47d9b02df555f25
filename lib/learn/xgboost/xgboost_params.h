/* xgboost_params.h - the parameters of the learner `xgboost`: its own options, and XGBoost's. */
#ifndef MICH_LEARN_XGBOOST_XGBOOST_PARAMS_H
#define MICH_LEARN_XGBOOST_XGBOOST_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/base/strlist.h"
#include "lib/learn/matrix.h"
#include "lib/learn/xgboost/xgboost_api.h"

struct xgboost_params {
	int64_t rounds;		/* trees, or classes times trees: default 100 */
	int64_t early_stopping; /* rounds without a better validation metric; 0: never stop early */
	int64_t log_every;	/* rounds between two measurements on train: default 10 */
	bool snapshot;	 /* dart: the best model must be kept, later rounds change its trees */
	bool copies;	 /* tree_method approx or exact: no quantile matrix */
	int64_t max_bin; /* of the quantile matrix */
	struct strlist names, values; /* what XGBoost is given, in this order */
};

#define XGBOOST_PARAMS_INIT \
	{                   \
		0           \
	}

/*
 * Sort params (an object of numbers, strings, booleans and lists) into own options and XGBoost's,
 * with what the task implies. Names of other libraries and what the step sets itself are refused.
 * ERR_INPUT. Whether XGBoost knows the rest, xgboost_params_check() says.
 */
int xgboost_params_parse(const json_t *params, const struct matrix *m, struct xgboost_params *out);

/*
 * Ask XGBoost itself, on a few empty rows and so in a millisecond: is every name known and used
 * here, is every value good. ERR_INPUT names the parameter and the nearest known one.
 */
int xgboost_params_check(const struct xgboost_api *api, const struct xgboost_params *p,
			 const struct matrix *m);

/* Name and help of the i-th of the learner's own options, borrowed; false behind the last. */
bool xgboost_params_about(size_t i, const char **name, const char **help);

/* The value of a name, NULL: not given. Borrowed. */
const char *xgboost_params_find(const struct xgboost_params *p, const char *name);

/* Give all of them to a booster. */
int xgboost_params_apply(const struct xgboost_api *api, const struct xgboost_params *p,
			 void *booster);

void xgboost_params_clear(struct xgboost_params *p);

#endif
