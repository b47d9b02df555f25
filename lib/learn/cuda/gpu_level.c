/* gpu_level.c - one layer as launches: forward, and back to its gradients, in the order of lib/learn/net/training.c. */
#include "lib/learn/cuda/gpu_level.h"

#include "lib/learn/cuda/gpu_gemm.h"

static const struct wiring_layer *layer_of(const struct gpu_trainer *t, size_t l)
{
	return &t->wiring.layers[l];
}

static const void *inputs_of(const struct gpu_trainer *t, size_t l)
{
	return l ? t->levels[l - 1].a : gpu_batch_of(t)->x;
}

static struct gpu_layer kernel_layer(const struct gpu_trainer *t, size_t l, size_t capacity)
{
	const struct wiring_layer *w = layer_of(t, l);
	const struct gpu_level *v = &t->levels[l];
	bool batch = w->norm == NET_NORM_BATCH;

	return (struct gpu_layer){
		.capacity = capacity,
		.units = v->units,
		.ld = v->ld,
		.activation = (int)w->activation,
		.dropout = w->dropout,
		.number = (uint32_t)l,
		.z = v->z,
		.h = v->h,
		.a = v->a,
		.d = v->d,
		.rstd = v->rstd,
		.weight = w->norm != NET_NORM_NONE ? t->params + w->norm_weight : NULL,
		.bias = w->norm != NET_NORM_NONE ? t->params + w->norm_bias : NULL,
		.ids = gpu_batch_of(t)->ids,
		.sums = v->sums,
		.squares = v->squares,
		.mean = batch ? t->stats + w->mean : NULL,
		.var = batch ? t->stats + w->var : NULL,
		.d_sums = v->d_sums,
	};
}

/* --- forward --------------------------------------------------------------------------------------- */

static int linear(struct gpu_trainer *t, size_t l, size_t capacity)
{
	const struct gpu_level *v = &t->levels[l];
	struct gpu_product p = {
		.kind = GPU_FORWARD,
		.rows = capacity,
		.in = v->in,
		.units = v->units,
		.ld_in = v->ld_in,
		.ld = v->ld,
		.x = inputs_of(t, l),
		.w = v->w,
		.bias = t->params + layer_of(t, l)->bias,
		.relu = v->fused,
		.out = v->out ? (void *)v->out
		       : v->z ? v->z
		       : v->h ? v->h
			      : v->a,
		.wide = v->out != NULL,
	};

	return gpu_gemm(t, l, &p);
}

/* Sums over the batch: of the columns' parts in t->small from `at` on. */
static int total(struct gpu_trainer *t, size_t at, float *to, size_t n)
{
	gpu_total(t->small + at, t->parts, t->n_small, to, n, t->stream);
	return gpu_add_ranks(t, to, n);
}

static int moments(struct gpu_trainer *t, size_t l)
{
	const struct gpu_level *v = &t->levels[l];
	/* The place of the norm's gradient is free until the way back. */
	struct gpu_columns c = { .kind = GPU_SUM,
				 .units = v->units,
				 .ld = v->ld,
				 .v = v->z,
				 .to = t->small + v->norm_at,
				 .parts = t->parts,
				 .stride = t->n_small };
	int rc;

	gpu_columns_sum(t->type, &t->steps, &c, t->stream);
	rc = total(t, v->norm_at, v->sums, v->units);
	c.kind = GPU_SQUARES;
	c.sums = v->sums;
	gpu_columns_sum(t->type, &t->steps, &c, t->stream);
	return rc ? rc : total(t, v->norm_at, v->squares, v->units);
}

int gpu_level_forward(struct gpu_trainer *t, size_t l, size_t capacity, bool training)
{
	const struct gpu_steps *s = training ? &t->steps : NULL;
	struct gpu_layer k = kernel_layer(t, l, capacity);
	enum net_norm norm = layer_of(t, l)->norm;
	int rc = linear(t, l, capacity);

	if (rc || layer_of(t, l)->last || t->levels[l].fused)
		return rc;
	if (norm == NET_NORM_BATCH && training)
		rc = moments(t, l);
	if (!training)
		k.sums = k.squares = NULL;
	if (norm == NET_NORM_LAYER)
		gpu_norm_rows(t->type, s, &k, t->stream);
	else
		gpu_activate(t->type, s, &k, t->stream);
	return rc;
}

/* --- back ------------------------------------------------------------------------------------------ */

static int norm_back(struct gpu_trainer *t, size_t l, const struct gpu_layer *k)
{
	const struct gpu_level *v = &t->levels[l];
	struct gpu_columns c = { .kind = GPU_NORM_BACK,
				 .units = v->units,
				 .ld = v->ld,
				 .v = v->d,
				 .z = v->z,
				 .to = t->small + v->norm_at,
				 .to_more = t->small + v->norm_at + v->units,
				 .parts = t->parts,
				 .stride = t->n_small };
	int rc;

	gpu_columns_sum(t->type, &t->steps, &c, t->stream);
	if (layer_of(t, l)->norm == NET_NORM_LAYER) {
		gpu_norm_rows_back(t->type, k, t->stream);
		return 0;
	}
	rc = total(t, v->norm_at, v->d_sums, 2 * v->units);
	gpu_norm_columns_back(t->type, &t->steps, k, t->stream);
	return rc;
}

static int weights_back(struct gpu_trainer *t, size_t l, size_t capacity)
{
	const struct gpu_level *v = &t->levels[l];
	struct gpu_product p = { .kind = GPU_WEIGHTS,
				 .rows = capacity,
				 .in = v->in + v->ones,
				 .units = v->units,
				 .ld_in = v->ld_in,
				 .ld = v->ld,
				 .x = inputs_of(t, l),
				 .d = v->d,
				 .out = v->dw,
				 .parts = v->dw_parts,
				 .stride = v->units * v->ld_in };

	return gpu_gemm(t, l, &p);
}

static int inputs_back(struct gpu_trainer *t, size_t l, size_t capacity)
{
	const struct gpu_level *v = &t->levels[l];
	struct gpu_product p = { .kind = GPU_BACKWARD,
				 .rows = capacity,
				 .in = v->in,
				 .units = v->units,
				 .ld_in = v->ld_in,
				 .ld = v->ld,
				 .w = v->w,
				 .d = v->d,
				 .mask = l && v[-1].fused ? v[-1].a : NULL,
				 .out = l ? v[-1].d : t->d_x };

	return p.out ? gpu_gemm(t, l, &p) : 0;
}

int gpu_level_back(struct gpu_trainer *t, size_t l, size_t capacity)
{
	struct gpu_layer k = kernel_layer(t, l, capacity);
	int rc = 0;

	if (!layer_of(t, l)->last && !t->levels[l].fused)
		gpu_activate_back(t->type, &t->steps, &k, t->stream);
	if (layer_of(t, l)->norm != NET_NORM_NONE)
		rc = norm_back(t, l, &k);
	if (!rc)
		rc = device_branch(t->device, &t->side);
	if (!rc)
		rc = weights_back(t, l, capacity);
	return rc ? rc : inputs_back(t, l, capacity);
}
