/* xgboost_model.h - what training leaves behind: the trees, and what they look at. */
#ifndef MICH_LEARN_XGBOOST_XGBOOST_MODEL_H
#define MICH_LEARN_XGBOOST_XGBOOST_MODEL_H

#include "lib/learn/matrix.h"
#include "lib/learn/xgboost/xgboost_api.h"

/*
 * DIR/model.ubj, and DIR/importance.json: {"cover":{INPUT:x,...},"gain":{...},"weight":{...}} with
 * every input in each, 0 where no tree uses it. gain and cover are means over splits, weight counts
 * them.
 */
int xgboost_model_write(const struct xgboost_api *api, void *booster, const struct matrix *m,
			const char *dir);

/*
 * Will mich's own scorer read what this booster makes? Asked after the first round, so that nobody
 * trains for an hour what cannot be used. ERR_INPUT says what is in the way.
 */
int xgboost_model_check(const struct xgboost_api *api, void *booster);

#endif
