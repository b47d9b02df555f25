/* xgboost_base.c - further rounds on top of another model's. */
#include "lib/learn/xgboost/xgboost_base.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/json.h"
#include "lib/model/trees/forest.h"

/* The bytes of its trees; *iterations as its model.json has it, 0: all. */
static int read_trees(const char *dir, struct buf *out, int64_t *iterations)
{
	char *path = path_join(dir, "model.json");
	const char *kind, *weights;
	json_t *meta = NULL;
	int rc = json_read(path, &meta);

	free(path);
	if (rc == ERR_NOT_FOUND)
		return error_set(ERR_INPUT, "init-from: it has no model.json, so it has no trees");
	kind = json_str(meta, "kind", "");
	weights = json_str(meta, "weights", "");
	*iterations = json_int(meta, "iterations", 0);
	if (!rc && strcmp(kind, "forest"))
		rc = error_set(ERR_INPUT,
			       "init-from: a model of kind '%.60s' has no trees to go on from",
			       kind);
	else if (!rc && (!*weights || *weights == '.' || strchr(weights, '/')))
		rc = error_set(ERR_CORRUPT, "its model.json names no weights");
	path = path_join(dir, weights);
	if (!rc)
		rc = file_read(path, out);
	free(path);
	json_decref(meta);
	return rc;
}

static int check_forest(const struct buf *bytes, const struct matrix *m,
			const struct xgboost_params *p)
{
	const char *objective = xgboost_params_find(p, "objective");
	size_t classes = m->task == MATRIX_MULTICLASS ? m->classes.n : 1;
	struct forest *f = NULL;
	int rc = forest_parse(bytes->data, bytes->len, 0, &f);

	if (!rc && strcmp(forest_objective(f), objective))
		rc = error_set(ERR_INPUT, "init-from: its objective is '%s', not '%s'",
			       forest_objective(f), objective);
	else if (!rc && forest_inputs(f) != m->n_inputs)
		rc = error_set(ERR_INPUT, "init-from: it has %zu inputs, not %zu", forest_inputs(f),
			       m->n_inputs);
	else if (!rc && forest_groups(f) != classes)
		rc = error_set(ERR_INPUT, "init-from: it gives %zu values a row, not %zu",
			       forest_groups(f), classes);
	if (!rc && xgboost_params_find(p, "base_score"))
		rc = error_set(ERR_INPUT,
			       "init-from: base_score is the other model's, and cannot be given");
	forest_free(f);
	return rc;
}

/* The first rounds alone, where no more of them are used. */
static int cut(const struct xgboost_api *api, int64_t iterations, struct buf *bytes)
{
	void *whole = NULL, *part = NULL;
	const char *data;
	bst_ulong n;
	int rc = 0;

	if (api->create(NULL, 0, &whole) || api->load(whole, bytes->data, bytes->len) ||
	    api->slice(whole, 0, (int)iterations, 1, &part) ||
	    api->save(part, "{\"format\":\"ubj\"}", &n, &data))
		rc = xgboost_api_error(api, ERR_INPUT,
				       "init-from: cannot take its first %lld rounds",
				       (long long)iterations);
	if (!rc) {
		buf_reset(bytes);
		buf_add(bytes, data, n);
	}
	if (part)
		api->booster_free(part);
	if (whole)
		api->booster_free(whole);
	return rc;
}

/* Trees of a dart are weighted anew with each round, those of gbtree never: they do not mix. */
static int check_booster(const struct xgboost_api *api, void *booster,
			 const struct xgboost_params *p)
{
	const char *want = xgboost_params_find(p, "booster"), *text, *name;
	json_t *config = NULL;
	bst_ulong n;
	int rc;

	if (api->save_config(booster, &n, &text))
		return xgboost_api_error(api, ERR_FAIL, "init-from: cannot ask what it is");
	rc = json_parse(text, n, "XGBoost's configuration", &config);
	name = json_str(json_object_get(json_object_get(config, "learner"), "gradient_booster"),
			"name", "gbtree");
	want = want ? want : "gbtree";
	if (!rc && strcmp(name, want))
		rc = error_set(ERR_INPUT, "init-from: its booster is '%s', not '%s'", name, want);
	json_decref(config);
	return rc;
}

int xgboost_base_load(const struct xgboost_api *api, const char *dir, const struct matrix *m,
		      const struct xgboost_params *p, void *booster, struct xgboost_base *out)
{
	struct buf bytes = BUF_INIT;
	int64_t iterations = 0;
	int rc = read_trees(dir, &bytes, &iterations);

	if (!rc)
		rc = check_forest(&bytes, m, p);
	if (!rc && iterations > 0)
		rc = cut(api, iterations, &bytes);
	if (!rc &&
	    (api->load(booster, bytes.data, bytes.len) || api->rounds(booster, &out->rounds)))
		rc = xgboost_api_error(api, ERR_INPUT, "init-from: cannot load its trees");
	if (!rc)
		rc = check_booster(api, booster, p);
	hash_data(bytes.data, bytes.len, out->digest);
	buf_clear(&bytes);
	return rc;
}
