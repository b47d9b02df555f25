/*
 * forest.c - rows a second and nanoseconds a row beside XGBoost's C API; JSON lines. Both sides run
 * in turn, ROUNDS times; the figures are medians and the ratio is the median of the rounds' ratios
 * (over 1: mich is faster).
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/error.h"
#include "lib/model/trees/forest.h"
#include "tests/parity/xgb.h"

enum { ROUNDS = 7, TRAIN_ROWS = 20000, BATCH = 100000 };

static struct xgb xgb;

struct shape {
	const char *name;
	int trees, cols, cats, categories;
	double missing;
	bool every_kernel;     /* the other kernels too */
	const char *params[9]; /* pairs, NULL-ended */
};

struct pair {
	void *booster;
	struct forest *forest;
	const struct shape *shape;
	float *x, *out; /* (BATCH, cols), (BATCH) */
};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void rows_make(const struct shape *s, uint64_t seed, int rows, float *x, float *y)
{
	for (int i = 0; i < rows; i++) {
		double v = 0;

		for (int k = 0; k < s->cols; k++) {
			float u = k >= s->cols - s->cats
					  ? floorf(xgb_uniform(&seed) * (float)s->categories)
					  : xgb_uniform(&seed) * 2 - 1;

			v += k % 3 ? u * v * 0.3 : sin(u * 3 + k);
			x[(size_t)i * (size_t)s->cols + (size_t)k] =
				xgb_uniform(&seed) < s->missing ? NAN : u;
		}
		y[i] = v + xgb_uniform(&seed) > 0.7;
	}
}

static void booster_train(struct pair *p)
{
	const struct shape *s = p->shape;
	float *y = malloc(BATCH * sizeof(float));
	const char **types = malloc((size_t)s->cols * sizeof(char *)), *bytes;
	xgb_ulong n;
	void *m, *b;

	rows_make(s, 1, TRAIN_ROWS, p->x, y);
	XGB_TRY(&xgb, from_mat(p->x, TRAIN_ROWS, (xgb_ulong)s->cols, NAN, &m));
	XGB_TRY(&xgb, set_float(m, "label", y, TRAIN_ROWS));
	for (int k = 0; k < s->cols; k++)
		types[k] = k >= s->cols - s->cats ? "c" : "float";
	XGB_TRY(&xgb, set_str(m, "feature_type", types, (xgb_ulong)s->cols));
	XGB_TRY(&xgb, create(&m, 1, &b));
	XGB_TRY(&xgb, set_param(b, "tree_method", "hist"));
	XGB_TRY(&xgb, set_param(b, "objective", "binary:logistic"));
	XGB_TRY(&xgb, set_param(b, "eta", "0.1"));
	XGB_TRY(&xgb, set_param(b, "nthread", "1"));
	for (int i = 0; s->params[i]; i += 2)
		XGB_TRY(&xgb, set_param(b, s->params[i], s->params[i + 1]));
	for (int i = 0; i < s->trees; i++)
		XGB_TRY(&xgb, update(b, i, m));
	XGB_TRY(&xgb, save(b, "{\"format\":\"ubj\"}", &n, &bytes));
	XGB_TRY(&xgb, create(NULL, 0, &p->booster));
	XGB_TRY(&xgb, load(p->booster, bytes, n));
	if (forest_parse(bytes, n, 0, &p->forest) < 0)
		fprintf(stderr, "%s\n", error_text()), exit(1);
	xgb.booster_free(b);
	xgb.matrix_free(m);
	free(types);
	free(y);
}

static void xgb_rows(const struct pair *p, int64_t from, int64_t rows, const float **out)
{
	char array[200];
	const xgb_ulong *shape;
	xgb_ulong dim;

	snprintf(array, sizeof array,
		 "{\"data\":[%llu,true],\"shape\":[%lld,%d],\"typestr\":\"<f4\",\"version\":3}",
		 (unsigned long long)(uintptr_t)(p->x + from * p->shape->cols), (long long)rows,
		 p->shape->cols);
	XGB_TRY(&xgb,
		predict_dense(
			p->booster, array,
			"{\"type\":0,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,"
			"\"strict_shape\":false,\"missing\":NaN,\"cache_id\":0}",
			NULL, &shape, &dim, out));
}

static void agree(const struct pair *p)
{
	const float *out;

	xgb_rows(p, 0, BATCH, &out);
	forest_score(p->forest, p->x, BATCH, 2, p->out);
	if (memcmp(out, p->out, BATCH * sizeof(float)))
		fprintf(stderr, "%s: the predictions differ\n", p->shape->name), exit(1);
}

/* Seconds for `calls` calls of `rows` rows each. */
static double xgb_time(const struct pair *p, int calls, int64_t rows)
{
	const float *out;
	double t = seconds();

	for (int i = 0; i < calls; i++)
		xgb_rows(p, (int64_t)i * rows % (BATCH - rows + 1), rows, &out);
	return seconds() - t;
}

static double mich_time(const struct pair *p, int calls, int64_t rows, int threads)
{
	void *scratch = malloc(forest_scratch(p->forest));
	double t = seconds();

	for (int i = 0; i < calls; i++) {
		const float *x = p->x + (int64_t)i * rows % (BATCH - rows + 1) * p->shape->cols;

		if (rows == 1)
			forest_score_row(p->forest, x, scratch, p->out);
		else
			forest_score(p->forest, x, rows, threads, p->out);
	}
	t = seconds() - t;
	free(scratch);
	return t;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double *v)
{
	qsort(v, ROUNDS, sizeof(*v), by_value);
	return v[ROUNDS / 2];
}

static void compare(const struct pair *p, int calls, int64_t rows, int threads)
{
	double mich[ROUNDS], other[ROUNDS], ratio[ROUNDS], all = (double)calls * (double)rows;
	char text[16];

	snprintf(text, sizeof text, "%d", threads);
	XGB_TRY(&xgb, set_param(p->booster, "nthread", text));
	xgb_time(p, 1 + calls / 10, rows);
	for (int i = 0; i < ROUNDS; i++) {
		other[i] = xgb_time(p, calls, rows);
		mich[i] = mich_time(p, calls, rows, threads);
		ratio[i] = other[i] / mich[i];
	}
	printf("{\"case\":\"%s, %lld row%s, %d thread%s, %s\",\"unit\":\"ns/row\",\"mich\":%.1f,"
	       "\"xgboost\":%.1f,\"ratio\":%.2f,\"mich_rows_s\":%.0f}\n",
	       p->shape->name, (long long)rows, rows == 1 ? "" : "s", threads,
	       threads == 1 ? "" : "s", forest_kernel(p->forest), median(mich) / all * 1e9,
	       median(other) / all * 1e9, median(ratio), all / median(mich));
	fflush(stdout);
}

static void run(const struct shape *s)
{
	struct pair p = { .shape = s };
	float *y = malloc(BATCH * sizeof(float));

	p.x = malloc(BATCH * (size_t)s->cols * sizeof(float));
	p.out = malloc(BATCH * sizeof(float));
	booster_train(&p);
	rows_make(s, 2, BATCH, p.x, y);
	agree(&p);
	compare(&p, 300, 1, 1);
	compare(&p, 10, 1000, 1);
	compare(&p, 1, BATCH, 2);
	for (int i = 0; i < 2 && s->every_kernel; i++)
		if (forest_use_kernel(p.forest, i ? "scalar" : "avx2") == 0)
			compare(&p, 1, BATCH, 2);
	xgb.booster_free(p.booster);
	forest_free(p.forest);
	free(p.x);
	free(p.out);
	free(y);
}

int main(void)
{
	static const struct shape shapes[] = {
		{ "100 trees of depth 6", 100, 28, 0, 0, 0, true, { "max_depth", "6", NULL } },
		{ "100 trees of depth 8, 1 in 10 missing, 4 categorical",
		  100,
		  12,
		  4,
		  100,
		  0.1,
		  false,
		  { "max_depth", "8", "max_cat_to_onehot", "1", NULL } },
		{ "100 trees of 255 leaves",
		  100,
		  28,
		  0,
		  0,
		  0,
		  false,
		  { "grow_policy", "lossguide", "max_leaves", "255", "max_depth", "0", NULL } },
		{ "50 trees of depth 12", 50, 28, 0, 0, 0, false, { "max_depth", "12", NULL } },
	};

	if (!xgb_open(&xgb)) {
		fprintf(stderr, "no libxgboost.so here: make engines\n");
		return 0;
	}
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
		run(&shapes[i]);
	return 0;
}
