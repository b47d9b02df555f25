/*
 * gpu_pass.c - one step as launches, in the order of training.c. At a thousand rows a step is a dozen
 * launches of some microseconds each, so what counts is how few of them wait for one another: the
 * gradients by weights, which only the update needs, go into a branch beside the way back.
 */
#include "lib/base/error.h"
#include "lib/learn/cuda/gpu_gemm.h"
#include "lib/learn/cuda/gpu_training.h"

static const struct wiring_layer *layer_of(const struct gpu_trainer *t, size_t l)
{
	return &t->wiring.layers[l];
}

static struct gpu_gather gather_of(const struct gpu_trainer *t, const struct gpu_data *d,
				   size_t capacity)
{
	const struct wiring *w = &t->wiring;
	const float *base = t->weights->stats;

	return (struct gpu_gather){
		.x = d->x,
		.y = d->y,
		.w = d->w,
		.inputs = d->of.inputs,
		.numeric = t->numeric,
		.n_numeric = w->shape->n_numeric,
		.tables = t->tables,
		.n_tables = w->shape->n_embedded,
		.mean = w->mean ? t->stats + (w->mean - base) : NULL,
		.scale = w->scale ? t->stats + (w->scale - base) : NULL,
		.target = w->target ? t->stats + (w->target - base) : NULL,
		.class_weights = d->y ? t->class_weights : NULL,
		.params = t->params,
		.width = w->width,
		.ld = t->ld_x,
		.capacity = capacity,
		.to = t->x,
		.to_y = t->y,
		.to_w = t->w,
		.ids = t->ids,
		.codes = t->codes,
	};
}

static const void *inputs_of(const struct gpu_trainer *t, size_t l)
{
	return l ? t->levels[l - 1].a : t->x;
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
		.ids = t->ids,
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

static int add_ranks(struct gpu_trainer *t, float *v, size_t n)
{
	return t->o.team.ranks > 1 ? t->o.team.sum(t->o.team.payload, v, n, t->stream) : 0;
}

/* Sums over the batch: of the columns' parts in t->small from `at` on. */
static int total(struct gpu_trainer *t, size_t at, float *to, size_t n)
{
	gpu_total(t->small + at, t->parts, t->n_small, to, n, t->stream);
	return add_ranks(t, to, n);
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

static int forward(struct gpu_trainer *t, size_t l, size_t capacity, bool training)
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
				 .in = v->in,
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

/* The last layer forward and back, the loss between, and the relu below. */
static void output(struct gpu_trainer *t, size_t capacity)
{
	const struct gpu_level *last = &t->levels[t->wiring.n - 1], *below = last - 1;
	const struct loss_options *loss = &t->o.trainer.loss;
	struct gpu_output o = { .kind = loss->kind,
				.delta = loss->delta > 0 ? loss->delta : 1,
				.capacity = capacity,
				.units = below->units,
				.ld = below->ld,
				.a = below->a,
				.d = below->d,
				.weights = last->w,
				.bias = t->params + layer_of(t, t->wiring.n - 1)->bias,
				.y = t->y,
				.w = t->w,
				.dw = last->dw,
				.small = t->small,
				.parts = t->parts,
				.stride = t->n_small,
				.bias_at = last->bias_at,
				.below_at = below->bias_at,
				.loss_at = t->n_small - 2 };

	gpu_output_rows(t->type, &t->steps, &o, t->stream);
}

static int backward(struct gpu_trainer *t, size_t l, size_t capacity)
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

/* --- a step ---------------------------------------------------------------------------------------- */

struct gpu_loss gpu_pass_loss(const struct gpu_trainer *t, size_t capacity)
{
	const struct gpu_level *last = &t->levels[t->wiring.n - 1];
	const struct loss_options *o = &t->o.trainer.loss;

	return (struct gpu_loss){ .kind = o->kind,
				  .delta = o->delta > 0 ? o->delta : 1,
				  .capacity = capacity,
				  .outputs = last->units,
				  .ld = last->ld,
				  .ld_d = last->ld,
				  .z = last->out,
				  .y = t->y,
				  .w = t->w,
				  .d = last->d,
				  .to = t->small + t->n_small - 2,
				  .parts = t->parts,
				  .stride = t->n_small };
}

static int update(struct gpu_trainer *t)
{
	bool alone = t->o.team.ranks == 1;
	int rc = 0;

	gpu_reduce(&t->steps, &t->update, alone, t->stream);
	if (!alone) {
		rc = add_ranks(t, t->update.gradient, t->n_params + 2);
		gpu_judge(&t->steps, &t->update, t->stream);
	}
	if (t->embedding.n_tables)
		gpu_embedding_clear(&t->steps, &t->embedding, t->stream);
	gpu_apply(t->type, &t->steps, &t->update, t->stream);
	for (size_t l = 0; l < t->wiring.n; l++) {
		const struct gpu_level *v = &t->levels[l];

		if (v->sums)
			gpu_run_moments(&t->steps, v->sums, v->squares,
					t->stats + layer_of(t, l)->mean,
					t->stats + layer_of(t, l)->var, v->units, t->stream);
	}
	return rc;
}

int gpu_pass_step(struct gpu_trainer *t, const struct gpu_data *data, size_t capacity)
{
	struct gpu_gather g = gather_of(t, data, capacity);
	struct gpu_loss loss = gpu_pass_loss(t, capacity);
	size_t layers = t->wiring.n - t->one_output;
	int rc = 0;

	gpu_gather_rows(t->type, &t->steps, &g, t->stream);
	for (size_t l = 0; !rc && l < layers; l++)
		rc = forward(t, l, capacity, true);
	if (t->one_output)
		output(t, capacity);
	else
		gpu_loss_rows(t->type, &t->steps, &loss, t->stream);
	for (size_t l = layers; !rc && l-- > 0;)
		rc = backward(t, l, capacity);
	if (t->embedding.n_tables)
		gpu_embedding_sums(t->type, &t->steps, &t->embedding, t->stream);
	if (!rc && layers)
		rc = device_join(t->device);
	if (!rc)
		rc = update(t);
	return rc ? rc : device_launched(t->device, "a step");
}

int gpu_pass_evaluate(struct gpu_trainer *t, const struct gpu_data *data, size_t first, size_t rows)
{
	size_t capacity = (rows + GPU_ROWS - 1) / GPU_ROWS * GPU_ROWS;
	struct gpu_gather g = gather_of(t, data, capacity);
	int rc = 0;

	gpu_gather_block(t->type, first, rows, &g, t->stream);
	for (size_t l = 0; !rc && l < t->wiring.n; l++)
		rc = forward(t, l, capacity, false);
	return rc ? rc : device_launched(t->device, "an evaluation");
}
