/*
 * net.c - one row and batches of nets such as 28-128-128-1, and what OpenBLAS's sgemm takes for the
 * same products alone; JSON lines. Both sides run in turn, ROUNDS times; the figures are medians. The
 * first argument is a library with cblas_sgemm, plain or as NumPy's wheels name it; without one
 * there is nothing to be beside.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/model/net/mlp.h"

enum { ROUNDS = 9, INPUTS = 28, UNITS_MOST = 1024, ROWS = 4096 };
enum { ROW_MAJOR = 101, NO_TRANS = 111, TRANS = 112 };

/* The integers are 64 bits wide in NumPy's; int64_t in registers serves both. */
typedef void (*sgemm_fn)(int order, int ta, int tb, int64_t m, int64_t n, int64_t k, float alpha,
			 const float *a, int64_t lda, const float *b, int64_t ldb, float beta,
			 float *c, int64_t ldc);

static size_t units;
static float *w1, *w2, *w3, *x, *h1, *h2, *out;
static sgemm_fn sgemm;

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static float *floats(size_t n)
{
	static uint64_t state = 1;
	float *v = xcalloc(n, sizeof(*v));

	for (size_t i = 0; i < n; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		v[i] = (float)(int32_t)(state >> 32) / 2147483648.0f / 8;
	}
	return v;
}

static struct mlp *net_make(enum net_activation a, enum net_norm n)
{
	struct net_shape s = { .inputs = INPUTS, .outputs = 1, .head = NET_LOGISTIC };
	struct net_weights w;
	struct mlp *m;

	for (size_t i = 0; i < INPUTS; i++)
		net_shape_numeric(&s, i);
	net_shape_hidden(&s, (struct net_hidden){ units, a, n, 0 });
	net_shape_hidden(&s, (struct net_hidden){ units, a, n, 0 });
	if (net_weights_init(&s, &w) < 0)
		exit(1);
	free(w.params);
	w.params = floats(w.n_params);
	if (mlp_new(&s, &w, &m) < 0)
		exit(1);
	net_weights_clear(&w);
	net_shape_clear(&s);
	return m;
}

static void blas_open(const char *path)
{
	static const char *const names[] = { "cblas_sgemm", "scipy_cblas_sgemm64_" };
	void *library = path ? dlopen(path, RTLD_NOW) : NULL;

	for (size_t i = 0; library && !sgemm && i < ARRAY_LEN(names); i++)
		*(void **)&sgemm = dlsym(library, names[i]);
}

/* The products alone: no bias, no activation, no scaling, no head. */
static void products(int64_t rows)
{
	int64_t n = (int64_t)units;

	sgemm(ROW_MAJOR, NO_TRANS, TRANS, rows, n, INPUTS, 1, x, INPUTS, w1, INPUTS, 0, h1, n);
	sgemm(ROW_MAJOR, NO_TRANS, TRANS, rows, n, n, 1, h1, n, w2, n, 0, h2, n);
	sgemm(ROW_MAJOR, NO_TRANS, TRANS, rows, 1, n, 1, h2, n, w3, n, 0, out, 1);
}

static int by_value(const void *a, const void *b)
{
	double x_ = *(const double *)a, y = *(const double *)b;

	return x_ < y ? -1 : x_ > y;
}

static double median(double *v)
{
	qsort(v, ROUNDS, sizeof(*v), by_value);
	return v[ROUNDS / 2];
}

static void compare(const struct mlp *m, const char *of, int64_t rows)
{
	double ours[ROUNDS], theirs[ROUNDS], ratios[ROUNDS], a, b;
	double work = (double)(INPUTS * units + units * units + units);
	int repeats = (int)(4e8 / work / (double)(rows < 16 ? 16 : rows)) + 1;

	for (int round = -1; round < ROUNDS; round++) {
		double at = seconds();

		for (int i = 0; i < repeats; i++)
			if (mlp_score(m, x, rows, 1, out) < 0)
				exit(1);
		a = seconds() - at;
		at = seconds();
		for (int i = 0; i < repeats && sgemm; i++)
			products(rows);
		b = seconds() - at;
		if (round < 0)
			continue;
		ours[round] = a / repeats;
		theirs[round] = b / repeats;
		ratios[round] = a / b;
	}
	a = median(ours);
	printf("{\"case\":\"net 28-%zu-%zu-1 %s\",\"kernel\":\"%s\",\"rows\":%lld,\"us\":%.2f,"
	       "\"rows_a_second\":%.0f,\"gflops\":%.1f",
	       units, units, of, mlp_kernel(m), (long long)rows, a * 1e6, (double)rows / a,
	       (double)rows * 2e-9 * work / a);
	if (sgemm)
		printf(",\"sgemm_us\":%.2f,\"times_sgemm\":%.2f", median(theirs) * 1e6,
		       median(ratios));
	printf("}\n");
	fflush(stdout);
}

/* A net of two hidden layers, on one kernel after the other. */
static void measure(size_t n, enum net_activation a, enum net_norm norm, const char *of,
		    const int64_t *rows, size_t n_rows)
{
	static const char *const kernels[] = { "avx512", "avx2", "scalar" };
	struct mlp *m;

	units = n;
	m = net_make(a, norm);
	for (size_t k = 0; k < ARRAY_LEN(kernels); k++)
		for (size_t i = 0; mlp_use_kernel(m, kernels[k]) == 0 && i < n_rows; i++)
			if (k < 2 || (n == 128 && rows[i] == 1))
				compare(m, of, rows[i]);
	mlp_free(m);
}

int main(int argc, char **argv)
{
	static const int64_t sizes[] = { 1, 2, 6, 7, 16, 48, 64, 256, 1024, ROWS },
			     few[] = { 1, 1024 };

	setenv("OPENBLAS_NUM_THREADS", "1", 1);
	blas_open(argc > 1 ? argv[1] : NULL);
	w1 = floats(INPUTS * UNITS_MOST);
	w2 = floats(UNITS_MOST * UNITS_MOST);
	w3 = floats(UNITS_MOST);
	x = floats(ROWS * INPUTS);
	h1 = floats(ROWS * UNITS_MOST);
	h2 = floats(ROWS * UNITS_MOST);
	out = floats(ROWS);
	measure(128, NET_RELU, NET_NORM_NONE, "relu", sizes, ARRAY_LEN(sizes));
	measure(128, NET_GELU, NET_NORM_NONE, "gelu", few, ARRAY_LEN(few));
	measure(128, NET_TANH, NET_NORM_NONE, "tanh", few, ARRAY_LEN(few));
	measure(128, NET_RELU, NET_NORM_LAYER, "layer norm", few, ARRAY_LEN(few));
	measure(256, NET_RELU, NET_NORM_NONE, "relu", few, ARRAY_LEN(few));
	measure(UNITS_MOST, NET_RELU, NET_NORM_NONE, "relu", few, ARRAY_LEN(few));
	return 0;
}
