/* xgboost_vet.h - what the parameters of XGBoost ask for and no training could give, seen without its data. */
#ifndef MICH_LEARN_XGBOOST_XGBOOST_VET_H
#define MICH_LEARN_XGBOOST_XGBOOST_VET_H

#include "lib/base/json.h"

/*
 * Loads XGBoost and asks it, so it is for a process of its own. task as matrix_task_name() has it; NULL: that is
 * for the label to say, and what suits any task is good. ERR_INPUT as xgboost_params_parse() and
 * xgboost_params_check(); ERR_ENGINE: there is no XGBoost, or none that trains in
 * several ranks.
 */
int xgboost_vet(const json_t *params, const char *task, int ranks);

#endif
