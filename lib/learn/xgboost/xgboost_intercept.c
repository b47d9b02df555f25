/* xgboost_intercept.c - the base score of weighted classes, summed in double and in order. */
#include "lib/learn/xgboost/xgboost_intercept.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"

/* Weight of each class in train, (n); false: one has none, and no logarithm. */
static bool class_weights(const struct matrix_split *s, size_t n, double *out)
{
	const float *y = s->y.data, *w = s->w.data;

	for (int64_t i = 0; i < s->rows; i++)
		out[(size_t)y[i]] += (double)w[i];
	for (size_t c = 0; c < n; c++)
		if (!(out[c] > 0))
			return false;
	return true;
}

void xgboost_intercept_add(const struct xgboost_api *api, const struct matrix *m,
			   struct xgboost_params *p)
{
	const struct matrix_split *s = &m->splits[MATRIX_TRAIN];
	size_t n = m->classes.n;
	struct buf text = BUF_INIT;
	double *weights, mean = 0;

	if (m->task != MATRIX_MULTICLASS || !s->w.data || strlist_has(&p->names, "base_score") ||
	    api->major < 3 || (api->major == 3 && api->minor < 1))
		return;
	weights = xcalloc(n, sizeof(*weights));
	if (class_weights(s, n, weights)) {
		for (size_t c = 0; c < n; c++)
			mean += log(weights[c]) / (double)n;
		for (size_t c = 0; c < n; c++)
			buf_addf(&text, "%s%.9g", c ? "," : "[", log(weights[c]) - mean);
		buf_addch(&text, ']');
		strlist_add(&p->names, "base_score");
		strlist_add(&p->values, text.data);
	}
	free(weights);
	buf_clear(&text);
}

/* All labels and weights, and a column in which everything is missing. */
static int labels_alone(const struct xgboost_api *api, const struct matrix_split *s, int threads,
			void **out)
{
	char rows[160], vector[160], config[64];
	float *nothing = NULL;
	int rc = mem_alloc((size_t)s->rows, sizeof *nothing, &nothing);

	if (rc)
		return rc;
	snprintf(rows, sizeof rows,
		 "{\"data\":[%zu,true],\"shape\":[%lld,1],\"typestr\":\"<f4\",\"version\":3}",
		 (size_t)nothing, (long long)s->rows);
	snprintf(config, sizeof config, "{\"missing\":0.0,\"nthread\":%d}", threads);
	rc = api->dense_create(rows, config, out);
	for (int i = 0; i < 2 && !rc; i++) {
		const struct npy *a = i ? &s->w : &s->y;

		snprintf(vector, sizeof vector,
			 "{\"data\":[%zu,true],\"shape\":[%lld],\"typestr\":\"<f4\",\"version\":3}",
			 (size_t)a->data, (long long)s->rows);
		if (a->data)
			rc = api->set_info(*out, i ? "weight" : "label", vector);
	}
	free(nothing);
	return rc ? xgboost_api_error(api, ERR_FAIL, "cannot find the base score") : 0;
}

/* What of the parameters the base score depends on, and the least that lets XGBoost reckon it. */
static int set_params(const struct xgboost_api *api, const struct xgboost_params *p, int threads,
		      void *booster)
{
	static const char *const of[] = { "objective",
					  "num_class",
					  "scale_pos_weight",
					  "max_delta_step",
					  "huber_slope",
					  "quantile_alpha",
					  "expectile_alpha",
					  "tweedie_variance_power",
					  "aft_loss_distribution",
					  "aft_loss_distribution_scale" };
	char text[16];
	int rc = 0;

	snprintf(text, sizeof text, "%d", threads);
	for (size_t i = 0; i < ARRAY_LEN(of) && !rc; i++) {
		const char *value = xgboost_params_find(p, of[i]);

		if (value)
			rc = api->set_param(booster, of[i], value);
	}
	return rc || api->set_param(booster, "tree_method", "hist") ||
	       api->set_param(booster, "max_depth", "1") ||
	       api->set_param(booster, "nthread", text);
}

static int read_score(const char *config, size_t n, char **out)
{
	json_t *v = NULL;
	const char *text;
	int rc = json_parse(config, n, "XGBoost's configuration", &v);

	if (rc)
		return rc;
	text = json_str(json_object_get(json_object_get(v, "learner"), "learner_model_param"),
			"base_score", NULL);
	*out = text ? xstrdup(text) : NULL;
	json_decref(v);
	return 0;
}

int xgboost_intercept_alone(const struct xgboost_api *api, const struct matrix *m,
			    const struct xgboost_params *p, int threads, char **out)
{
	void *labels = NULL, *booster = NULL;
	const char *config;
	bst_ulong n;
	int rc;

	*out = NULL;
	if (m->task == MATRIX_RANKING || strlist_has(&p->names, "base_score"))
		return 0;
	rc = labels_alone(api, &m->splits[MATRIX_TRAIN], threads, &labels);
	if (!rc && (api->create(&labels, 1, &booster) || set_params(api, p, threads, booster) ||
		    api->update(booster, 0, labels) || api->save_config(booster, &n, &config)))
		rc = xgboost_api_error(api, ERR_FAIL, "cannot find the base score");
	if (!rc)
		rc = read_score(config, n, out);
	if (booster)
		api->booster_free(booster);
	if (labels)
		api->matrix_free(labels);
	return rc;
}
