/*
 * gpu_pass.c - one step as launches, in the order of training.c. At a thousand rows a step is a dozen
 * launches of some microseconds each, so what counts is how few of them wait for one another: the
 * gradients by weights, which only the update needs, go into a branch beside the way back, as do the rows of the
 * next step.
 */
#include "lib/base/error.h"
#include "lib/learn/cuda/gpu_level.h"

static const struct wiring_layer *layer_of(const struct gpu_trainer *t, size_t l)
{
	return &t->wiring.layers[l];
}

static struct gpu_gather gather_of(const struct gpu_trainer *t, const struct gpu_data *d,
				   size_t capacity, const struct gpu_batch *to)
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
		.ones = t->levels[0].ones,
		.capacity = capacity,
		.to = to->x,
		.to_y = to->y,
		.to_w = to->w,
		.ids = to->ids,
		.codes = t->codes,
	};
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
				.y = gpu_batch_of(t)->y,
				.w = gpu_batch_of(t)->w,
				.dw = last->dw,
				.small = t->small,
				.parts = t->parts,
				.stride = t->n_small,
				.bias_at = last->bias_at,
				.below_at = below->bias_at,
				.loss_at = t->n_small - 2 };

	gpu_output_rows(t->type, &t->steps, &o, t->stream);
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
				  .y = gpu_batch_of(t)->y,
				  .w = gpu_batch_of(t)->w,
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
		rc = gpu_add_ranks(t, t->update.gradient, t->n_params + 2);
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

/* The next step's rows, beside this one: they lie elsewhere and ask for nothing that it makes. */
static int foresee(struct gpu_trainer *t, const struct gpu_data *data, size_t capacity)
{
	struct gpu_gather g = gather_of(t, data, capacity, &t->batches[!t->turn]);
	int rc = device_branch(t->device, &t->side);

	if (!rc)
		gpu_gather_rows(t->type, &t->steps, 1, &g, t->side);
	return rc;
}

/* From rows that are there to weights. */
static int step(struct gpu_trainer *t, size_t capacity)
{
	struct gpu_loss loss = gpu_pass_loss(t, capacity);
	size_t layers = t->wiring.n - t->one_output;
	int rc = 0;

	for (size_t l = 0; !rc && l < layers; l++)
		rc = gpu_level_forward(t, l, capacity, true);
	if (t->one_output)
		output(t, capacity);
	else
		gpu_loss_rows(t->type, &t->steps, &loss, t->stream);
	for (size_t l = layers; !rc && l-- > 0;)
		rc = gpu_level_back(t, l, capacity);
	if (t->embedding.n_tables)
		gpu_embedding_sums(t->type, &t->steps, &t->embedding, t->stream);
	if (!rc)
		rc = device_join(t->device);
	return rc ? rc : update(t);
}

int gpu_pass_steps(struct gpu_trainer *t, const struct gpu_data *data, size_t capacity, size_t n)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++) {
		t->turn = t->foresees && i % 2;
		if (!i || !t->foresees) {
			struct gpu_gather g = gather_of(t, data, capacity, gpu_batch_of(t));

			gpu_gather_rows(t->type, &t->steps, 0, &g, t->stream);
		}
		if (t->foresees && i + 1 < n)
			rc = foresee(t, data, capacity);
		if (!rc)
			rc = step(t, capacity);
	}
	return rc ? rc : device_launched(t->device, "a step");
}

int gpu_pass_evaluate(struct gpu_trainer *t, const struct gpu_data *data, size_t first, size_t rows)
{
	size_t capacity = (rows + GPU_ROWS - 1) / GPU_ROWS * GPU_ROWS;
	struct gpu_gather g = gather_of(t, data, capacity, &t->batches[0]);
	int rc = 0;

	t->turn = 0;
	gpu_gather_block(t->type, first, rows, &g, t->stream);
	for (size_t l = 0; !rc && l < t->wiring.n; l++)
		rc = gpu_level_forward(t, l, capacity, false);
	return rc ? rc : device_launched(t->device, "an evaluation");
}
