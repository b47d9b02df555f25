/* parity.c - the forest against XGBoost itself: trained here, of many kinds, bit for bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/model/trees/forest.h"
#include "tests/parity/xgb.h"

static struct xgb xgb;
static bool have_xgb;

struct spec {
	const char *name;
	const char *const *params; /* pairs, NULL-ended */
	int rounds;
	int rows, cols, cats; /* the last `cats` columns are categorical */
	int categories;
	double missing;
	int groups; /* of the label: 0 number, 2 and up classes, -1 ranking, -2 positive, -3 two
		       targets */
};

struct data {
	float *x, *y;
	void *m;
};

static float cell(const struct spec *s, uint64_t *seed, int col)
{
	if (xgb_uniform(seed) < s->missing)
		return NAN;
	if (col >= s->cols - s->cats)
		return floorf(xgb_uniform(seed) * (float)s->categories);
	if (col % 3 == 0)
		return floorf(xgb_uniform(seed) * 20) - 10;
	return (xgb_uniform(seed) - 0.5f) * (col % 3 == 1 ? 2000.0f : 1e-3f);
}

static float label(const struct spec *s, const float *x, uint64_t *seed)
{
	double v = xgb_uniform(seed) - 0.5;

	for (int k = 0; k < s->cols; k++) {
		double u = isnan(x[k])		    ? 0.3
			   : k >= s->cols - s->cats ? ((int)x[k] * 7 % 5)
						    : x[k] * (k % 3 == 2 ? 1e3
							      : k % 3	 ? 1e-3
									 : 0.1);

		v += u * (k % 2 ? 1 : -1) + (k ? 0.3 * u * v : 0);
	}
	if (s->groups == 0 || s->groups == -3)
		return (float)v;
	if (s->groups == -2)
		return (float)fabs(v) + 0.1f;
	if (s->groups == -1)
		return (float)((int)fabs(v * 2) % 4);
	return (float)((int)fabs(floor(v * 2)) % s->groups);
}

static void data_make(const struct spec *s, uint64_t seed, struct data *d)
{
	int targets = s->groups == -3 ? 2 : 1;

	d->x = malloc((size_t)s->rows * (size_t)s->cols * sizeof(float));
	d->y = malloc((size_t)s->rows * (size_t)targets * sizeof(float));
	for (int i = 0; i < s->rows; i++) {
		for (int k = 0; k < s->cols; k++)
			d->x[i * s->cols + k] = cell(s, &seed, k);
		for (int t = 0; t < targets; t++)
			d->y[i * targets + t] =
				label(s, d->x + i * s->cols, &seed) * (float)(t + 1);
	}
	XGB_TRY(&xgb, from_mat(d->x, (xgb_ulong)s->rows, (xgb_ulong)s->cols, NAN, &d->m));
	XGB_TRY(&xgb, set_float(d->m, "label", d->y, (xgb_ulong)(s->rows * targets)));
	if (s->groups == -1) {
		unsigned *sizes = malloc((size_t)s->rows / 10 * sizeof(unsigned));

		for (int i = 0; i < s->rows / 10; i++)
			sizes[i] = 10;
		XGB_TRY(&xgb, set_uint(d->m, "group", sizes, (xgb_ulong)s->rows / 10));
		free(sizes);
	}
	if (s->cats) {
		const char **types = malloc((size_t)s->cols * sizeof(char *));

		for (int k = 0; k < s->cols; k++)
			types[k] = k >= s->cols - s->cats ? "c" : "float";
		XGB_TRY(&xgb, set_str(d->m, "feature_type", types, (xgb_ulong)s->cols));
		free(types);
	}
}

static void data_clear(struct data *d)
{
	xgb.matrix_free(d->m);
	free(d->x);
	free(d->y);
}

static void *train(const struct spec *s, struct data *d)
{
	void *b;

	XGB_TRY(&xgb, create(&d->m, 1, &b));
	XGB_TRY(&xgb, set_param(b, "tree_method", "hist"));
	XGB_TRY(&xgb, set_param(b, "nthread", "1"));
	XGB_TRY(&xgb, set_param(b, "verbosity", "0"));
	for (int i = 0; s->params[i]; i += 2)
		XGB_TRY(&xgb, set_param(b, s->params[i], s->params[i + 1]));
	for (int i = 0; i < s->rounds; i++)
		XGB_TRY(&xgb, update(b, i, d->m));
	return b;
}

/* Values that differ in their bits, NaN equal to NaN; the first is told. */
static int64_t differing(const char *what, const float *want, const float *have, size_t n)
{
	int64_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (memcmp(&want[i], &have[i], sizeof *want) &&
		    !(isnan(want[i]) && isnan(have[i])) && !k++)
			fprintf(stderr, "%s: value %zu: XGBoost %.9g, mich %.9g\n", what, i,
				(double)want[i], (double)have[i]);
	return k;
}

static void check_predictions(const struct spec *s, void *b, const struct data *d, struct forest *f,
			      bool margin)
{
	char config[128];
	static const char *const kernels[] = { "scalar", "avx2", "avx512" };
	size_t n = (size_t)s->rows * forest_groups(f), bytes = n * sizeof(float);
	float *want = malloc(bytes), *have = malloc(bytes);
	const xgb_ulong *shape;
	const float *out;
	xgb_ulong dim;
	char what[128];

	snprintf(config, sizeof config,
		 "{\"type\":%d,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,"
		 "\"strict_shape\":true}",
		 margin);
	XGB_TRY(&xgb, predict(b, d->m, config, &shape, &dim, &out));
	assert_int_equal(dim > 1 ? shape[0] * shape[1] : shape[0], n);
	memcpy(want, out, bytes);
	for (size_t k = 0; k < 3; k++) {
		if (forest_use_kernel(f, kernels[k]) < 0)
			continue;
		for (int threads = 1; threads <= 3; threads++) {
			snprintf(what, sizeof what, "%s, %s, %d threads, %s", s->name, kernels[k],
				 threads, margin ? "margin" : "score");
			memset(have, 0xff, bytes);
			assert_int_equal((margin ? forest_margin : forest_score)(f, d->x, s->rows,
										 threads, have),
					 0);
			assert_int_equal(differing(what, want, have, n), 0);
		}
	}
	free(want);
	free(have);
}

/* A few rows at a time go another way than a tile of them: the same bits. */
static void check_few(const struct spec *s, const struct data *d, struct forest *f)
{
	static const char *const kernels[] = { "scalar", "avx2", "avx512" };
	static const int few[] = { 1, 2, 7, 11, 12, 23, 24, 33 };
	size_t groups = forest_groups(f);
	float *want = malloc((size_t)s->rows * groups * sizeof *want);
	float *have = malloc((size_t)s->rows * groups * sizeof *have);

	assert_int_equal(forest_use_kernel(f, "scalar"), 0);
	assert_int_equal(forest_margin(f, d->x, s->rows, 1, want), 0);
	for (size_t k = 0; k < 3; k++)
		for (size_t i = 0, row = 0; forest_use_kernel(f, kernels[k]) == 0 && i < 8;
		     row += (size_t)few[i++]) {
			size_t n = (size_t)few[i] * groups;
			const float *x = d->x + row * (size_t)s->cols;

			if (row + (size_t)few[i] > (size_t)s->rows)
				break;
			memset(have, 0xff, n * sizeof *have);
			assert_int_equal(forest_margin(f, x, few[i], 1, have), 0);
			assert_int_equal(differing(s->name, want + row * groups, have, n), 0);
		}
	assert_int_equal(forest_use_kernel(f, NULL), 0);
	free(want);
	free(have);
}

static void check_rows(const struct spec *s, const struct data *d, struct forest *f)
{
	void *scratch = malloc(forest_scratch(f));
	size_t groups = forest_groups(f);
	float *all = malloc((size_t)s->rows * groups * sizeof(float)), one[64];

	assert_int_equal(forest_score(f, d->x, s->rows, 1, all), 0);
	for (int i = 0; i < s->rows; i += 7) {
		forest_score_row(f, d->x + (size_t)i * (size_t)s->cols, scratch, one);
		assert_memory_equal(one, all + (size_t)i * groups, groups * sizeof(float));
	}
	free(all);
	free(scratch);
}

static bool is_softmax(const struct spec *s)
{
	for (int i = 0; s->params[i]; i += 2)
		if (!strcmp(s->params[i + 1], "multi:softmax"))
			return true;
	return false;
}

static void run_spec(const struct spec *s)
{
	static const char *const formats[] = { "{\"format\":\"ubj\"}", "{\"format\":\"json\"}" };
	struct data d;
	void *b;

	data_make(s, 42, &d);
	b = train(s, &d);
	for (int i = 0; i < 2; i++) {
		struct forest *f;
		const char *bytes;
		xgb_ulong n;

		XGB_TRY(&xgb, save(b, formats[i], &n, &bytes));
		if (forest_parse(bytes, n, 0, &f) < 0) {
			fprintf(stderr, "%s: %s\n", s->name, error_text());
			fail();
		}
		if (!strcmp(s->name, "too large to walk"))
			assert_true(forest_nodes(f) > 65536);
		check_predictions(s, b, &d, f, true);
		if (!is_softmax(s))
			check_predictions(s, b, &d, f, false);
		check_few(s, &d, f);
		check_rows(s, &d, f);
		forest_free(f);
	}
	xgb.booster_free(b);
	data_clear(&d);
}

#define P(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void test_models(void **state)
{
	const struct spec specs[] = {
		{ "squarederror", P("objective", "reg:squarederror"), 30, 3001, 10, 0, 0, 0, 0 },
		{ "missing", P("objective", "reg:squarederror", "max_depth", "8"), 20, 3000, 13, 0,
		  0, 0.2, 0 },
		{ "logistic", P("objective", "binary:logistic", "eta", "0.3"), 40, 3000, 28, 0, 0,
		  0.1, 2 },
		{ "base score", P("objective", "binary:logistic", "base_score", "0.31"), 5, 500, 6,
		  0, 0, 0.1, 2 },
		{ "logitraw", P("objective", "binary:logitraw"), 10, 1000, 6, 0, 0, 0.1, 2 },
		{ "hinge", P("objective", "binary:hinge"), 10, 1000, 6, 0, 0, 0.1, 2 },
		{ "reg:logistic", P("objective", "reg:logistic"), 10, 1000, 6, 0, 0, 0.1, 2 },
		{ "depth 12",
		  P("objective", "reg:squarederror", "max_depth", "12", "min_child_weight", "0"),
		  10, 9000, 9, 0, 0, 0.05, 0 },
		{ "lossguide",
		  P("objective", "binary:logistic", "grow_policy", "lossguide", "max_leaves", "255",
		    "max_depth", "0"),
		  15, 9000, 12, 0, 0, 0.05, 2 },
		{ "max_bin 2048",
		  P("objective", "reg:squarederror", "max_bin", "2048", "max_depth", "10"), 20,
		  9000, 3, 0, 0, 0.05, 0 },
		{ "exact", P("objective", "reg:squarederror", "tree_method", "exact"), 10, 2000, 5,
		  0, 0, 0.05, 0 },
		{ "softprob", P("objective", "multi:softprob", "num_class", "5"), 12, 3000, 8, 0, 0,
		  0.1, 5 },
		{ "softmax", P("objective", "multi:softmax", "num_class", "3"), 6, 1000, 8, 0, 0,
		  0.1, 3 },
		{ "poisson", P("objective", "count:poisson"), 10, 1000, 6, 0, 0, 0.1, -2 },
		{ "gamma", P("objective", "reg:gamma"), 10, 1000, 6, 0, 0, 0.1, -2 },
		{ "tweedie", P("objective", "reg:tweedie"), 10, 1000, 6, 0, 0, 0.1, -2 },
		{ "absolute", P("objective", "reg:absoluteerror"), 10, 1000, 6, 0, 0, 0.1, 0 },
		{ "pseudohuber", P("objective", "reg:pseudohubererror"), 10, 1000, 6, 0, 0, 0.1,
		  0 },
		{ "squaredlog", P("objective", "reg:squaredlogerror"), 10, 1000, 6, 0, 0, 0.1, -2 },
		{ "cox", P("objective", "survival:cox"), 10, 1000, 6, 0, 0, 0.1, -2 },
		{ "quantile", P("objective", "reg:quantileerror", "quantile_alpha", "0.7"), 10,
		  1000, 6, 0, 0, 0.1, 0 },
		{ "two targets", P("objective", "reg:squarederror"), 10, 1000, 6, 0, 0, 0.1, -3 },
		{ "parallel",
		  P("objective", "reg:squarederror", "num_parallel_tree", "4", "subsample", "0.5",
		    "colsample_bynode", "0.5"),
		  8, 2000, 8, 0, 0, 0.1, 0 },
		{ "parallel classes",
		  P("objective", "multi:softprob", "num_class", "3", "num_parallel_tree", "2",
		    "subsample", "0.5"),
		  5, 2000, 8, 0, 0, 0.1, 3 },
		{ "ndcg", P("objective", "rank:ndcg"), 10, 2000, 8, 0, 0, 0.1, -1 },
		{ "pairwise", P("objective", "rank:pairwise"), 10, 2000, 8, 0, 0, 0.1, -1 },
		{ "dart",
		  P("booster", "dart", "objective", "reg:squarederror", "rate_drop", "0.3",
		    "skip_drop", "0.2"),
		  20, 2000, 8, 0, 0, 0.1, 0 },
		{ "dart classes",
		  P("booster", "dart", "objective", "multi:softprob", "num_class", "3", "rate_drop",
		    "0.3"),
		  8, 2000, 8, 0, 0, 0.1, 3 },
		{ "one-hot categories",
		  P("objective", "reg:squarederror", "max_cat_to_onehot", "16"), 20, 3000, 6, 4, 12,
		  0.1, 0 },
		{ "categories",
		  P("objective", "binary:logistic", "max_cat_to_onehot", "1", "max_depth", "7"), 20,
		  5000, 6, 3, 60, 0.1, 2 },
		{ "many categories",
		  P("objective", "reg:squarederror", "max_cat_to_onehot", "1", "max_depth", "6"),
		  20, 20000, 4, 2, 3000, 0.05, 0 },
		{ "too large to walk",
		  P("objective", "reg:squarederror", "max_depth", "24", "min_child_weight", "0",
		    "reg_lambda", "0"),
		  1, 70000, 4, 0, 0, 0.01, 0 },
		{ "stump", P("objective", "reg:squarederror", "max_depth", "1"), 9, 300, 3, 0, 0, 0,
		  0 },
		{ "no split", P("objective", "reg:squarederror", "gamma", "1e30"), 3, 300, 3, 0, 0,
		  0, 0 },
		{ "40 columns", P("objective", "reg:squarederror"), 60, 600, 40, 0, 0, 0.2, 0 },
		{ "64 columns", P("objective", "reg:squarederror", "max_depth", "4"), 90, 600, 64,
		  0, 0, 0.2, 0 },
		{ "65 columns", P("objective", "reg:squarederror", "max_depth", "4"), 90, 600, 65,
		  0, 0, 0.2, 0 },
		{ "few trees for the columns", P("objective", "reg:squarederror"), 3, 600, 30, 0, 0,
		  0.2, 0 },
		{ "classes and categories",
		  P("objective", "multi:softprob", "num_class", "3", "max_cat_to_onehot", "1",
		    "max_depth", "5"),
		  20, 2000, 6, 3, 60, 0.2, 3 },
		{ "one column", P("objective", "reg:squarederror"), 3, 65, 1, 0, 0, 0.5, 0 },
	};

	(void)state;
	if (!have_xgb)
		skip();
	for (size_t i = 0; i < sizeof specs / sizeof *specs; i++)
		run_spec(&specs[i]);
}

int main(void)
{
	setenv("GOMP_SPINCOUNT", "10000",
	       0); /* XGBoost waits by spinning, which a busy machine has no room for */
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_models) };

	have_xgb = xgb_open(&xgb);
	return cmocka_run_group_tests_name("model/parity", tests, NULL, NULL);
}
