/*
 * xgboost_intercept.h - where weighted classes start from, the same whatever the number of threads.
 * XGBoost 3.1 and later start a class at log(share of its weight), less the mean of these over the
 * classes, and add the weights up in floats, thread by thread: 1 and 2 threads then give other
 * bits.
 */
#ifndef MICH_LEARN_XGBOOST_XGBOOST_INTERCEPT_H
#define MICH_LEARN_XGBOOST_XGBOOST_INTERCEPT_H

#include "lib/learn/matrix.h"
#include "lib/learn/xgboost/xgboost_api.h"
#include "lib/learn/xgboost/xgboost_params.h"

/* Add base_score to params where it must be reckoned here: multiclass, weighted, not given by the
 * user. */
void xgboost_intercept_add(const struct xgboost_api *api, const struct matrix *m,
			   struct xgboost_params *p);

/*
 * What XGBoost, alone, takes for the base score of all rows of train: of several ranks it adds their sums in another
 * order, which may be another number. To be called before the ranks join. *out is the caller's; NULL: it does
 * not depend on the labels, or params say it. ERR_FAIL.
 */
int xgboost_intercept_alone(const struct xgboost_api *api, const struct matrix *m,
			    const struct xgboost_params *p, int threads, char **out);

#endif
