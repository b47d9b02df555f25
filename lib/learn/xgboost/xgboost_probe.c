/* xgboost_probe.c - asking XGBoost what it thinks of parameters, before there is data. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/xgboost/xgboost_params.h"

/* For "did you mean" alone, since XGBoost itself decides: the names that its 3.2 documents, and
 * ours. */
static const char known[] =
	"rounds early_stopping_rounds log_every "
	"alpha aft_loss_distribution aft_loss_distribution_scale base_score booster colsample_bylevel "
	"colsample_bynode colsample_bytree device eta eval_metric expectile_alpha gamma grow_policy "
	"huber_slope interaction_constraints lambda lambdarank_bias_norm lambdarank_normalization "
	"lambdarank_num_pair_per_sample lambdarank_pair_method lambdarank_score_normalization "
	"lambdarank_unbiased learning_rate max_bin max_cached_hist_node max_cat_threshold "
	"max_cat_to_onehot max_delta_step max_depth max_leaves min_child_weight min_split_loss "
	"monotone_constraints ndcg_exp_gain normalize_type num_parallel_tree objective one_drop "
	"quantile_alpha rate_drop reg_alpha reg_lambda sample_type sampling_method scale_pos_weight "
	"skip_drop subsample tree_method tweedie_variance_power";

/* The first name in: Parameters: { "foo", "bar" } are not used. */
static int refuse_unused(const char *log)
{
	const char *s = strstr(log, "Parameters: {"), *near;
	struct strlist names = STRLIST_INIT;
	char name[128];
	int rc;

	if (!s || sscanf(s, "Parameters: { \"%127[^\"]\"", name) != 1)
		return 0;
	strlist_split(&names, known, " ");
	if (strlist_has(&names, name)) {
		strlist_clear(&names);
		return error_set(ERR_INPUT,
				 "parameter '%s' has no effect with this objective and booster",
				 name);
	}
	rc = error_set(ERR_INPUT, "unknown parameter '%s': XGBoost has none of that name", name);
	near = strlist_nearest((const char *const *)names.v, names.n, name);
	if (near)
		error_hint(rc, "did you mean '%s'?", near);
	strlist_clear(&names);
	return rc;
}

/* Four rows of zeros, as wide as the matrix, with labels: what a booster needs to configure itself.
 */
static int probe_create(const struct xgboost_api *api, const struct matrix *m, void **out)
{
	enum { ROWS = 4 };
	char rows[200], labels[200];
	float *zeros;
	int rc = mem_alloc(m->n_inputs * ROWS, sizeof(*zeros), &zeros);

	if (rc)
		return rc;
	snprintf(rows, sizeof rows,
		 "{\"data\":[%zu,true],\"shape\":[%d,%zu],\"typestr\":\"<f4\",\"version\":3}",
		 (size_t)zeros, ROWS, m->n_inputs);
	snprintf(labels, sizeof labels,
		 "{\"data\":[%zu,true],\"shape\":[%d],\"typestr\":\"<f4\",\"version\":3}",
		 (size_t)zeros, ROWS);
	*out = NULL;
	if (api->dense_create(rows, "{\"missing\":NaN,\"nthread\":1}", out) ||
	    api->set_info(*out, "label", labels))
		rc = xgboost_api_error(api, ERR_ENGINE, "cannot try the parameters");
	if (rc && *out)
		api->matrix_free(*out);
	free(zeros);
	return rc;
}

/* XGBoost falls back to the CPU with a warning where it has no GPU; a parameter must do what it
 * says. */
static int check_device(const struct xgboost_params *p, const char *log)
{
	const char *device = xgboost_params_find(p, "device");

	if (device && strcmp(device, "cpu") != 0 && strstr(log, "GPU to CPU"))
		return error_set(ERR_INPUT,
				 "parameter 'device' is '%s', but XGBoost finds no GPU here",
				 device);
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
