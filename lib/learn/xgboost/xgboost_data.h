/* xgboost_data.h - a split of the matrix as XGBoost holds it. */
#ifndef MICH_LEARN_XGBOOST_XGBOOST_DATA_H
#define MICH_LEARN_XGBOOST_XGBOOST_DATA_H

#include "lib/learn/matrix.h"
#include "lib/learn/shard.h"
#include "lib/learn/xgboost/xgboost_api.h"

struct xgboost_data_opts {
	int threads;
	int64_t max_bin;
	bool copies;	    /* a plain matrix, which copies x: for tree methods other than hist */
	struct shard shard; /* the rows of the split that are read */
	void *ref; /* the train matrix whose bins a validation matrix uses; NULL for train itself */
};

/*
 * Bin the mapped rows straight into XGBoost's quantile matrix: x.npy is read where it lies, and no
 * float of it is copied. *out is the caller's, for matrix_free. ERR_FAIL.
 */
int xgboost_data_create(const struct xgboost_api *api, const struct matrix *m,
			enum matrix_part part, const struct xgboost_data_opts *opts, void **out);

#endif
