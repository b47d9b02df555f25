/*
 * epoch.c - what a training of a net takes: 28-128-128-1, relu, batch 1024, Adam, in a shuffled order.
 *
 *	epoch make DIR ROWS          x.npy and y.npy: rows like those of HIGGS, a label to be learnt
 *	epoch train DIR THREADS      an epoch a line read from stdin; prints {"epoch_s", "loss", "auc"}
 *	epoch gemm THREADS [LIB]     prints {"limit"}: GFLOP/s of 1024^3, each thread its own, by LIB's sgemm
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/base/npy.h"
#include "lib/learn/net/gemm.h"
#include "lib/learn/net/philox.h"
#include "lib/learn/net/trainer.h"

enum { INPUTS = 28, UNITS = 128, BATCH = 1024 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int failed(void)
{
	fprintf(stderr, "epoch: %s\n", error_text());
	return 1;
}

/* --- rows ------------------------------------------------------------------------------------------ */

/* A sum of four even numbers, nearly normal. */
static float normal(uint64_t i)
{
	uint32_t w[4];

	philox(1, (uint32_t[]){ (uint32_t)i, (uint32_t)(i >> 32), 0, 0 }, w);
	return ((float)w[0] + (float)w[1] + (float)w[2] + (float)w[3]) / 4294967296.0f * 1.732f -
	       3.464f;
}

static void row(uint64_t i, float *x, float *y)
{
	float t;

	for (size_t k = 0; k < INPUTS; k++)
		x[k] = normal(i * 32 + k);
	t = x[0] * x[1] + sinf(2 * x[2]) + (x[3] > 0 ? x[4] : -x[5]) + 0.5f * x[6] * x[7] * x[8];
	*y = t + normal(i * 32 + 31) > 0;
}

static int make(const char *dir, uint64_t rows)
{
	struct npy_writer x = { 0 }, y = { 0 };
	char *at_x = xasprintf("%s/x.npy", dir), *at_y = xasprintf("%s/y.npy", dir);
	int rc = npy_create(at_x, NPY_F4, INPUTS, &x);

	if (!rc)
		rc = npy_create(at_y, NPY_F4, 0, &y);
	for (uint64_t i = 0; !rc && i < rows; i++) {
		float of[INPUTS], label;

		row(i, of, &label);
		if (!(rc = npy_append(&x, of, 1)))
			rc = npy_append(&y, &label, 1);
	}
	if (!rc && !(rc = npy_finish(&x)))
		rc = npy_finish(&y);
	free(at_x);
	free(at_y);
	return rc ? failed() : 0;
}

/* --- training -------------------------------------------------------------------------------------- */

struct scored {
	float p, y;
};

static int by_p(const void *a, const void *b)
{
	float p = ((const struct scored *)a)->p, q = ((const struct scored *)b)->p;

	return (p > q) - (p < q);
}

/* Of the last n rows, by ranks; ties hardly matter. */
static double auc(const float *p, const float *y, size_t n)
{
	struct scored *v = malloc(n * sizeof(*v));
	double ranks = 0, ones = 0;

	for (size_t i = 0; i < n; i++)
		v[i] = (struct scored){ p[i], y[i] };
	qsort(v, n, sizeof(*v), by_p);
	for (size_t i = 0; i < n; i++)
		if (v[i].y > 0) {
			ranks += (double)i + 1;
			ones++;
		}
	free(v);
	return (ranks - ones * (ones + 1) / 2) / (ones * ((double)n - ones));
}

static int epoch(struct trainer *t, const struct net_data *d, size_t held, uint64_t e)
{
	struct net_data seen = *d;
	struct net_report r;
	double loss, weight, loss_sum = 0, begin = now(), end;
	float *p = malloc(held * sizeof(*p));

	seen.rows -= held;
	for (size_t at = 0; at < seen.rows; at += BATCH) {
		size_t left = seen.rows - at;
		struct net_batch b = { &seen, e, at, left < BATCH ? left : BATCH, true, 1e-3f };

		if (trainer_step(t, &b, &r) < 0)
			return failed();
		loss_sum += r.loss;
	}
	end = now();
	if (trainer_evaluate(t, d, d->rows - held, held, &loss, &weight, p) < 0)
		return failed();
	printf("{\"epoch_s\":%.4f,\"loss\":%.5f,\"auc\":%.5f}\n", end - begin,
	       loss_sum / (double)((seen.rows + BATCH - 1) / BATCH),
	       auc(p, d->y + d->rows - held, held));
	fflush(stdout);
	free(p);
	return 0;
}

static int train(const char *dir, int threads)
{
	struct net_shape s = NET_SHAPE_INIT;
	struct net_weights w = NET_WEIGHTS_INIT;
	struct trainer_options o = { .threads = threads,
				     .seed = 1,
				     .batch = BATCH,
				     .loss.kind = LOSS_BINARY,
				     .optimizer.kind = OPTIMIZER_ADAM };
	struct net_data d = { 0 };
	struct trainer *t = NULL;
	struct npy x, y;
	char *at_x = xasprintf("%s/x.npy", dir), *at_y = xasprintf("%s/y.npy", dir), line[64];
	int rc = 1;

	if (npy_open(at_x, &x) < 0 || npy_open(at_y, &y) < 0)
		return failed();
	d = (struct net_data){ x.data, y.data, NULL, (size_t)x.rows, INPUTS };
	s.inputs = INPUTS;
	s.outputs = 1;
	s.head = NET_LOGISTIC;
	for (size_t i = 0; i < INPUTS; i++)
		net_shape_numeric(&s, i);
	for (int i = 0; i < 2; i++)
		net_shape_hidden(&s, (struct net_hidden){ UNITS, NET_RELU, NET_NORM_NONE, 0 });
	if (net_weights_init(&s, &w) < 0)
		return failed();
	trainer_init_weights(&s, 1, &w);
	trainer_fit_inputs(&s, &d, &w);
	if (trainer_open(&s, &w, &o, &t) < 0)
		return failed();
	rc = 0;
	for (uint64_t e = 0; !rc && fgets(line, sizeof line, stdin); e++)
		rc = epoch(t, &d, d.rows / 10, e);
	trainer_close(t);
	net_weights_clear(&w);
	net_shape_clear(&s);
	npy_close(&x);
	npy_close(&y);
	free(at_x);
	free(at_y);
	return rc;
}

/* --- the limit ------------------------------------------------------------------------------------- */

enum { SIDE = 1024 };

typedef void (*sgemm_fn)(int order, int ta, int tb, int m, int n, int k, float alpha,
			 const float *a, int lda, const float *b, int ldb, float beta, float *c,
			 int ldc);
static sgemm_fn sgemm;

static void product(const float *a, const float *b, float *c)
{
	if (sgemm)
		sgemm(101, 111, 111, SIDE, SIDE, SIDE, 1, a, SIDE, b, SIDE, 0, c, SIDE);
	else
		gemm(&(struct gemm){ .m = SIDE,
				     .n = SIDE,
				     .k = SIDE,
				     .a = a,
				     .a_row = SIDE,
				     .a_step = 1,
				     .b = b,
				     .ldb = SIDE,
				     .c = c,
				     .ldc = SIDE,
				     .start = GEMM_ZERO });
}

static pthread_barrier_t together;

static void *products(void *payload)
{
	float *m = aligned_alloc(64, 3 * sizeof(float) * SIDE * SIDE);
	double *seconds = payload;

	for (size_t i = 0; i < 3 * SIDE * SIDE; i++)
		m[i] = (float)(i % 17) / 17 - 0.5f;
	product(m, m + SIDE * SIDE, m + 2 * SIDE * SIDE);
	*seconds = 1e9;
	for (int i = 0; i < 8; i++) {
		double begin;

		pthread_barrier_wait(&together);
		begin = now();
		product(m, m + SIDE * SIDE, m + 2 * SIDE * SIDE);
		pthread_barrier_wait(&together);
		if (now() - begin < *seconds)
			*seconds = now() - begin;
	}
	free(m);
	return NULL;
}

static int limit(int threads, const char *lib)
{
	void *handle = lib ? dlopen(lib, RTLD_NOW) : NULL;
	void (*set_threads)(int) = NULL;
	pthread_t of[64];
	double seconds[64];

	if (lib && (!handle || !(*(void **)&sgemm = dlsym(handle, "cblas_sgemm")))) {
		fprintf(stderr, "epoch: no sgemm in %s\n", lib);
		return 1;
	}
	if (handle && (*(void **)&set_threads = dlsym(handle, "openblas_set_num_threads")))
		set_threads(1);
	pthread_barrier_init(&together, NULL, (unsigned)threads);
	for (int i = 0; i < threads; i++)
		pthread_create(&of[i], NULL, products, &seconds[i]);
	for (int i = 0; i < threads; i++)
		pthread_join(of[i], NULL);
	printf("{\"limit\":%.1f}\n", threads * 2.0 * SIDE * SIDE * SIDE / seconds[0] * 1e-9);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "make"))
		return make(argv[2], (uint64_t)strtoull(argv[3], NULL, 10));
	if (argc == 4 && !strcmp(argv[1], "train"))
		return train(argv[2], (int)strtol(argv[3], NULL, 10));
	if (argc >= 3 && !strcmp(argv[1], "gemm"))
		return limit((int)strtol(argv[2], NULL, 10), argc > 3 ? argv[3] : NULL);
	fprintf(stderr, "usage: epoch make DIR ROWS | train DIR THREADS | gemm THREADS [LIB]\n");
	return 129;
}
