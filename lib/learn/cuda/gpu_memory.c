/* gpu_memory.c - what a trainer takes of the device's memory, and what of it each layer has. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/learn/cuda/gpu_gemm.h"
#include "lib/learn/cuda/gpu_training.h"

/* Parts of gradients. Of tables fewer: each row of a table looks at all of them in every step. */
enum { WEIGHT_PARTS = 16, TABLE_PARTS = 8 };

int gpu_take(struct gpu_trainer *t, size_t bytes, void *out)
{
	void *block;
	int rc = device_alloc(t->device, bytes, &block);

	if (rc)
		return rc;
	ARRAY_GROW(t->blocks, t->n_blocks, t->cap_blocks);
	t->blocks[t->n_blocks++] = block;
	memcpy(out, &block, sizeof block);
	return 0;
}

static int take_put(struct gpu_trainer *t, const void *from, size_t bytes, void *out)
{
	void *block;
	int rc = gpu_take(t, bytes, &block);

	if (!rc && bytes)
		rc = device_put(t->device, block, from, bytes);
	if (!rc)
		memcpy(out, &block, sizeof block);
	return rc;
}

/* A relu with nothing before or behind it. */
static bool is_fused(const struct wiring_layer *w)
{
	return !w->last && w->activation == NET_RELU && w->norm == NET_NORM_NONE &&
	       !(w->dropout > 0);
}

static int take_layer(struct gpu_trainer *t, size_t l)
{
	const struct wiring_layer *w = &t->wiring.layers[l];
	struct gpu_level *v = &t->levels[l];
	size_t size = gpu_bytes_of(t), rows = t->rows_max;
	bool world = t->o.trainer.determinism == NET_DETERMINISM_WORLD;
	int rc;

	v->in = w->in;
	v->units = w->units;
	v->ld_in = gpu_ld(w->in);
	v->ld = gpu_ld(w->units);
	v->dw_parts = world || t->parts < WEIGHT_PARTS || (t->one_output && w->last) ? t->parts
										     : WEIGHT_PARTS;
	v->fused = is_fused(w);
	rc = gpu_take(t, v->units * v->ld_in * size, &v->w);
	if (!rc)
		rc = gpu_take(t, v->units * sizeof(float), &v->bias);
	if (!rc)
		rc = gpu_take(t, t->capacity * v->ld * size, &v->d);
	if (rc || w->last)
		return rc ? rc : gpu_take(t, rows * v->ld * sizeof(float), &v->out);
	rc = gpu_take(t, rows * v->ld * size, &v->a);
	if (!rc && w->norm != NET_NORM_NONE)
		rc = gpu_take(t, rows * v->ld * size, &v->z);
	if (!rc && w->activation == NET_GELU)
		rc = gpu_take(t, rows * v->ld * size, &v->h);
	if (!rc && w->norm == NET_NORM_LAYER)
		rc = gpu_take(t, rows * sizeof(float), &v->rstd);
	if (!rc && w->norm == NET_NORM_BATCH)
		rc = gpu_take(t, 4 * v->units * sizeof(float), &v->sums);
	if (!rc && v->sums) {
		v->squares = v->sums + v->units;
		v->d_sums = v->squares + v->units;
	}
	return rc;
}

/* One number behind a relu that nothing follows. */
static bool has_one_output(const struct gpu_trainer *t)
{
	const struct wiring_layer *last = &t->wiring.layers[t->wiring.n - 1], *below = last - 1;

	return t->wiring.n > 1 && last->units == 1 && is_fused(below) &&
	       below->units <= GPU_OUTPUT_UNITS;
}

static int take_layers(struct gpu_trainer *t)
{
	int rc = 0;

	t->levels = xcalloc(t->wiring.n, sizeof *t->levels);
	t->one_output = has_one_output(t);
	for (size_t l = 0; !rc && l < t->wiring.n; l++) {
		const struct wiring_layer *w = &t->wiring.layers[l];
		struct gpu_level *v = &t->levels[l];

		rc = take_layer(t, l);
		v->bias_at = t->n_small;
		v->norm_at = v->bias_at + w->units;
		v->bias_done = t->one_output && l + 2 == t->wiring.n;
		t->n_small += w->units * (w->norm != NET_NORM_NONE ? 3 : 1);
	}
	t->n_small += 2; /* loss and weight */
	if (!rc)
		rc = gpu_gemm_open(t);
	for (size_t l = 0; !rc && l < t->wiring.n; l++) {
		struct gpu_level *v = &t->levels[l];

		rc = gpu_take(t, v->dw_parts * v->units * v->ld_in * sizeof(float), &v->dw);
	}
	return rc ? rc : gpu_take(t, t->parts * t->n_small * sizeof(float), &t->small);
}

static int take_tables(struct gpu_trainer *t)
{
	const struct net_shape *s = t->wiring.shape;
	struct gpu_table *tables = xcalloc(s->n_embedded, sizeof *tables);
	struct gpu_embedding *e = &t->embedding;
	bool world = t->o.trainer.determinism == NET_DETERMINISM_WORLD;
	size_t at = s->n_numeric, size = gpu_bytes_of(t);
	int rc;

	for (size_t i = 0; i < s->n_embedded; i++) {
		const struct net_embedding *of = &s->embedded[i];

		tables[i] = (struct gpu_table){ .input = of->input,
						.categories = of->categories,
						.dim = of->dim,
						.offset = t->wiring.embeds[i],
						.at = at };
		at += of->dim;
		e->slots_part += of->categories + 1;
	}
	rc = take_put(t, tables, s->n_embedded * sizeof *tables, &t->tables);
	free(tables);
	e->tables = t->tables;
	e->n_tables = s->n_embedded;
	e->dims = at - s->n_numeric;
	e->numeric = s->n_numeric;
	e->ld = t->ld_x;
	e->capacity = t->capacity;
	e->parts = world || t->parts < TABLE_PARTS ? t->parts : TABLE_PARTS;
	if (!rc)
		rc = gpu_take(t, t->rows_max * e->n_tables * sizeof *t->codes, &t->codes);
	e->codes = t->codes;
	if (rc || !e->n_tables)
		return rc;
	rc = gpu_take(t, t->capacity * t->ld_x * size, &t->d_x);
	e->d = t->d_x;
	if (!rc)
		rc = gpu_take(t, t->capacity * e->dims * sizeof(float), &e->sums);
	return rc ? rc : gpu_take(t, e->parts * e->slots_part * sizeof *e->slots, &e->slots);
}

static int take_batch(struct gpu_trainer *t, struct gpu_batch *b)
{
	int rc = gpu_take(t, t->rows_max * t->ld_x * gpu_bytes_of(t), &b->x);

	if (!rc)
		rc = gpu_take(t, t->rows_max * sizeof *b->y, &b->y);
	if (!rc)
		rc = gpu_take(t, t->rows_max * sizeof *b->w, &b->w);
	return rc ? rc : gpu_take(t, t->rows_max * sizeof *b->ids, &b->ids);
}

static int take_inputs(struct gpu_trainer *t)
{
	const struct net_shape *s = t->wiring.shape;
	uint32_t *numeric = xcalloc(s->n_numeric, sizeof *numeric);
	const float *weights = t->o.trainer.loss.class_weights;
	enum loss_kind loss = t->o.trainer.loss.kind;
	size_t classes = loss == LOSS_BINARY ? 2 : s->outputs;
	int rc;

	for (size_t i = 0; i < s->n_numeric; i++)
		numeric[i] = (uint32_t)s->numeric[i];
	rc = take_put(t, numeric, s->n_numeric * sizeof *numeric, &t->numeric);
	free(numeric);
	if (!rc && weights && (loss == LOSS_BINARY || loss == LOSS_SOFTMAX))
		rc = take_put(t, weights, classes * sizeof *weights, &t->class_weights);
	t->ld_x = gpu_ld(t->wiring.width);
	t->foresees = !s->n_embedded;
	for (int i = 0; !rc && i < 1 + t->foresees; i++)
		rc = take_batch(t, &t->batches[i]);
	if (!rc)
		rc = gpu_take(t, GPU_EVALUATE_PARTS * 2 * sizeof *t->losses, &t->losses);
	if (!rc)
		rc = gpu_take(t, GPU_EVALUATE * s->outputs * sizeof *t->predictions,
			      &t->predictions);
	return rc;
}

static int take_state(struct gpu_trainer *t)
{
	int rc, moments = optimizer_moments(&t->o.trainer.optimizer);
	void *host = NULL, *device = NULL;

	t->steps = (struct gpu_steps){ .seed = t->o.trainer.seed,
				       .rank = (size_t)t->o.team.rank,
				       .ranks = (size_t)t->o.team.ranks };
	rc = gpu_take(t, sizeof *t->steps.control, &t->steps.control);
	if (!rc)
		rc = gpu_take(t, GPU_RING * sizeof *t->steps.ring, &t->steps.ring);
	if (!rc)
		rc = gpu_take(t, t->n_params * sizeof(float), &t->params);
	if (!rc)
		rc = gpu_take(t, t->weights->n_stats * sizeof(float), &t->stats);
	for (int i = 0; !rc && i < moments; i++) {
		rc = gpu_take(t, t->n_params * sizeof(float), &t->moments[i]);
		if (!rc)
			rc = mem_alloc(t->n_params, sizeof(float), &t->host_moments[i]);
	}
	if (!rc)
		rc = device_pinned(t->device, 2 * sizeof *t->outcomes, &host, &device);
	t->outcomes = host;
	t->outcomes_device = device;
	if (!rc)
		rc = device_pinned(t->device, GPU_RING * sizeof *t->staged, &host, NULL);
	if (!rc)
		t->staged = host;
	return rc;
}

int gpu_memory_take(struct gpu_trainer *t)
{
	int rc;

	if ((rc = take_state(t)) < 0 || (rc = take_inputs(t)) < 0 || (rc = take_tables(t)) < 0 ||
	    (rc = take_layers(t)) < 0)
		return rc;
	return gpu_pieces_open(t);
}

void gpu_memory_give_back(struct gpu_trainer *t)
{
	for (size_t i = 0; i < t->n_blocks; i++)
		device_free(t->device, t->blocks[i]);
	device_pinned_free(t->device, t->outcomes);
	device_pinned_free(t->device, t->staged);
	free(t->levels);
	free(t->blocks);
	free(t->host_moments[0]);
	free(t->host_moments[1]);
}
