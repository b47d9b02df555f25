/* gpu_pieces.c - where the gradient of each tensor is, and where its copy goes: gpu_update.cu's table. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/learn/cuda/gpu_training.h"

struct pieces {
	struct gpu_piece *v; /* (n) */
	size_t n, cap;
};

/*
 * Threads for a weight of so many parts: one would read them eight at a time, one after the other. Not where ranks are
 * to give the same bits however many they are: the pieces, and with them the norm's last digits, would be others.
 */
static uint32_t lanes_for(const struct gpu_trainer *t, const struct gpu_piece *p)
{
	if (p->slots || t->o.trainer.determinism == NET_DETERMINISM_WORLD || p->parts < 32)
		return 1;
	return p->parts < 128 ? 8 : 16;
}

/* Cut a tensor of count weights into pieces like `of`. */
static void add(const struct gpu_trainer *t, struct pieces *all, struct gpu_piece of, size_t count)
{
	size_t most;

	of.lanes = lanes_for(t, &of);
	most = of.lanes > 1 ? GPU_PIECE / 2 / of.lanes : GPU_PIECE;
	for (size_t first = 0; first < count; first += most) {
		size_t left = count - first;

		of.first = (uint32_t)first;
		of.count = (uint32_t)(left < most ? left : most);
		ARRAY_GROW(all->v, all->n, all->cap);
		all->v[all->n++] = of;
	}
}

/* One whose gradients lie among the small ones, from `at` on. */
static void add_small(const struct gpu_trainer *t, struct pieces *all, size_t offset, size_t at,
		      size_t count)
{
	struct gpu_piece p = { .offset = offset,
			       .cols = (uint32_t)count,
			       .parts = (uint32_t)t->parts,
			       .from = t->small + at,
			       .stride = t->n_small,
			       .ld = count };

	add(t, all, p, count);
}

static void add_bias(const struct gpu_trainer *t, struct pieces *all, size_t l)
{
	const struct gpu_level *v = &t->levels[l];
	struct gpu_piece p = { .offset = t->wiring.layers[l].bias,
			       .cols = (uint32_t)v->units,
			       .parts = (uint32_t)t->parts,
			       .from = t->small + v->bias_at,
			       .stride = t->n_small,
			       .ld = v->units,
			       .copy = v->bias,
			       .copy_ld = v->units,
			       .wide = v->out != NULL };

	/* A column of the gradient by the weights. */
	if (v->ones) {
		p.cols = 1;
		p.parts = (uint32_t)v->dw_parts;
		p.from = v->dw + v->in;
		p.stride = v->units * v->ld_in;
		p.ld = v->ld_in;
		p.copy_ld = 1;
	}
	add(t, all, p, v->units);
}

static void add_layer(const struct gpu_trainer *t, struct pieces *all, size_t l)
{
	const struct wiring_layer *w = &t->wiring.layers[l];
	const struct gpu_level *v = &t->levels[l];
	struct gpu_piece weights = { .offset = w->weight,
				     .cols = (uint32_t)v->in,
				     .parts = (uint32_t)v->dw_parts,
				     .from = v->dw,
				     .stride = v->units * v->ld_in,
				     .ld = v->ld_in,
				     .copy = v->w,
				     .copy_ld = v->ld_in,
				     .decayed = 1 };

	add(t, all, weights, v->units * v->in);
	add_bias(t, all, l);
	if (w->norm == NET_NORM_NONE)
		return;
	add_small(t, all, w->norm_weight, v->norm_at, v->units);
	add_small(t, all, w->norm_bias, v->norm_at + v->units, v->units);
}

static void add_tables(const struct gpu_trainer *t, struct pieces *all)
{
	const struct net_shape *s = t->wiring.shape;
	const struct gpu_embedding *e = &t->embedding;
	size_t rows = 0, dims = 0;

	for (size_t i = 0; i < s->n_embedded; i++) {
		const struct net_embedding *of = &s->embedded[i];
		struct gpu_piece p = { .offset = t->wiring.embeds[i],
				       .cols = (uint32_t)of->dim,
				       .parts = (uint32_t)e->parts,
				       .from = e->sums + dims,
				       .ld = e->dims,
				       .slots = e->slots + rows,
				       .slots_part = e->slots_part,
				       .decayed = 1 };

		add(t, all, p, (of->categories + 1) * of->dim);
		rows += of->categories + 1;
		dims += of->dim;
	}
}

int gpu_pieces_open(struct gpu_trainer *t)
{
	const struct optimizer_options *o = &t->o.trainer.optimizer;
	struct pieces all = { 0 };
	void *pieces = NULL;
	int rc;

	add_tables(t, &all);
	for (size_t l = 0; l < t->wiring.n; l++)
		add_layer(t, &all, l);
	/* Loss and weight, behind the last parameter. */
	add_small(t, &all, t->n_params, t->n_small - 2, 2);
	rc = gpu_take(t, all.n * sizeof *all.v, &pieces);
	if (!rc)
		rc = device_put(t->device, pieces, all.v, all.n * sizeof *all.v);
	t->update = (struct gpu_update){ .pieces = pieces,
					 .n_pieces = all.n,
					 .n_params = t->n_params,
					 .params = t->params,
					 .m = t->moments[0],
					 .v = t->moments[1],
					 .clip = o->clip,
					 .adam = o->kind != OPTIMIZER_SGD,
					 .momentum = o->momentum > 0 };
	if (!rc)
		rc = gpu_take(t, (t->n_params + 2) * sizeof(float), &t->update.gradient);
	if (!rc)
		rc = gpu_take(t, all.n * sizeof(double), &t->update.squares);
	free(all.v);
	return rc;
}
