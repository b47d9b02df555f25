/* xgboost_base.h - the trees of another model that training goes on from: init-from. */
#ifndef MICH_LEARN_XGBOOST_XGBOOST_BASE_H
#define MICH_LEARN_XGBOOST_XGBOOST_BASE_H

#include "lib/learn/matrix.h"
#include "lib/learn/xgboost/xgboost_api.h"
#include "lib/learn/xgboost/xgboost_params.h"

struct xgboost_base {
	int rounds;	 /* of the other model; 0: there is none */
	char digest[65]; /* of its trees */
};

/*
 * Load the trees of the model folder dir into a booster that has its matrices and no parameters yet. The
 * matrix has that model's inputs and codes (the step sees to it). ERR_INPUT: it has no trees, or others than
 * these parameters grow: another objective, other classes, another booster; a base_score, which it has
 * already.
 */
int xgboost_base_load(const struct xgboost_api *api, const char *dir, const struct matrix *m,
		      const struct xgboost_params *p, void *booster, struct xgboost_base *out);

#endif
