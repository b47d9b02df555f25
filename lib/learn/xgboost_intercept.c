/* xgboost_intercept.c - the base score of weighted classes, summed in double and in order. */
#include "lib/learn/xgboost_intercept.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
