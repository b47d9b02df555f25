/*
 * walk.c - one row down many trees. A step down a tree waits for two loads and a compare; eight
 * trees at a time keep the processor busy meanwhile. No branch depends on the data.
 */
#include <string.h>

#include "lib/model/trees/grove.h"

/* A category's bit in the bitmaps; outside, or no whole number of one, bit 0: in no set. */
static int32_t code_of(float x, uint32_t bits)
{
	return x >= 0 && x < (float)(bits - 2) ? (int32_t)x + 2 : 0;
}

void walk_code(float x, uint32_t bits, int32_t *keys)
{
	int32_t code = code_of(x, bits);
	bool nan = x != x;

	keys[0] = nan ? 0 : code;
	keys[1] = nan ? 1 : code;
}

void walk_keys(const struct forest *f, const float *x, int32_t *keys)
{
	for (size_t i = 0; i < f->n_columns; i++) {
		const struct column *c = &f->columns[i];
		float v = x[c->input];
		bool nan = v != v;
		int32_t key;

		if (c->cat) {
			walk_code(v, c->bits, keys + 2 * i);
			continue;
		}
		v += 0.0f; /* no -0 */
		memcpy(&key, &v, sizeof key);
		key ^= (int32_t)((uint32_t)(key >> 31) >> 1);
		keys[2 * i] = nan ? KEY_LOW : key;
		keys[2 * i + 1] = nan ? KEY_HIGH : key;
	}
}

static inline uint32_t step(const struct walk_node *n, const int32_t *keys)
{
	return n->left + (uint32_t)(keys[n->col] >= n->key);
}

static inline uint32_t step_cat(const struct walk_node *n, const int32_t *keys,
				const uint32_t *sets)
{
	uint32_t is_cat = n->col >> 15, key = (uint32_t)keys[n->col & (WALK_CAT - 1)];
	uint32_t word = sets[(0 - is_cat) & ((uint32_t)n->key + (key >> 5))];
	uint32_t in_set = word >> (key & 31) & 1, above = (int32_t)key >= n->key;

	return n->left + (is_cat ? in_set : above);
}

/* Eight trees, of one row. A tree that is shallower than the deepest stays in its leaf. */
static inline __attribute__((always_inline)) void walk_group(const struct walk_tree *t,
							     const int32_t *keys,
							     const uint32_t *sets, bool cats,
							     float *values)
{
	uint32_t at[WALK_LANES] = { 0 };

	for (uint32_t d = t[WALK_LANES - 1].depth; d; d--)
#pragma GCC unroll 8
		for (int k = 0; k < WALK_LANES; k++) {
			const struct walk_node *n = &t[k].nodes[at[k]];

			at[k] = cats ? step_cat(n, keys, sets) : step(n, keys);
		}
	for (int k = 0; k < WALK_LANES; k++)
		values[t[k].index] = t[k].values[at[k]];
}

static void walk_tree(const struct walk_tree *t, const int32_t *keys, const uint32_t *sets,
		      float *values)
{
	uint32_t at = 0;

	for (uint32_t d = t->depth; d; d--)
		at = step_cat(&t->nodes[at], keys, sets);
	values[t->index] = t->values[at];
}

/* Trees with categories come last, each kind by depth. */
static void walk_all(const struct forest *f, const int32_t *keys, float *values)
{
	const struct walk_tree *t = f->walks, *end = t + f->trees.n;

	for (; end - t >= WALK_LANES; t += WALK_LANES)
		if (!t[WALK_LANES - 1].has_cat)
			walk_group(t, keys, f->sets, false, values);
		else if (t[0].has_cat)
			walk_group(t, keys, f->sets, true, values);
		else
			for (int k = 0; k < WALK_LANES; k++)
				walk_tree(&t[k], keys, f->sets, values);
	for (; t < end; t++)
		walk_tree(t, keys, f->sets, values);
}

void walk_row(const struct forest *f, const int32_t *keys, float *values, float *out)
{
	const struct trees *t = &f->trees;

	walk_all(f, keys, values);
	memcpy(out, t->base, t->groups * sizeof(*out));
	if (t->groups == 1) {
		float sum = out[0];

		for (size_t i = 0; i < t->n; i++)
			sum += values[i];
		out[0] = sum;
		return;
	}
	for (size_t i = 0; i < t->n; i++)
		out[t->v[i].group] += values[i];
}

/* Eight rows down one tree. */
static inline __attribute__((always_inline)) void walk_lanes(const struct walk_tree *t,
							     const int32_t *keys, size_t width,
							     const uint32_t *sets, bool cats,
							     uint32_t *at)
{
	for (int k = 0; k < WALK_LANES; k++)
		at[k] = 0;
	for (uint32_t d = t->depth; d; d--)
#pragma GCC unroll 8
		for (int k = 0; k < WALK_LANES; k++) {
			const struct walk_node *n = &t->nodes[at[k]];
			const int32_t *row = keys + (size_t)k * width;

			at[k] = cats ? step_cat(n, row, sets) : step(n, row);
		}
}

void walk_rows(const struct forest *f, const struct walk_tree *t, const int32_t *keys, int n,
	       float *sums)
{
	size_t width = 2 * f->n_columns;
	int row = 0;

	for (; row + WALK_LANES <= n; row += WALK_LANES) {
		const int32_t *here = keys + (size_t)row * width;
		uint32_t at[WALK_LANES];

		if (t->has_cat)
			walk_lanes(t, here, width, f->sets, true, at);
		else
			walk_lanes(t, here, width, f->sets, false, at);
		for (int k = 0; k < WALK_LANES; k++)
			sums[row + k] += t->values[at[k]];
	}
	for (; row < n; row++) {
		uint32_t at = 0;

		for (uint32_t d = t->depth; d; d--)
			at = step_cat(&t->nodes[at], keys + (size_t)row * width, f->sets);
		sums[row] += t->values[at];
	}
}
