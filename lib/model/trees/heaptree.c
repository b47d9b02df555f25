/* heaptree.c - lay small trees out as heaps. */
#include "lib/model/trees/heaptree.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/model/trees/sieve.h"

enum { SLACK = 128 }; /* a register's load may reach beyond the last tree */

static bool suits(const struct forest *f)
{
	if (!f->trees.n || f->n_columns > HEAPTREE_COLUMNS || 3 * f->trees.n < 4 * f->n_columns)
		return false;
	for (size_t i = 0; i < f->n_columns; i++)
		if (!f->columns[i].cat && f->columns[i].n_cuts > SIEVE_CUTS)
			return false;
	for (size_t i = 0; i < f->trees.n; i++)
		if (f->trees.v[i].depth > HEAPTREE_LEVELS)
			return false;
	return true;
}

static size_t count_cats(const struct forest *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->trees.n; i++)
		for (uint32_t k = 0; f->trees.v[i].has_cat && k < f->trees.v[i].n; k++)
			n += f->trees.v[i].nodes[k].left && f->trees.v[i].nodes[k].cat;
	return n;
}

/* What is laid out now. */
struct building {
	const struct forest *f;
	struct heaptree *h;
	const struct tree *tree;
	uint8_t *keys, *cuts; /* (size) */
	float *values;	      /* (size) */
	size_t n_cats;
};

static void put_split(struct building *b, const struct tree_node *node, size_t slot)
{
	uint32_t column = grove_column(b->f, node->feature, node->cat);
	uint8_t key = (uint8_t)(2 * column + !node->default_left);

	if (node->cat) {
		b->h->cats[b->n_cats++] = (struct heaptree_cat){ (uint32_t)b->f->set_at[node->set],
								 (uint8_t)slot, key };
		return;
	}
	b->keys[slot] = key;
	b->cuts[slot] = (uint8_t)sieve_rank(&b->f->columns[column], node->cond);
}

/* Node `from` at `slot`, and all below it. A leaf above the last level stands for all that it has there. */
static void put(struct building *b, uint32_t from, size_t slot)
{
	const struct tree_node *node = &b->tree->nodes[from];
	size_t size = b->h->size, first = slot, n = 1;

	if (node->left) {
		put_split(b, node, slot);
		put(b, node->left, 2 * slot);
		put(b, node->left + 1, 2 * slot + 1);
		return;
	}
	for (; first < size; first *= 2)
		n *= 2;
	for (size_t i = 0; i < n; i++)
		b->values[first - size + i] = node->cond;
}

/* A split that is none, by categories or below a leaf, is never true. */
static int lay_out(const struct forest *f, struct heaptree *h)
{
	struct building b = { .f = f, .h = h };

	h->memory = aligned_alloc(64, (h->n * h->bytes + SLACK + 63) & ~(size_t)63);
	if (!h->memory)
		return error_set(ERR_FAIL, "cannot get memory for the model");
	memset(h->memory, 0, h->n * h->bytes + SLACK);
	for (size_t i = 0; i < h->n; i++) {
		b.tree = &f->trees.v[i];
		b.keys = h->memory + i * h->bytes;
		b.cuts = b.keys + h->size;
		b.values = (float *)(void *)(b.cuts + h->size);
		put(&b, 0, 1);
		if (h->cats_end)
			h->cats_end[i] = (uint32_t)b.n_cats;
	}
	return 0;
}

int heaptree_build(const struct forest *f, struct heaptree **out)
{
	struct heaptree *h;
	size_t cats;
	int rc = 0;

	*out = NULL;
	if (!suits(f))
		return 0;
	*out = h = xcalloc(1, sizeof *h);
	h->n = f->trees.n;
	h->levels = 1; /* so that floats are aligned */
	for (size_t i = 0; i < f->trees.n; i++)
		h->levels = f->trees.v[i].depth > h->levels ? f->trees.v[i].depth : h->levels;
	h->size = (size_t)1 << h->levels;
	h->bytes = h->size * (2 + sizeof(float));
	if ((cats = count_cats(f)) > 0)
		rc = mem_alloc(h->n, sizeof *h->cats_end, &h->cats_end);
	if (!rc && cats)
		rc = mem_alloc(cats, sizeof *h->cats, &h->cats);
	return rc ? rc : lay_out(f, h);
}

void heaptree_free(struct heaptree *h)
{
	if (!h)
		return;
	free(h->memory);
	free(h->cats);
	free(h->cats_end);
	free(h);
}

void heaptree_fetch(const struct heaptree *h)
{
	for (size_t i = 0; i < h->n * h->bytes; i += 64)
		__builtin_prefetch(h->memory + i);
}
