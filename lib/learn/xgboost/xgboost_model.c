/* xgboost_model.c - model.ubj and importance.json. */
#include "lib/learn/xgboost/xgboost_model.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/model/trees/forest.h"

static int write_trees(const struct xgboost_api *api, void *booster, const char *dir)
{
	char *path = path_join(dir, "model.ubj");
	const char *data;
	bst_ulong n;
	int rc;

	if (api->save(booster, "{\"format\":\"ubj\"}", &n, &data))
		rc = xgboost_api_error(api, ERR_FAIL, "cannot save the model");
	else
		rc = file_write(path, data, n);
	free(path);
	return rc;
}

/* The inputs are called by their number, so that no name of a column can confuse anyone. */
static void score_config(const char *type, size_t n, struct buf *out)
{
	buf_addf(out, "{\"importance_type\":\"%s\",\"feature_names\":[", type);
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%s\"%zu\"", i ? "," : "", i);
	buf_addstr(out, "]}");
}

static json_t *empty_scores(const struct matrix *m)
{
	json_t *v = json_object();

	for (size_t i = 0; i < m->n_inputs; i++)
		json_object_set_new(v, m->inputs[i].name, json_real(0.0));
	return v;
}

static int read_scores(const struct xgboost_api *api, void *booster, const struct matrix *m,
		       const char *type, json_t **out)
{
	struct buf config = BUF_INIT;
	const bst_ulong *shape;
	const char **features;
	const float *scores;
	bst_ulong n, dims;
	int rc = 0;

	score_config(type, m->n_inputs, &config);
	*out = empty_scores(m);
	if (api->feature_score(booster, config.data, &n, &features, &dims, &shape, &scores))
		rc = xgboost_api_error(api, ERR_FAIL, "cannot ask for the importance of inputs");
	else if (dims != 1)
		rc = error_set(ERR_FAIL,
			       "cannot use XGBoost's importance of inputs: it has %llu dimensions",
			       (unsigned long long)dims);
	for (bst_ulong i = 0; i < n && !rc; i++) {
		size_t at = strtoull(features[i], NULL, 10);

		if (at < m->n_inputs)
			json_object_set_new(*out, m->inputs[at].name,
					    json_number((double)scores[i]));
	}
	buf_clear(&config);
	return rc;
}

int xgboost_model_write(const struct xgboost_api *api, void *booster, const struct matrix *m,
			const char *dir)
{
	static const char *const types[] = { "cover", "gain", "weight" };
	char *path = path_join(dir, "importance.json");
	json_t *all = json_object();
	int rc = write_trees(api, booster, dir);

	for (size_t i = 0; i < ARRAY_LEN(types) && !rc; i++) {
		json_t *scores = NULL;

		rc = read_scores(api, booster, m, types[i], &scores);
		json_object_set_new(all, types[i], scores);
	}
	if (!rc)
		rc = json_write(path, all);
	json_decref(all);
	free(path);
	return rc;
}

int xgboost_model_check(const struct xgboost_api *api, void *booster)
{
	struct forest *forest = NULL;
	const char *data;
	bst_ulong n;
	int rc;

	if (api->save(booster, "{\"format\":\"ubj\"}", &n, &data))
		return xgboost_api_error(api, ERR_FAIL, "cannot look at the first round");
	rc = forest_parse(data, n, 0, &forest);
	forest_free(forest);
	return rc ? error_wrap(rc, "cannot score what these parameters train") : 0;
}
