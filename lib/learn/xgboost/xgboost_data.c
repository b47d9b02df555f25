/* xgboost_data.c - mapped NumPy rows into a quantile matrix. */
#include "lib/learn/xgboost/xgboost_data.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

/*
 * XGBoost asks for batches by calling next() until it gives 0, once for the bins' borders and once
 * for the bins. The whole mapping is one batch: pages come and go as they are read.
 */
struct feed {
	const struct xgboost_api *api;
	const struct matrix *m;
	const struct matrix_split *split;
	struct shard shard;
	void *proxy;
	bool given;
};

enum { ARRAY_BYTES = 200 };

/* NumPy's array interface, which is how XGBoost is told of memory: rows of an array. */
static void describe(const struct npy *a, bool vector, int64_t first, int64_t rows,
		     char out[ARRAY_BYTES])
{
	const char *type = a->type == NPY_I4 ? "<i4" : "<f4";
	size_t at = (size_t)a->data + (size_t)(first * a->cols) * 4;

	if (vector)
		snprintf(out, ARRAY_BYTES,
			 "{\"data\":[%zu,true],\"shape\":[%lld],\"typestr\":\"%s\",\"version\":3}",
			 at, (long long)rows, type);
	else
		snprintf(
			out, ARRAY_BYTES,
			"{\"data\":[%zu,true],\"shape\":[%lld,%lld],\"typestr\":\"%s\",\"version\":3}",
			at, (long long)rows, (long long)a->cols, type);
}

static int set_inputs(const struct feed *f, void *matrix)
{
	const char **names = xcalloc(f->m->n_inputs, sizeof(*names));
	const char **types = xcalloc(f->m->n_inputs, sizeof(*types));
	int rc;

	for (size_t i = 0; i < f->m->n_inputs; i++) {
		names[i] = f->m->inputs[i].name;
		types[i] = f->m->inputs[i].categorical ? "c" : "float";
	}
	rc = f->api->set_features(matrix, "feature_name", names, f->m->n_inputs);
	if (!rc)
		rc = f->api->set_features(matrix, "feature_type", types, f->m->n_inputs);
	free(names);
	free(types);
	return rc;
}

static int set_vectors(const struct feed *f, void *matrix)
{
	const struct matrix_split *s = f->split;
	const struct shard *sh = &f->shard;
	bool ranked = s->group.data != NULL;
	char text[ARRAY_BYTES];
	int rc;

	describe(&s->y, true, sh->first, sh->rows, text);
	rc = f->api->set_info(matrix, "label", text);
	if (!rc && ranked) {
		describe(&s->group, true, sh->first_group, sh->groups, text);
		rc = f->api->set_info(matrix, "group", text);
	}
	if (!rc && s->w.data) {
		describe(&s->w, true, ranked ? sh->first_group : sh->first,
			 ranked ? sh->groups : sh->rows, text);
		rc = f->api->set_info(matrix, "weight", text);
	}
	return rc;
}

static void feed_reset(void *iter)
{
	((struct feed *)iter)->given = false;
}

/* 1: a batch was set; 0: no more, or it failed (XGBoost then says what). */
static int feed_next(void *iter)
{
	struct feed *f = iter;
	char text[ARRAY_BYTES];

	if (f->given)
		return 0;
	describe(&f->split->x, false, f->shard.first, f->shard.rows, text);
	if (f->api->proxy_set_dense(f->proxy, text) || set_inputs(f, f->proxy) ||
	    set_vectors(f, f->proxy))
		return 0;
	f->given = true;
	return 1;
}

static int create_quantile(struct feed *f, const struct xgboost_data_opts *opts, void **out)
{
	char config[120];
	int rc;

	snprintf(config, sizeof config, "{\"missing\":NaN,\"nthread\":%d,\"max_bin\":%lld}",
		 opts->threads, (long long)opts->max_bin);
	if (f->api->proxy_create(&f->proxy))
		return -1;
	rc = f->api->quantile_create(f, f->proxy, opts->ref, feed_reset, feed_next, config, out);
	f->api->matrix_free(f->proxy);
	return rc;
}

static int create_copy(struct feed *f, const struct xgboost_data_opts *opts, void **out)
{
	char config[80], text[ARRAY_BYTES];
	int rc;

	snprintf(config, sizeof config, "{\"missing\":NaN,\"nthread\":%d}", opts->threads);
	describe(&f->split->x, false, f->shard.first, f->shard.rows, text);
	rc = f->api->dense_create(text, config, out);
	if (!rc)
		rc = set_inputs(f, *out);
	if (!rc)
		rc = set_vectors(f, *out);
	return rc;
}

int xgboost_data_create(const struct xgboost_api *api, const struct matrix *m,
			enum matrix_part part, const struct xgboost_data_opts *opts, void **out)
{
	struct feed f = { .api = api, .m = m, .split = &m->splits[part], .shard = opts->shard };
	int rc;

	*out = NULL;
	rc = opts->copies ? create_copy(&f, opts, out) : create_quantile(&f, opts, out);
	if (!rc)
		return 0;
	rc = xgboost_api_error(api, ERR_FAIL, "cannot read the split '%s' into XGBoost",
			       matrix_part_name(part));
	if (*out)
		api->matrix_free(*out);
	*out = NULL;
	return rc;
}
