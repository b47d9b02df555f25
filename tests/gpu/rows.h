/* rows.h - nets of all kinds and rows for them, the same at every call: for tests of trainers. */
#ifndef MICH_TESTS_GPU_ROWS_H
#define MICH_TESTS_GPU_ROWS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/net/trainer.h"

struct rows_kind {
	const char *name;
	enum loss_kind loss;
	size_t outputs;
	size_t hidden;
	struct net_hidden layers[3];
	bool embedded, weighted;
};

struct rows {
	struct net_shape shape;
	struct net_weights weights;
	struct net_data data;
	float *x, *y, *w;
};

static inline float rows_even(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return (float)(*state >> 8) / 8388608.0f - 1;
}

static inline float rows_label(const struct rows_kind *k, float t)
{
	switch (k->loss) {
	case LOSS_BINARY:
		return t > 0;
	case LOSS_SOFTMAX:
		return (float)((size_t)(fabsf(t) * 2) % k->outputs);
	case LOSS_POISSON:
		return floorf(fabsf(2 * t));
	default:
		return t;
	}
}

/* Five numeric inputs, the last at times missing, and two categories where embedded. */
static inline void rows_fill(struct rows *f, const struct rows_kind *k, size_t n)
{
	uint32_t state = 7;

	for (size_t i = 0; i < n; i++) {
		float *x = f->x + i * 7, t;

		for (size_t j = 0; j < 5; j++)
			x[j] = rows_even(&state) * (float)(j + 1) + 3;
		x[5] = (float)(i * 7 % 6); /* 5 is unknown */
		x[6] = (float)(i * i % 41);
		t = sinf(x[0]) + x[1] - 3 + (x[5] == 2) + 0.05f * x[6];
		f->y[i] = rows_label(k, t);
		f->w[i] = 0.5f + (float)(i % 3);
		if (i % 11 == 5)
			x[4] = NAN;
	}
}

static inline void rows_open(struct rows *f, const struct rows_kind *k, size_t n)
{
	memset(f, 0, sizeof *f);
	f->shape.inputs = 7;
	for (size_t i = 0; i < 5; i++)
		net_shape_numeric(&f->shape, i);
	if (k->embedded) {
		net_shape_embedded(&f->shape, (struct net_embedding){ 5, 5, 2 });
		net_shape_embedded(&f->shape, (struct net_embedding){ 6, 40, 35 });
	}
	for (size_t i = 0; i < k->hidden; i++)
		net_shape_hidden(&f->shape, k->layers[i]);
	f->shape.outputs = k->outputs;
	f->shape.head = loss_head(k->loss);
	if (net_shape_check(&f->shape) || net_weights_init(&f->shape, &f->weights)) {
		fprintf(stderr, "%s: %s\n", k->name, error_text());
		exit(1);
	}
	trainer_init_weights(&f->shape, 11, &f->weights);
	f->x = xcalloc(n * 7, sizeof(float));
	f->y = xcalloc(n, sizeof(float));
	f->w = xcalloc(n, sizeof(float));
	rows_fill(f, k, n);
	f->data = (struct net_data){ f->x, f->y, k->weighted ? f->w : NULL, n, 7 };
	trainer_fit_inputs(&f->shape, &f->data, &f->weights);
}

static inline void rows_close(struct rows *f)
{
	net_weights_clear(&f->weights);
	net_shape_clear(&f->shape);
	free(f->x);
	free(f->y);
	free(f->w);
}

static inline struct trainer_options rows_options(const struct rows_kind *k, size_t batch)
{
	static const float class_weights[] = { 1.5f, 0.5f, 2 };

	return (struct trainer_options){
		.threads = 1,
		.seed = 5,
		.batch = batch,
		.loss = { .kind = k->loss, .class_weights = k->weighted ? class_weights : NULL },
	};
}

/* Every loss, activation, norm; with and without embeddings, weights, dropout. */
static const struct rows_kind ROWS_KINDS[] = {
	{ "linear", LOSS_MSE, 1, 0, { { 0 } }, false, false },
	{ "logistic", LOSS_BINARY, 1, 0, { { 0 } }, false, true },
	{ "softmax of no hidden layer", LOSS_SOFTMAX, 3, 0, { { 0 } }, true, true },
	{ "relu",
	  LOSS_BINARY,
	  1,
	  2,
	  { { 70, NET_RELU, NET_NORM_NONE, 0 }, { 24, NET_RELU, NET_NORM_NONE, 0 } },
	  false,
	  false },
	{ "relu with dropout",
	  LOSS_BINARY,
	  1,
	  2,
	  { { 40, NET_RELU, NET_NORM_NONE, 0.1 }, { 24, NET_RELU, NET_NORM_NONE, 0 } },
	  true,
	  true },
	{ "tanh", LOSS_MSE, 1, 1, { { 9, NET_TANH, NET_NORM_NONE, 0 } }, true, true },
	{ "tanh with dropout",
	  LOSS_POISSON,
	  1,
	  1,
	  { { 13, NET_TANH, NET_NORM_NONE, 0.2 } },
	  true,
	  true },
	{ "gelu", LOSS_HUBER, 1, 1, { { 6, NET_GELU, NET_NORM_NONE, 0 } }, true, false },
	{ "gelu, layer norm", LOSS_MAE, 1, 1, { { 6, NET_GELU, NET_NORM_LAYER, 0 } }, false, true },
	{ "layer norms with dropout",
	  LOSS_BINARY,
	  1,
	  2,
	  { { 37, NET_GELU, NET_NORM_LAYER, 0 }, { 5, NET_TANH, NET_NORM_LAYER, 0.25 } },
	  true,
	  true },
	{ "batch norms with dropout",
	  LOSS_BINARY,
	  1,
	  2,
	  { { 40, NET_RELU, NET_NORM_BATCH, 0.5 }, { 5, NET_GELU, NET_NORM_BATCH, 0 } },
	  true,
	  true },
	{ "softmax with dropout",
	  LOSS_SOFTMAX,
	  3,
	  1,
	  { { 8, NET_GELU, NET_NORM_NONE, 0.3 } },
	  true,
	  true },
	{ "both norms",
	  LOSS_SOFTMAX,
	  3,
	  2,
	  { { 33, NET_TANH, NET_NORM_BATCH, 0 }, { 17, NET_GELU, NET_NORM_LAYER, 0 } },
	  false,
	  false },
	{ "three layers",
	  LOSS_SOFTMAX,
	  3,
	  3,
	  { { 33, NET_RELU, NET_NORM_LAYER, 0 },
	    { 17, NET_RELU, NET_NORM_NONE, 0 },
	    { 9, NET_RELU, NET_NORM_BATCH, 0.1 } },
	  true,
	  true },
	{ "wide relu",
	  LOSS_HUBER,
	  1,
	  2,
	  { { 17, NET_RELU, NET_NORM_NONE, 0 }, { 131, NET_RELU, NET_NORM_NONE, 0 } },
	  true,
	  true },
	{ "wider relu", LOSS_POISSON, 1, 1, { { 300, NET_RELU, NET_NORM_NONE, 0 } }, false, true },
};

#endif
