/* pass.c - the layers, forward and back. */
#include "lib/learn/net/pass.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/net/activation.h"
#include "lib/learn/net/dropout.h"
#include "lib/learn/net/gemm.h"
#include "lib/learn/net/norm.h"

enum { ALIGN = 64, LINE = ALIGN / sizeof(float) };

/* Count what the arrays need (memory NULL), or hand them out. */
struct arena {
	float *memory;
	size_t used;
};

static float *take(struct arena *a, size_t floats)
{
	float *at = a->memory ? a->memory + a->used : NULL;

	a->used += (floats + LINE - 1) / LINE * LINE;
	return at;
}

static void carve(struct pass *p, struct arena *a)
{
	const struct wiring *wiring = p->wiring;
	size_t rows = p->rows_max;

	p->x = take(a, rows * wiring->ld);
	p->y = take(a, rows);
	p->w = take(a, rows);
	p->d = take(a, rows * wiring->ld_max);
	p->d_other = take(a, rows * wiring->ld_max);
	for (size_t i = 0; i < wiring->n; i++) {
		const struct wiring_layer *l = &wiring->layers[i];
		struct pass_layer *to = &p->layers[i];

		to->a = take(a, rows * l->ld);
		if (l->norm != NET_NORM_NONE)
			to->z = take(a, rows * l->ld);
		if (l->norm == NET_NORM_LAYER)
			to->rstd = take(a, rows);
		if (!l->last && l->activation == NET_GELU)
			to->h = take(a, rows * l->ld);
		if (l->dropout > 0)
			to->factors = take(a, rows * l->ld);
	}
}

int pass_init(const struct wiring *wiring, size_t rows_max, struct pass *out)
{
	struct arena arena = { 0 };

	*out = (struct pass){ .wiring = wiring, .rows_max = rows_max };
	out->layers = xcalloc(wiring->n, sizeof(*out->layers));
	carve(out, &arena);
	out->memory = aligned_alloc(ALIGN, arena.used * sizeof(float));
	out->ids = calloc(rows_max + 1, sizeof(*out->ids));
	out->next = calloc(rows_max + 1, sizeof(*out->next));
	out->codes = calloc(rows_max * wiring->shape->n_embedded + 1, sizeof(*out->codes));
	if (!out->memory || !out->ids || !out->next || !out->codes)
		return error_set(ERR_FAIL, "no memory for %zu rows of a net", rows_max);
	memset(out->memory, 0, arena.used * sizeof(float)); /* what pads rows is 0 and stays so */
	arena = (struct arena){ out->memory, 0 };
	carve(out, &arena);
	return 0;
}

void pass_clear(struct pass *p)
{
	free(p->layers);
	free(p->memory);
	free(p->ids);
	free(p->next);
	free(p->codes);
	*p = (struct pass){ 0 };
}

/* --- forward --------------------------------------------------------------------------------------- */

static const float *inputs_of(const struct pass *p, size_t l)
{
	return l ? p->layers[l - 1].a : p->x;
}

static float *before_activation(const struct pass_layer *to)
{
	return to->h ? to->h : to->a;
}

void pass_linear(struct pass *p, size_t l)
{
	const struct wiring_layer *layer = &p->wiring->layers[l];
	struct pass_layer *to = &p->layers[l];

	gemm(&(struct gemm){
		.m = p->rows,
		.n = layer->units,
		.k = layer->in,
		.a = inputs_of(p, l),
		.a_row = layer->ld_in,
		.a_step = 1,
		.b = layer->tall,
		.ldb = layer->ld,
		.c = to->z ? to->z : before_activation(to),
		.ldc = layer->ld,
		.start = GEMM_BIAS,
		.bias = p->wiring->weights->params + layer->bias,
		.relu = !layer->last && !to->z && layer->activation == NET_RELU,
	});
}

void pass_norm(struct pass *p, size_t l, const float *mean, const float *rstd)
{
	const struct wiring_layer *layer = &p->wiring->layers[l];
	const float *params = p->wiring->weights->params;
	const float *weight = params + layer->norm_weight, *bias = params + layer->norm_bias;
	struct pass_layer *to = &p->layers[l];
	float *h = before_activation(to);

	if (layer->norm == NET_NORM_BATCH)
		norm_columns(to->z, mean, rstd, weight, bias, h, p->rows, layer->units, layer->ld);
	else
		norm_rows(to->z, weight, bias, h, to->rstd, p->rows, layer->units, layer->ld);
}

static void drop_out(struct pass *p, size_t l, const struct net_batch *b, uint64_t seed)
{
	const struct wiring_layer *layer = &p->wiring->layers[l];
	struct pass_layer *to = &p->layers[l];
	struct dropout d = {
		.seed = seed, .epoch = b->epoch, .layer = (uint32_t)l, .share = layer->dropout
	};

	for (size_t i = 0; i < p->rows; i++)
		dropout_factors(&d, p->ids[i], layer->units, to->factors + i * layer->ld);
	dropout_apply(to->factors, to->a, p->rows * layer->ld);
}

void pass_activate(struct pass *p, size_t l, const struct net_batch *b, const uint64_t *seed)
{
	const struct wiring_layer *layer = &p->wiring->layers[l];
	struct pass_layer *to = &p->layers[l];

	if (layer->last)
		return;
	if (layer->activation != NET_RELU || to->z)
		activation_forward(layer->activation, before_activation(to), to->a,
				   p->rows * layer->ld);
	if (seed && to->factors)
		drop_out(p, l, b, *seed);
}

/* --- backward -------------------------------------------------------------------------------------- */

void pass_loss(struct pass *p, const struct loss_options *o, struct loss_sum *sum)
{
	const struct wiring_layer *layer = &p->wiring->layers[p->wiring->n - 1];
	const float *a = p->layers[p->wiring->n - 1].a;

	memcpy(p->d, a, p->rows * layer->ld * sizeof(float));
	loss_backward(o, layer->units, p->d, layer->ld, p->y, p->w_given ? p->w : NULL, p->rows,
		      sum);
}

void pass_activate_back(struct pass *p, size_t l)
{
	const struct wiring_layer *layer = &p->wiring->layers[l];
	struct pass_layer *to = &p->layers[l];

	if (layer->last)
		return;
	if (to->factors)
		dropout_apply(to->factors, p->d, p->rows * layer->ld);
	if (layer->activation == NET_RELU)
		return; /* inputs_back() of the layer above has seen to it */
	activation_backward(layer->activation, to->h, to->a, 1 - layer->dropout, p->d,
			    p->rows * layer->ld);
}

void pass_norm_sums(struct pass *p, size_t l, float *d_weight, float *d_bias)
{
	const struct wiring_layer *layer = &p->wiring->layers[l];

	norm_backward_sums(p->layers[l].z, p->d, d_weight, d_bias, p->rows, layer->units,
			   layer->ld);
}

void pass_norm_back(struct pass *p, size_t l, const float *rstd, const float *d_weight,
		    const float *d_bias, float n)
{
	const struct wiring_layer *layer = &p->wiring->layers[l];
	const float *weight = p->wiring->weights->params + layer->norm_weight;
	struct pass_layer *to = &p->layers[l];

	if (layer->norm == NET_NORM_BATCH)
		norm_columns_backward(to->z, rstd, weight, d_weight, d_bias, n, p->d, p->rows,
				      layer->units, layer->ld);
	else
		norm_rows_backward(to->z, to->rstd, weight, p->d, p->rows, layer->units, layer->ld);
}

/* Columns from first on of the gradient by the inputs, into p->d of ld_in. */
/* The gradient by layer l's inputs from column `first` on; where a relu made them, by what that took. */
static void inputs_back(struct pass *p, size_t l, size_t first)
{
	const struct wiring_layer *layer = &p->wiring->layers[l];
	bool of_relu = l && p->wiring->layers[l - 1].activation == NET_RELU;
	float *d = p->d;

	gemm(&(struct gemm){
		.m = p->rows,
		.n = layer->in - first,
		.k = layer->units,
		.a = p->d,
		.a_row = layer->ld,
		.a_step = 1,
		.b = layer->wide + first,
		.ldb = layer->ld_in,
		.c = p->d_other + first,
		.ldc = layer->ld_in,
		.start = GEMM_ZERO,
		.live = of_relu ? inputs_of(p, l) + first : NULL,
		.ld_live = layer->ld_in,
	});
	p->d = p->d_other;
	p->d_other = d;
}

static void embeddings_back(struct pass *p, float *gradient)
{
	const struct net_shape *s = p->wiring->shape;
	size_t at = s->n_numeric;

	for (size_t e = 0; e < s->n_embedded; e++) {
		size_t dim = s->embedded[e].dim;

		for (size_t i = 0; i < p->rows; i++) {
			size_t code = p->codes[i * s->n_embedded + e];
			float *to = gradient + p->wiring->embeds[e] + code * dim;
			const float *d = p->d + i * p->wiring->ld + at;

			for (size_t k = 0; k < dim; k++)
				to[k] += d[k];
		}
		at += dim;
	}
}

void pass_linear_back(struct pass *p, size_t l, float *gradient)
{
	const struct wiring_layer *layer = &p->wiring->layers[l];
	size_t numeric = p->wiring->shape->n_numeric;

	norm_sums(p->d, p->rows, layer->units, layer->ld, gradient + layer->bias);
	gemm(&(struct gemm){
		.m = layer->units,
		.n = layer->in,
		.k = p->rows,
		.a = p->d,
		.a_row = 1,
		.a_step = layer->ld,
		.b = inputs_of(p, l),
		.ldb = layer->ld_in,
		.c = gradient + layer->weight,
		.ldc = layer->in,
		.start = GEMM_ADD,
	});
	if (l) {
		inputs_back(p, l, 0);
	} else if (p->wiring->shape->n_embedded) {
		inputs_back(p, l, numeric);
		embeddings_back(p, gradient);
	}
}
