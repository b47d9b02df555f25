/*
 * epoch.c - what a training of a net takes: 28-128-128-1, relu, batch 1024, Adam, in a shuffled order.
 *
 *	epoch make DIR ROWS [CATEGORIES]
 *				     x.npy and y.npy: rows like those of HIGGS, a label to be learnt; the last input
 *				     is one of so many categories
 *	epoch train DIR THREADS      a tenth of an epoch a line read from stdin; prints {"rows", "s", "cpu_s"}, at
 *				     the end of an epoch also {"loss", "auc"}
 *	epoch gemm THREADS [LIB]     prints {"limit", "limit_cpu"}: GFLOP/s of 1024^3, each thread its own, by LIB's
 *				     sgemm: by the clock, and by the threads' own time
 *	epoch shapes                 the products of a step, a line each: {"product", "m", "n", "k", "gflops"}
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

enum { INPUTS = 28, UNITS = 128, BATCH = 1024, PARTS = 10 };

static double seconds_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double now(void)
{
	return seconds_of(CLOCK_MONOTONIC);
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

static void row(uint64_t i, uint64_t categories, float *x, float *y)
{
	float t;

	for (size_t k = 0; k < INPUTS; k++)
		x[k] = normal(i * 32 + k);
	if (categories)
		x[INPUTS - 1] = (float)(i * 0x9E3779B97F4A7C15u % categories);
	t = x[0] * x[1] + sinf(2 * x[2]) + (x[3] > 0 ? x[4] : -x[5]) + 0.5f * x[6] * x[7] * x[8];
	*y = t + normal(i * 32 + 31) > 0;
}

static int make(const char *dir, uint64_t rows, uint64_t categories)
{
	struct npy_writer x = { 0 }, y = { 0 };
	char *at_x = xasprintf("%s/x.npy", dir), *at_y = xasprintf("%s/y.npy", dir);
	int rc = npy_create(at_x, NPY_F4, INPUTS, &x);

	if (!rc)
		rc = npy_create(at_y, NPY_F4, 0, &y);
	for (uint64_t i = 0; !rc && i < rows; i++) {
		float of[INPUTS], label;

		row(i, categories, of, &label);
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

/* Part `part` of an epoch; at its end how good the net has become on rows that it never sees. */
static int stretch(struct trainer *t, const struct net_data *d, size_t held, size_t part,
		   double *loss_sum)
{
	uint64_t e = part / PARTS;
	struct net_data seen = *d;
	struct net_report r;
	double loss, weight, begin = now(), cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
	size_t batches, first, end;
	float *p;

	seen.rows -= held;
	batches = (seen.rows + BATCH - 1) / BATCH;
	first = batches * (part % PARTS) / PARTS;
	end = batches * (part % PARTS + 1) / PARTS;
	*loss_sum = first ? *loss_sum : 0;
	for (size_t i = first; i < end; i++) {
		size_t left = seen.rows - i * BATCH;
		struct net_batch b = {
			&seen, e, i * BATCH, left < BATCH ? left : BATCH, true, 1e-3f
		};

		if (trainer_step(t, &b, &r) < 0)
			return failed();
		*loss_sum += r.loss;
	}
	printf("{\"rows\":%zu,\"s\":%.5f,\"cpu_s\":%.5f",
	       (end < batches ? end * BATCH : seen.rows) - first * BATCH, now() - begin,
	       seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu);
	if (end == batches) {
		p = malloc(held * sizeof(*p));
		if (trainer_evaluate(t, d, seen.rows, held, &loss, &weight, p) < 0)
			return failed();
		printf(",\"loss\":%.5f,\"auc\":%.5f", *loss_sum / (double)batches,
		       auc(p, d->y + seen.rows, held));
		free(p);
	}
	printf("}\n");
	fflush(stdout);
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
	double loss = 0;
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
	for (size_t part = 0; !rc && fgets(line, sizeof line, stdin); part++)
		rc = stretch(t, &d, d.rows / 10, part, &loss);
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

struct pace {
	double s, cpu_s; /* a product, of TURNS one after the other */
};

static void *products(void *payload)
{
	enum { TURNS = 5 }; /* about as long as a tenth of an epoch */
	float *m = aligned_alloc(64, 3 * sizeof(float) * SIDE * SIDE);
	struct pace *pace = payload;

	for (size_t i = 0; i < 3 * SIDE * SIDE; i++)
		m[i] = (float)(i % 17) / 17 - 0.5f;
	product(m, m + SIDE * SIDE, m + 2 * SIDE * SIDE);
	pthread_barrier_wait(&together);
	pace->s = now();
	pace->cpu_s = seconds_of(CLOCK_THREAD_CPUTIME_ID);
	for (int i = 0; i < TURNS; i++)
		product(m, m + SIDE * SIDE, m + 2 * SIDE * SIDE);
	pace->cpu_s = (seconds_of(CLOCK_THREAD_CPUTIME_ID) - pace->cpu_s) / TURNS;
	pthread_barrier_wait(&together);
	pace->s = (now() - pace->s) / TURNS;
	free(m);
	return NULL;
}

static int limit(int threads, const char *lib)
{
	void *handle = lib ? dlopen(lib, RTLD_NOW) : NULL;
	void (*set_threads)(int) = NULL;
	struct pace pace[64];
	double flops = 2.0 * SIDE * SIDE * SIDE * 1e-9, cpu = 0;
	pthread_t of[64];

	if (lib && (!handle || !(*(void **)&sgemm = dlsym(handle, "cblas_sgemm")))) {
		fprintf(stderr, "epoch: no sgemm in %s\n", lib);
		return 1;
	}
	if (handle && (*(void **)&set_threads = dlsym(handle, "openblas_set_num_threads")))
		set_threads(1);
	threads = threads < 64 ? threads : 64;
	pthread_barrier_init(&together, NULL, (unsigned)threads);
	for (int i = 0; i < threads; i++)
		pthread_create(&of[i], NULL, products, &pace[i]);
	for (int i = 0; i < threads; i++) {
		pthread_join(of[i], NULL);
		cpu += flops / pace[i].cpu_s;
	}
	printf("{\"limit\":%.1f,\"limit_cpu\":%.1f}\n", threads * flops / pace[0].s, cpu);
	return 0;
}

/* --- the products of a step ------------------------------------------------------------------------ */

static void time_shape(const char *name, const struct gemm *g)
{
	double flops = 2.0 * (double)(g->m * g->n * g->k), best = 1e9;
	int times = (int)(1e8 / flops) + 1;

	for (int turn = 0; turn < 15; turn++) {
		double cpu = seconds_of(CLOCK_THREAD_CPUTIME_ID);

		for (int i = 0; i < times; i++)
			gemm(g);
		cpu = (seconds_of(CLOCK_THREAD_CPUTIME_ID) - cpu) / times;
		best = cpu < best ? cpu : best;
	}
	printf("{\"product\":\"%s\",\"m\":%zu,\"n\":%zu,\"k\":%zu,\"gflops\":%.1f,\"us\":%.2f}\n",
	       name, g->m, g->n, g->k, flops / best * 1e-9, best * 1e6);
}

/* As lib/learn/net/pass.c has them: 128 rows at a time. */
static int shapes(void)
{
	enum { TILE = 128 };
	const size_t ld = gemm_ld(UNITS), ld_in = gemm_ld(INPUTS), ld_out = gemm_ld(1);
	float *m = aligned_alloc(64, 4 * sizeof(float) * TILE * 256);
	float *a = m, *b = m + TILE * 256, *c = m + 2 * TILE * 256, *d = m + 3 * TILE * 256;

	for (size_t i = 0; i < 4 * TILE * 256; i++)
		m[i] = (float)(i % 17) / 17 - 0.5f;
	time_shape("forward 1", &(struct gemm){ TILE, UNITS, INPUTS, a, ld_in, 1, b, ld, c, ld,
						GEMM_BIAS, d, true });
	time_shape("forward 2", &(struct gemm){ TILE, UNITS, UNITS, a, ld, 1, b, ld, c, ld,
						GEMM_BIAS, d, true });
	time_shape("forward 3", &(struct gemm){ TILE, 1, UNITS, a, ld, 1, b, ld_out, c, ld_out,
						GEMM_BIAS, d, false });
	time_shape("weights 3", &(struct gemm){ 1, UNITS, TILE, a, 1, ld_out, b, ld, c, UNITS,
						GEMM_ADD, NULL, false });
	time_shape("inputs 3", &(struct gemm){ TILE, UNITS, 1, a, ld_out, 1, b, ld, c, ld,
					       GEMM_ZERO, NULL, false });
	time_shape("weights 2", &(struct gemm){ UNITS, UNITS, TILE, a, 1, ld, b, ld, c, UNITS,
						GEMM_ADD, NULL, false });
	time_shape("inputs 2", &(struct gemm){ TILE, UNITS, UNITS, a, ld, 1, b, ld, c, ld,
					       GEMM_ZERO, NULL, false });
	time_shape("weights 1", &(struct gemm){ UNITS, INPUTS, TILE, a, 1, ld, b, ld_in, c, INPUTS,
						GEMM_ADD, NULL, false });
	free(m);
	return 0;
}

int main(int argc, char **argv)
{
	if ((argc == 4 || argc == 5) && !strcmp(argv[1], "make"))
		return make(argv[2], (uint64_t)strtoull(argv[3], NULL, 10),
			    argc == 5 ? (uint64_t)strtoull(argv[4], NULL, 10) : 0);
	if (argc == 4 && !strcmp(argv[1], "train"))
		return train(argv[2], (int)strtol(argv[3], NULL, 10));
	if (argc >= 3 && !strcmp(argv[1], "gemm"))
		return limit((int)strtol(argv[2], NULL, 10), argc > 3 ? argv[3] : NULL);
	if (argc == 2 && !strcmp(argv[1], "shapes"))
		return shapes();
	fprintf(stderr,
		"usage: epoch make DIR ROWS [CATEGORIES] | train DIR THREADS | gemm THREADS [LIB] | shapes\n");
	return 129;
}
