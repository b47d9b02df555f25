/* net_trainer.c - tests of lib/learn/net: gradients against finite differences, steps, determinism. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/net/resident.h"
#include "lib/learn/net/shuffle.h"
#include "lib/learn/net/trainer.h"
#include "lib/learn/net/workers.h"

/* A net and rows for it. */
struct fixture {
	struct net_shape shape;
	struct net_weights weights;
	struct net_data data;
	float *x, *y, *w;
};

static uint32_t state;

static float even(void)
{
	state = state * 1664525u + 1013904223u;
	return (float)(state >> 8) / 8388608.0f - 1;
}

struct kind {
	enum loss_kind loss;
	size_t outputs;
	size_t hidden;
	struct net_hidden layers[3];
	size_t embedded; /* categories of the fourth input; 0: it is not there */
	bool weighted;
};

/* Three numeric inputs, one of them at times missing, and a category where embedded. */
static void set_up(struct fixture *f, const struct kind *k, size_t rows)
{
	memset(f, 0, sizeof(*f));
	state = 7;
	f->shape.inputs = 4;
	for (size_t i = 0; i < 3; i++)
		net_shape_numeric(&f->shape, i);
	if (k->embedded)
		net_shape_embedded(&f->shape, (struct net_embedding){ 3, k->embedded, 2 });
	for (size_t i = 0; i < k->hidden; i++)
		net_shape_hidden(&f->shape, k->layers[i]);
	f->shape.outputs = k->outputs;
	f->shape.head = loss_head(k->loss);
	assert_int_equal(net_shape_check(&f->shape), 0);
	assert_int_equal(net_weights_init(&f->shape, &f->weights), 0);
	trainer_init_weights(&f->shape, 11, &f->weights);
	f->x = xcalloc(rows * 4, sizeof(float));
	f->y = xcalloc(rows, sizeof(float));
	f->w = xcalloc(rows, sizeof(float));
	for (size_t i = 0; i < rows; i++) {
		float *x = f->x + i * 4, t;

		for (size_t j = 0; j < 3; j++)
			x[j] = even() * (float)(j + 1) + 3;
		x[3] = (float)(i * 7 %
			       ((k->embedded ? k->embedded : 5) + 1)); /* the last is unknown */
		t = sinf(x[0]) + x[1] - 3 + (x[3] == 2);
		f->y[i] = k->loss == LOSS_BINARY    ? t > 0
			  : k->loss == LOSS_SOFTMAX ? (float)((size_t)(fabsf(t) * 2) % k->outputs)
			  : k->loss == LOSS_POISSON ? floorf(fabsf(2 * t))
						    : t;
		f->w[i] = 0.5f + (float)(i % 3);
		if (i % 11 == 5)
			x[2] = NAN;
	}
	f->data = (struct net_data){ f->x, f->y, k->weighted ? f->w : NULL, rows, 4 };
	trainer_fit_inputs(&f->shape, &f->data, &f->weights);
}

static void tear_down(struct fixture *f)
{
	net_weights_clear(&f->weights);
	net_shape_clear(&f->shape);
	free(f->x);
	free(f->y);
	free(f->w);
}

static struct trainer_options options(const struct kind *k, int threads)
{
	static const float class_weights[] = { 1.5f, 0.5f, 2 };

	return (struct trainer_options){
		.threads = threads,
		.seed = 5,
		.batch = 512,
		.loss = { .kind = k->loss, .class_weights = k->weighted ? class_weights : NULL },
	};
}

static double loss_of(struct trainer *t, const struct fixture *f)
{
	struct net_batch b = { &f->data, 3, 0, f->data.rows, true, 0 };
	struct net_report r;

	assert_int_equal(trainer_step(t, &b, &r), 0);
	assert_true(r.finite);
	return r.loss;
}

/* Every parameter moved a little both ways, the loss in training mode. */
static void check_gradient(const struct kind *k)
{
	const float delta = 4e-3f;
	struct trainer_options o = options(k, 2);
	struct trainer *t;
	struct fixture f;
	float *gradient;
	double worst = 0;
	struct net_report r;
	struct net_batch b;

	set_up(&f, k, 61);
	b = (struct net_batch){ &f.data, 3, 0, 61, true, 0 };
	assert_int_equal(trainer_open(&f.shape, &f.weights, &o, &t), 0);
	assert_int_equal(trainer_step(t, &b, &r), 0);
	gradient = xcalloc(f.weights.n_params, sizeof(float));
	for (size_t i = 0; i < f.weights.n_params; i++)
		gradient[i] = (float)(trainer_gradient(t)[i] / r.weight);
	for (size_t i = 0; i < f.weights.n_params; i++) {
		float *p = &f.weights.params[i], was = *p;
		double up, down, slope, off;

		*p = was + delta;
		up = loss_of(t, &f);
		*p = was - delta;
		down = loss_of(t, &f);
		*p = was;
		slope = (up - down) / (2 * (double)delta);
		off = fabs(slope - gradient[i]) / (0.02 + fabs(slope));
		worst = off > worst ? off : worst;
	}
	if (worst > 0.05)
		print_message("loss %s: off by %g\n", loss_name(k->loss), worst);
	assert_true(worst <= 0.05);
	free(gradient);
	trainer_close(t);
	tear_down(&f);
}

static void test_gradients(void **unused)
{
	static const struct kind kinds[] = {
		{ LOSS_MSE, 1, 0, { { 0 } }, 0, false },
		{ LOSS_MSE, 1, 1, { { 9, NET_TANH, NET_NORM_NONE, 0 } }, 5, true },
		{ LOSS_HUBER, 1, 1, { { 6, NET_GELU, NET_NORM_NONE, 0 } }, 5, false },
		{ LOSS_MAE, 1, 1, { { 6, NET_GELU, NET_NORM_LAYER, 0 } }, 0, true },
		{ LOSS_MSE, 1, 1, { { 5, NET_TANH, NET_NORM_NONE, 0 } }, 1100, true },
		{ LOSS_BINARY,
		  1,
		  2,
		  { { 7, NET_GELU, NET_NORM_LAYER, 0 }, { 5, NET_TANH, NET_NORM_LAYER, 0.25 } },
		  5,
		  true },
		{ LOSS_BINARY,
		  1,
		  2,
		  { { 7, NET_TANH, NET_NORM_BATCH, 0.5 }, { 5, NET_GELU, NET_NORM_BATCH, 0 } },
		  5,
		  true },
		{ LOSS_SOFTMAX, 3, 1, { { 8, NET_GELU, NET_NORM_NONE, 0.3 } }, 5, true },
		{ LOSS_SOFTMAX,
		  3,
		  2,
		  { { 33, NET_TANH, NET_NORM_BATCH, 0 }, { 17, NET_GELU, NET_NORM_LAYER, 0 } },
		  0,
		  false },
		{ LOSS_POISSON, 1, 1, { { 6, NET_TANH, NET_NORM_NONE, 0 } }, 5, true },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		check_gradient(&kinds[i]);
}

static const struct kind relu = {
	LOSS_BINARY, 1,
	2,	     { { 40, NET_RELU, NET_NORM_NONE, 0.1 }, { 24, NET_RELU, NET_NORM_NONE, 0 } },
	5,	     true
};
static const struct kind batch = {
	LOSS_BINARY, 1,
	2,	     { { 40, NET_RELU, NET_NORM_BATCH, 0.1 }, { 24, NET_GELU, NET_NORM_BATCH, 0 } },
	5,	     true
};

/* relu has a kink that a difference may fall upon: few may. */
static void test_gradient_relu(void **unused)
{
	struct trainer_options o = options(&relu, 1);
	struct net_batch b;
	struct net_report r;
	struct trainer *t;
	struct fixture f;
	size_t off = 0;
	float *gradient;

	(void)unused;
	set_up(&f, &relu, 61);
	b = (struct net_batch){ &f.data, 3, 0, 61, true, 0 };
	assert_int_equal(trainer_open(&f.shape, &f.weights, &o, &t), 0);
	assert_int_equal(trainer_step(t, &b, &r), 0);
	gradient = xcalloc(f.weights.n_params, sizeof(float));
	for (size_t i = 0; i < f.weights.n_params; i++)
		gradient[i] = (float)(trainer_gradient(t)[i] / r.weight);
	for (size_t i = 0; i < f.weights.n_params; i++) {
		float *p = &f.weights.params[i], was = *p;
		double slope;

		*p = was + 1e-3f;
		slope = loss_of(t, &f);
		*p = was - 1e-3f;
		slope = (slope - loss_of(t, &f)) / 2e-3;
		*p = was;
		off += fabs(slope - gradient[i]) > 0.03 * (0.05 + fabs(slope));
	}
	assert_true(off * 20 < f.weights.n_params);
	free(gradient);
	trainer_close(t);
	tear_down(&f);
}

static double train(const struct kind *k, const struct trainer_options *o, size_t rows,
		    size_t epochs, size_t size, float lr, float **out)
{
	struct net_report r = { 0 };
	struct trainer *t;
	struct fixture f;
	double loss, weight;

	set_up(&f, k, rows);
	assert_int_equal(trainer_open(&f.shape, &f.weights, o, &t), 0);
	for (size_t e = 0; e < epochs; e++)
		for (size_t at = 0; at < rows; at += size) {
			struct net_batch b = { &f.data, e, at, rows - at < size ? rows - at : size,
					       true,	lr };

			assert_int_equal(trainer_step(t, &b, &r), 0);
		}
	assert_int_equal(trainer_evaluate(t, &f.data, 0, rows, &loss, &weight, NULL), 0);
	trainer_close(t);
	if (out) {
		size_t n = f.weights.n_params, s = f.weights.n_stats;

		*out = xcalloc(n + s, sizeof(float));
		memcpy(*out, f.weights.params, n * sizeof(float));
		memcpy(*out + n, f.weights.stats, s * sizeof(float));
	}
	tear_down(&f);
	return loss / weight;
}

static size_t floats_of(const struct kind *k)
{
	struct fixture f;
	size_t n;

	set_up(&f, k, 10);
	n = f.weights.n_params + f.weights.n_stats;
	tear_down(&f);
	return n;
}

static void test_learns(void **unused)
{
	static const enum optimizer_kind all[] = { OPTIMIZER_SGD, OPTIMIZER_ADAM, OPTIMIZER_ADAMW };

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		for (int norm = 0; norm < 2; norm++) {
			const struct kind *k = norm ? &batch : &relu;
			struct trainer_options o = options(k, 2);
			bool sgd = all[i] == OPTIMIZER_SGD;

			o.optimizer = (struct optimizer_options){
				.kind = all[i], .momentum = 0.9f, .weight_decay = 1e-4f, .clip = 5
			};
			assert_true(train(k, &o, 1500, 12, 64, sgd ? 0.05f : 0.005f, NULL) < 0.25);
		}
}

static void test_same_bits(void **unused)
{
	static const struct kind *const kinds[] = { &relu, &batch };

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct trainer_options o = options(kinds[i], 3);
		size_t bytes = floats_of(kinds[i]) * sizeof(float);
		float *a, *b;

		o.optimizer.kind = OPTIMIZER_ADAM;
		train(kinds[i], &o, 700, 2, 96, 0.01f, &a);
		train(kinds[i], &o, 700, 2, 96, 0.01f, &b);
		assert_memory_equal(a, b, bytes);
		free(b);
		free(a);
		o.determinism = NET_DETERMINISM_WORLD;
		o.threads = 1;
		train(kinds[i], &o, 700, 2, 96, 0.01f, &a);
		for (int threads = 2; threads <= 5; threads++) {
			o.threads = threads;
			train(kinds[i], &o, 700, 2, 96, 0.01f, &b);
			assert_memory_equal(a, b, bytes);
			free(b);
		}
		free(a);
	}
}

/* --- ranks as threads of this process ---------------------------------------------------------------- */

enum { RANKS = 4 };

static pthread_barrier_t barrier;
static float *parts[RANKS];

struct rank {
	int rank, ranks;
	const struct kind *kind;
	struct trainer_options o;
	float *out;
};

static int add_ranks(void *payload, float *v, size_t n)
{
	struct rank *r = payload;

	parts[r->rank] = v;
	pthread_barrier_wait(&barrier);
	if (!r->rank) {
		for (int step = 1; step < r->ranks; step *= 2)
			for (int i = 0; i + step < r->ranks; i += 2 * step)
				for (size_t k = 0; k < n; k++)
					parts[i][k] += parts[i + step][k];
		for (int i = 1; i < r->ranks; i++)
			memcpy(parts[i], parts[0], n * sizeof(float));
	}
	pthread_barrier_wait(&barrier);
	return 0;
}

static void set_up_quietly(struct fixture *f, const struct kind *k, size_t rows)
{
	static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER; /* `state` is shared */

	pthread_mutex_lock(&one);
	set_up(f, k, rows);
	pthread_mutex_unlock(&one);
}

static void *rank_main(void *payload)
{
	struct rank *r = payload;
	struct net_report report;
	struct trainer *t = NULL;
	struct fixture f;

	set_up_quietly(&f, r->kind, 700);
	r->o.team = (struct net_team){
		.rank = r->rank, .ranks = r->ranks, .sum = add_ranks, .payload = r
	};
	if (!trainer_open(&f.shape, &f.weights, &r->o, &t))
		for (size_t at = 0; at < 700; at += 96) {
			struct net_batch b = { &f.data, 0,    at, 700 - at < 96 ? 700 - at : 96,
					       true,	0.01f };

			trainer_step(t, &b, &report);
		}
	trainer_close(t);
	r->out = xcalloc(f.weights.n_params + f.weights.n_stats, sizeof(float));
	memcpy(r->out, f.weights.params, f.weights.n_params * sizeof(float));
	memcpy(r->out + f.weights.n_params, f.weights.stats, f.weights.n_stats * sizeof(float));
	tear_down(&f);
	return NULL;
}

static void run_ranks(struct rank *ranks, int n, const struct kind *k,
		      const struct trainer_options *o)
{
	pthread_t threads[RANKS];

	pthread_barrier_init(&barrier, NULL, (unsigned)n);
	for (int i = 0; i < n; i++) {
		ranks[i] = (struct rank){ .rank = i, .ranks = n, .kind = k, .o = *o };
		assert_int_equal(pthread_create(&threads[i], NULL, rank_main, &ranks[i]), 0);
	}
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&barrier);
}

/* A table so large beside a batch that it goes by the rows touched: the bits of whole ones. */
static void test_large_table(void **unused)
{
	static const struct kind kinds[] = {
		{ LOSS_BINARY, 1, 1, { { 7, NET_TANH, NET_NORM_NONE, 0.2f } }, 200, true },
		{ LOSS_BINARY, 1, 1, { { 7, NET_GELU, NET_NORM_BATCH, 0 } }, 200, true },
	};
	static const int threads[] = { 3, 2, 1 }; /* of run, world, off */

	(void)unused;
	for (size_t i = 0; i < 6; i++) {
		const struct kind *k = &kinds[i / 3];
		struct trainer_options o = options(k, threads[i % 3]);
		size_t bytes = floats_of(k) * sizeof(float);
		struct rank ranks[RANKS];
		float *whole, *rows;

		o.optimizer = (struct optimizer_options){ .kind = OPTIMIZER_ADAM, .l2 = 0.01f };
		o.determinism = (enum net_determinism)(i % 3);
		train(k, &o, 700, 2, 96, 0.01f, &whole);
		o.batch = 96;
		train(k, &o, 700, 2, 96, 0.01f, &rows);
		assert_memory_equal(whole, rows, bytes);
		free(rows);
		free(whole);
		if (o.determinism != NET_DETERMINISM_WORLD)
			continue;
		o.batch = 512;
		run_ranks(ranks, 1, k, &o);
		whole = ranks[0].out;
		o.batch = 96;
		for (int n = 2; n <= RANKS; n *= 2) {
			run_ranks(ranks, n, k, &o);
			for (int r = 0; r < n; r++) {
				assert_memory_equal(whole, ranks[r].out, bytes);
				free(ranks[r].out);
			}
		}
		free(whole);
	}
}

/*
 * Rows of a large table are copied; the copy has every row, label and weight of it, and training on it takes the steps
 * that it takes where the same rows lie in that order.
 */
static void test_resident(void **unused)
{
	enum { ROWS = 300000 };
	static const struct kind k = { .loss = LOSS_MSE,
				       .outputs = 1,
				       .hidden = 1,
				       .layers = { { 6, NET_RELU } },
				       .weighted = true };
	struct fixture f[2];
	struct trainer_options o = options(&k, 2);
	struct resident copy;
	struct shuffle order;
	struct trainer *t[2];

	(void)unused;
	set_up(&f[0], &k, ROWS);
	set_up(&f[1], &k, ROWS);
	assert_int_equal(resident_open(&f[0].data, 2, &(struct net_team){ .ranks = 1 }, &copy), 0);
	assert_non_null(copy.memory);
	assert_int_equal(copy.ld, 8); /* 4 inputs, label, weight */
	for (size_t i = 0; i < ROWS; i++) {
		assert_memory_equal(copy.x + i * copy.ld, f[0].x + i * 4, 4 * sizeof(float));
		assert_true(copy.y[i * copy.step] == f[0].y[i] &&
			    copy.w[i * copy.step] == f[0].w[i]);
	}
	resident_clear(&copy);
	assert_int_equal(
		resident_open(&f[0].data, 2, &(struct net_team){ .ranks = INT_MAX }, &copy), 0);
	assert_null(copy.memory); /* no room */
	assert_ptr_equal(copy.x, f[0].x);

	shuffle_init(&order, ROWS, o.seed, 3);
	for (size_t i = 0; i < ROWS; i++) {
		size_t at = shuffle_at(&order, i);

		memcpy(f[1].x + i * 4, f[0].x + at * 4, 4 * sizeof(float));
		f[1].y[i] = f[0].y[at];
		f[1].w[i] = f[0].w[at];
	}
	for (size_t i = 0; i < 2; i++) {
		struct net_batch first = { &f[i].data, 2, 0, 512, true, 0 };
		struct net_report r;

		assert_int_equal(trainer_open(&f[i].shape, &f[i].weights, &o, &t[i]), 0);
		assert_int_equal(trainer_step(t[i], &first, &r), 0);
		for (size_t from = 0; from < 4096; from += 512) {
			struct net_batch b = { &f[i].data, 3, from, 512, i == 0, 0.01f };

			assert_int_equal(trainer_step(t[i], &b, &r), 0);
		}
		trainer_close(t[i]);
	}
	assert_memory_equal(f[0].weights.params, f[1].weights.params,
			    f[0].weights.n_params * sizeof(float));
	tear_down(&f[0]);
	tear_down(&f[1]);
}

/* world: the same bits for 1, 2 and 4 ranks, of 1 or 2 threads. */
static void test_world(void **unused)
{
	static const struct kind *const kinds[] = { &relu, &batch };

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		size_t bytes = floats_of(kinds[i]) * sizeof(float);
		struct trainer_options o = options(kinds[i], 1);
		struct rank one[1], more[RANKS];

		o.optimizer.kind = OPTIMIZER_ADAM;
		o.determinism = NET_DETERMINISM_WORLD;
		o.shards = 16;
		run_ranks(one, 1, kinds[i], &o);
		for (int n = 2; n <= RANKS; n *= 2) {
			o.threads = n / 2;
			run_ranks(more, n, kinds[i], &o);
			for (int r = 0; r < n; r++) {
				assert_memory_equal(one[0].out, more[r].out, bytes);
				free(more[r].out);
			}
		}
		free(one[0].out);
	}
}

/* off: lanes take tiles as they are free; the gradient is the same but for the order of its sums. */
static void test_off(void **unused)
{
	struct trainer_options o = options(&relu, 3);
	size_t n = floats_of(&relu);
	float *a, *b;

	(void)unused;
	o.optimizer.kind = OPTIMIZER_SGD;
	train(&relu, &o, 700, 1, 512, 0.01f, &a);
	o.determinism = NET_DETERMINISM_OFF;
	train(&relu, &o, 700, 1, 512, 0.01f, &b);
	for (size_t i = 0; i < n; i++)
		assert_float_equal(a[i], b[i], 1e-5);
	free(a);
	free(b);
}

static int core_of[2];

/* Lane 1 goes to where lane 0 is and says where it was before. */
static void crowd(void *payload, int lane)
{
	cpu_set_t one;

	core_of[lane] = sched_getcpu();
	CPU_ZERO(&one);
	CPU_SET(*(const int *)payload, &one);
	sched_setaffinity(0, sizeof one, &one);
}

static void test_lanes_part(void **unused)
{
	struct workers *w;
	cpu_set_t before;
	int core = sched_getcpu();

	(void)unused;
	sched_getaffinity(0, sizeof before, &before);
	if (CPU_COUNT(&before) < 2)
		skip();
	assert_int_equal(workers_open(2, &w), 0);
	workers_run(w, crowd, &core); /* both are there now */
	workers_run(w, crowd, &core);
	assert_int_equal(core_of[0], core);
	assert_int_not_equal(core_of[1], core);
	workers_close(w);
	sched_setaffinity(0, sizeof before, &before);
}

/* The mean of gradients that come no more sinks to 0, and does not stay just above it. */
static void test_denormals(void **unused)
{
	struct trainer_options o = options(&relu, 1);
	struct trainer_state moments;
	struct net_report r;
	struct trainer *t;
	struct fixture f;
	size_t zeros = 0;

	(void)unused;
	set_up(&f, &relu, 64);
	o.optimizer.kind = OPTIMIZER_ADAM;
	assert_int_equal(trainer_open(&f.shape, &f.weights, &o, &t), 0);
	trainer_state(t, &moments);
	for (size_t i = 0; i < moments.n; i++)
		moments.moments[0][i] = 1.2e-38f;
	assert_int_equal(trainer_step(t, &(struct net_batch){ &f.data, 0, 0, 1, false, 0.01f }, &r),
			 0);
	for (size_t i = 0; i < moments.n; i++) {
		assert_true(fpclassify(moments.moments[0][i]) != FP_SUBNORMAL);
		zeros += moments.moments[0][i] == 0;
	}
	assert_true(zeros > 0 && zeros < moments.n);
	trainer_close(t);
	tear_down(&f);
}

static int gone(void *payload, float *v, size_t n)
{
	(void)payload;
	(void)v;
	(void)n;
	return error_set(ERR_BUSY, "rank 1 is gone");
}

static void test_refusals(void **unused)
{
	struct trainer_options o = options(&relu, 2);
	struct net_batch b = { NULL, 0, 0, 64, false, 0.1f };
	struct net_report r;
	struct trainer *t;
	struct fixture f;
	float *before;

	(void)unused;
	set_up(&f, &relu, 600);
	b.data = &f.data;
	o.loss.kind = LOSS_MSE;
	assert_int_equal(trainer_open(&f.shape, &f.weights, &o, &t), ERR_INPUT);
	o = options(&relu, 2);
	o.determinism = NET_DETERMINISM_WORLD;
	o.shards = 3;
	assert_int_equal(trainer_open(&f.shape, &f.weights, &o, &t), ERR_INPUT);
	o = options(&relu, 2);
	o.optimizer.momentum = 1;
	assert_int_equal(trainer_open(&f.shape, &f.weights, &o, &t), ERR_INPUT);
	o.optimizer.momentum = 0;
	assert_int_equal(trainer_open(&f.shape, &f.weights, &o, &t), 0);
	b.rows = 513;
	assert_int_equal(trainer_step(t, &b, &r), ERR_INPUT);
	b.rows = 64;
	b.first = 599;
	assert_int_equal(trainer_step(t, &b, &r), ERR_INPUT);

	/* What is not finite moves nothing. */
	b.first = 0;
	f.w[3] = INFINITY;
	before = xcalloc(f.weights.n_params, sizeof(float));
	memcpy(before, f.weights.params, f.weights.n_params * sizeof(float));
	assert_int_equal(trainer_step(t, &b, &r), 0);
	assert_false(r.finite);
	assert_memory_equal(before, f.weights.params, f.weights.n_params * sizeof(float));
	trainer_close(t);

	/* Nor does a team that breaks. */
	f.w[3] = 1;
	o.team = (struct net_team){ .ranks = 2, .sum = gone };
	assert_int_equal(trainer_open(&f.shape, &f.weights, &o, &t), 0);
	assert_int_equal(trainer_step(t, &b, &r), ERR_BUSY);
	assert_memory_equal(before, f.weights.params, f.weights.n_params * sizeof(float));
	trainer_close(t);
	free(before);
	tear_down(&f);
}

/* The same rows are answered alike, however many are asked for. */
static void test_evaluate(void **unused)
{
	struct trainer_options o = options(&batch, 2);
	double loss, weight, part, of, all = 0;
	float whole[300], one[1];
	struct trainer *t;
	struct fixture f;

	(void)unused;
	set_up(&f, &batch, 300);
	assert_int_equal(trainer_open(&f.shape, &f.weights, &o, &t), 0);
	assert_int_equal(trainer_evaluate(t, &f.data, 0, 300, &loss, &weight, whole), 0);
	for (size_t i = 0; i < 300; i++) {
		assert_int_equal(trainer_evaluate(t, &f.data, i, 1, &part, &of, one), 0);
		assert_memory_equal(one, &whole[i], sizeof(float));
		assert_true(one[0] > 0 && one[0] < 1);
		all += part;
	}
	assert_true(fabs(all - loss) < 1e-9 * loss);
	assert_true(weight > 100);
	trainer_close(t);
	tear_down(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gradients),   cmocka_unit_test(test_gradient_relu),
		cmocka_unit_test(test_learns),	    cmocka_unit_test(test_same_bits),
		cmocka_unit_test(test_world),	    cmocka_unit_test(test_off),
		cmocka_unit_test(test_large_table), cmocka_unit_test(test_resident),
		cmocka_unit_test(test_denormals),   cmocka_unit_test(test_lanes_part),
		cmocka_unit_test(test_refusals),    cmocka_unit_test(test_evaluate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
