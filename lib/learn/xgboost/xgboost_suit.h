/* xgboost_suit.h - do parameters make sense for the label's task, and for a model that will be
 * scored? */
#ifndef MICH_LEARN_XGBOOST_XGBOOST_SUIT_H
#define MICH_LEARN_XGBOOST_XGBOOST_SUIT_H

#include "lib/learn/matrix.h"
#include "lib/learn/xgboost/xgboost_params.h"

/* The objective of a task, where none is given: "binary:logistic". */
const char *xgboost_suit_objective(enum matrix_task task);

/*
 * What XGBoost would train without a word, or refuse late and darkly: an objective or a metric of
 * another task, a booster without trees, too few base scores. ERR_INPUT.
 */
int xgboost_suit_check(const struct xgboost_params *p, const struct matrix *m);

/* A tree method that wants all rows in one rank. ERR_INPUT. */
int xgboost_suit_ranks(const struct xgboost_params *p, int ranks);

#endif
