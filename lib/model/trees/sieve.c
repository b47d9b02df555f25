/* sieve.c - lay a forest out for tiles, fill tiles, and what the kernels share. */
#include "lib/model/trees/sieve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

static uint32_t in_each_byte(uint32_t v)
{
	return v * 0x01010101u;
}

uint32_t sieve_rank(const struct column *c, float cond)
{
	uint32_t lo = 0, hi = c->n_cuts;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (c->cuts[mid] < cond)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo + 1;
}

static void columns_build(const struct forest *f, struct sieve *s)
{
	s->n_columns = f->n_columns;
	s->columns = xcalloc(f->n_columns, sizeof(*s->columns));
	for (size_t i = 0; i < f->n_columns; i++) {
		const struct column *from = &f->columns[i];
		struct sieve_column *to = &s->columns[i];

		to->wide = from->cat ? from->bits > SIEVE_BITS : from->n_cuts > SIEVE_CUTS;
		to->at = (uint32_t)s->tile_bytes;
		s->tile_bytes += (to->wide ? 4u : from->cat ? 2u : 1u) * 2 * SIEVE_ROWS;
		if (to->wide || from->cat)
			continue;
		to->cuts = xmalloc(256 * sizeof(float));
		for (uint32_t k = 0; k < 256; k++)
			to->cuts[k] = k < from->n_cuts ? from->cuts[k] : NAN;
		for (uint32_t k = 0; k < 16; k++)
			to->pivots[k] = to->cuts[16 * k + 15];
	}
}

/* Leaves below each node; children have higher numbers than their parents. */
static void count_leaves(const struct tree *tree, uint32_t *below)
{
	for (uint32_t i = tree->n; i-- > 0;) {
		uint32_t left = tree->nodes[i].left;

		below[i] = left ? below[left] + below[left + 1] : 1;
	}
}

struct building {
	const struct forest *f;
	struct sieve *s;
	/* (nodes of the largest tree) leaves below, number of the first one, what decides */
	uint32_t *below, *first;
	uint8_t *kind;
	size_t n_nodes, n_runs, n_values, n_tables;
};

static enum sieve_kind node_kind(const struct building *b, const struct tree_node *node)
{
	bool wide = b->s->columns[grove_column(b->f, node->feature, node->cat)].wide;

	if (node->cat)
		return wide ? SIEVE_CODE : SIEVE_CAT;
	return wide ? SIEVE_KEY : SIEVE_BIN;
}

static uint32_t key_of(float cond)
{
	int32_t bits;

	cond += 0.0f; /* no -0 */
	memcpy(&bits, &cond, sizeof bits);
	return (uint32_t)(bits ^ (int32_t)((uint32_t)(bits >> 31) >> 1));
}

/* Where the column lies and what it is held against. */
static void node_build(struct building *b, const struct tree_node *from, struct sieve_node *to)
{
	uint32_t index = grove_column(b->f, from->feature, from->cat), width = 1;
	const struct column *column = &b->f->columns[index];
	const uint32_t *set = from->cat ? b->f->sets + b->f->set_at[from->set] : NULL;

	switch (node_kind(b, from)) {
	case SIEVE_BIN:
		to->cut = in_each_byte(sieve_rank(column, from->cond));
		break;
	case SIEVE_CAT:
		width = 2;
		memcpy(b->s->tables + 64 * b->n_tables, set, (column->bits + 31) / 32 * 4);
		to->cut = (uint32_t)b->n_tables++;
		break;
	case SIEVE_KEY:
		width = 4;
		to->cut = key_of(from->cond);
		break;
	case SIEVE_CODE:
		width = 4;
		to->cut = (uint32_t)b->f->set_at[from->set];
	}
	to->at = b->s->columns[index].at + !from->default_left * width * SIEVE_ROWS;
}

/* 16, 32, 64 or 256: what one, two or four registers hold, or what is gathered from. */
static size_t values_room(uint32_t leaves)
{
	return leaves <= 16 ? 16 : leaves <= 32 ? 32 : leaves <= 64 ? 64 : SIEVE_LEAVES;
}

/* Add a node of a kind to the last run, or begin one. */
static void run_add(struct building *b, struct sieve_tree *to, enum sieve_kind kind)
{
	if (!to->n_runs || b->s->runs[b->n_runs - 1].kind != kind) {
		b->s->runs[b->n_runs++] = (struct sieve_run){ 0, (uint16_t)kind };
		to->n_runs++;
	}
	b->s->runs[b->n_runs - 1].n++;
}

/* The inner nodes [from, end) of one level, those of a kind together. */
static void level_build(struct building *b, const struct tree *tree, uint32_t from, uint32_t end,
			struct sieve_tree *to)
{
	unsigned kinds = 0;

	for (uint32_t i = from; i < end; i++)
		if (tree->nodes[i].left) {
			b->kind[i] = (uint8_t)node_kind(b, &tree->nodes[i]);
			kinds |= 1u << b->kind[i];
		}
	for (int kind = SIEVE_BIN; kind <= SIEVE_CODE; kind++)
		for (uint32_t i = from; kinds >> kind & 1 && i < end; i++) {
			const struct tree_node *node = &tree->nodes[i];
			struct sieve_node *n = &b->s->nodes[b->n_nodes];

			if (!node->left || b->kind[i] != kind)
				continue;
			b->first[node->left] = b->first[i];
			b->first[node->left + 1] = b->first[i] + b->below[node->left];
			node_build(b, node, n);
			n->step = in_each_byte(b->below[node->left] & 255);
			n->slot = (uint16_t)i;
			n->left = (uint16_t)node->left;
			b->n_nodes++;
			run_add(b, to, (enum sieve_kind)kind);
		}
}

static void tree_build(struct building *b, const struct tree *from, struct sieve_tree *to)
{
	uint32_t level = 0, end = 1;

	*to = (struct sieve_tree){ .nodes = b->s->nodes + b->n_nodes,
				   .runs = b->s->runs + b->n_runs,
				   .values = b->s->values + b->n_values,
				   .leaves = from->leaves,
				   .group = from->group };
	count_leaves(from, b->below);
	b->first[0] = 0;
	while (level < from->n) {
		uint32_t next = end;

		for (uint32_t i = level; i < end; i++)
			next += from->nodes[i].left ? 2 : 0;
		level_build(b, from, level, end, to);
		level = end;
		end = next;
	}
	for (uint32_t i = 0; i < from->n; i++)
		if (!from->nodes[i].left)
			b->s->values[b->n_values + b->first[i]] = from->nodes[i].cond;
	b->n_values += values_room(from->leaves);
}

static int room(const struct forest *f, struct building *b)
{
	size_t nodes = 0, values = 0, tables = 0, largest = 1;

	for (size_t i = 0; i < f->trees.n; i++) {
		const struct tree *t = &f->trees.v[i];

		if (t->leaves > SIEVE_LEAVES)
			continue;
		nodes += t->n - t->leaves;
		values += values_room(t->leaves);
		largest = t->n > largest ? t->n : largest;
		for (uint32_t k = 0; k < t->n; k++)
			tables += t->nodes[k].left && t->nodes[k].cat;
	}
	if (mem_alloc(nodes, sizeof(*b->s->nodes), &b->s->nodes) < 0 ||
	    mem_alloc(nodes, sizeof(*b->s->runs), &b->s->runs) < 0 ||
	    mem_alloc(values, sizeof(*b->s->values), &b->s->values) < 0)
		return ERR_FAIL;
	b->s->tables = aligned_alloc(64, 64 * (tables + 1));
	if (!b->s->tables)
		return error_set(ERR_FAIL, "cannot get memory for the model");
	memset(b->s->tables, 0, 64 * (tables + 1));
	b->below = xcalloc(largest, sizeof(*b->below));
	b->first = xcalloc(largest, sizeof(*b->first));
	b->kind = xcalloc(largest, sizeof(*b->kind));
	return 0;
}

int sieve_build(struct forest *f)
{
	struct building b = { .f = f };
	int rc;

	if (!f->walkable)
		return 0;
	b.s = f->sieve = xcalloc(1, sizeof(*f->sieve));
	columns_build(f, b.s);
	b.s->trees = xcalloc(f->trees.n, sizeof(*b.s->trees));
	rc = room(f, &b);
	for (size_t i = 0; i < f->trees.n && !rc; i++)
		if (f->trees.v[i].leaves <= SIEVE_LEAVES)
			tree_build(&b, &f->trees.v[i], &b.s->trees[i]);
		else
			b.s->walks = true;
	for (size_t i = 0; i < f->trees.n && !rc; i++) {
		struct sieve_tree *t = &b.s->trees[f->walks[i].index];

		if (t->nodes)
			continue;
		t->walk = &f->walks[i];
		t->group = f->trees.v[f->walks[i].index].group;
	}
	free(b.below);
	free(b.first);
	free(b.kind);
	return rc ? rc : heaptree_build(f, &b.s->heap);
}

void sieve_free(struct sieve *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_columns; i++)
		free(s->columns[i].cuts);
	free(s->trees);
	free(s->columns);
	free(s->nodes);
	free(s->runs);
	free(s->values);
	free(s->tables);
	heaptree_free(s->heap);
	free(s);
}

static size_t rounded(size_t bytes)
{
	return (bytes + 63) & ~(size_t)63;
}

int tile_init(const struct forest *f, struct tile *t)
{
	size_t cells = rounded(f->sieve->tile_bytes);
	size_t sums = rounded(f->trees.groups * SIEVE_ROWS * sizeof(float));
	size_t reach = 2 * SIEVE_LEAVES * 8 * sizeof(uint64_t);
	size_t keys = rounded((f->sieve->walks ? SIEVE_ROWS : 1) * (2 * f->n_columns + 1) *
			      sizeof(int32_t));
	size_t values = rounded((f->trees.n + 1) * sizeof(float));
	size_t all = cells + sums + reach + keys + values;
	uint8_t *p = aligned_alloc(64, all);

	if (!p)
		return error_set(ERR_FAIL, "cannot get %zu bytes of memory", all);
	memset(p, 0, cells); /* of rows that a tile lacks; all else is written before it is read */
	*t = (struct tile){ .memory = p,
			    .cells = p,
			    .sums = (float *)(p + cells),
			    .reach = (uint64_t *)(p + cells + sums),
			    .keys = (int32_t *)(p + cells + sums + reach),
			    .values = (float *)(p + cells + sums + reach + keys) };
	return 0;
}

void tile_clear(struct tile *t)
{
	free(t->memory);
}

static int32_t code_of(float x, uint32_t bits)
{
	return x >= 0 && x < (float)(bits - 2) ? (int32_t)x + 2 : 0;
}

static void put_code(int32_t code, uint8_t *side, int row)
{
	side[row] = (uint8_t)(code >> 3);
	side[SIEVE_ROWS + row] = (uint8_t)(1 << (code & 7));
}

static void fill_cat(const struct column *from, const float *x, size_t stride, int n, uint8_t *to)
{
	for (int i = 0; i < n; i++) {
		float v = x[(size_t)i * stride];
		int32_t code = code_of(v, from->bits);
		bool nan = v != v;

		put_code(nan ? 0 : code, to, i);
		put_code(nan ? 1 : code, to + 2 * SIEVE_ROWS, i);
	}
}

static void fill_wide(const struct column *from, const float *x, size_t stride, int n, int32_t *to)
{
	for (int i = 0; i < n; i++) {
		float v = x[(size_t)i * stride] + 0.0f;
		int32_t key;
		bool nan = v != v;

		if (from->cat) {
			key = code_of(v, from->bits);
			to[i] = nan ? 0 : key;
			to[SIEVE_ROWS + i] = nan ? 1 : key;
			continue;
		}
		memcpy(&key, &v, sizeof key);
		key ^= (int32_t)((uint32_t)(key >> 31) >> 1);
		to[i] = nan ? KEY_LOW : key;
		to[SIEVE_ROWS + i] = nan ? KEY_HIGH : key;
	}
}

static void tile_fill(const struct forest *f, const struct sieve_ops *ops, const float *x, int n,
		      struct tile *t)
{
	size_t stride = f->trees.inputs;

	for (size_t i = 0; i < f->n_columns; i++) {
		const struct column *from = &f->columns[i];
		const struct sieve_column *c = &f->sieve->columns[i];
		uint8_t *to = t->cells + c->at;

		if (c->wide)
			fill_wide(from, x + from->input, stride, n, (int32_t *)to);
		else if (from->cat)
			fill_cat(from, x + from->input, stride, n, to);
		else
			ops->bins(c, from->n_cuts, x + from->input, stride, n, to, to + SIEVE_ROWS);
	}
	for (int i = 0; f->sieve->walks && i < n; i++)
		walk_keys(f, x + (size_t)i * stride, t->keys + (size_t)i * 2 * f->n_columns);
	for (size_t g = 0; g < f->trees.groups; g++)
		for (int i = 0; i < SIEVE_ROWS; i++)
			t->sums[g * SIEVE_ROWS + (size_t)i] = f->trees.base[g];
}

static void tile_score(const struct forest *f, const struct sieve_ops *ops, const float *x, int n,
		       struct tile *t, float *out)
{
	const struct sieve *s = f->sieve;
	size_t groups = f->trees.groups;

	tile_fill(f, ops, x, n, t);
	for (size_t i = 0; i < f->trees.n; i++) {
		float *sums = t->sums + s->trees[i].group * SIEVE_ROWS;

		if (s->trees[i].walk)
			walk_rows(f, s->trees[i].walk, t->keys, n, sums);
		else
			ops->tree(f, &s->trees[i], t, sums);
	}
	for (int i = 0; i < n; i++)
		for (size_t g = 0; g < groups; g++)
			out[(size_t)i * groups + g] = t->sums[g * SIEVE_ROWS + (size_t)i];
}

/* Rows too few for a tile, one by one. */
static void rows_score(const struct forest *f, const struct sieve_ops *ops, bool heap,
		       const float *x, int n, struct tile *t, float *out)
{
	size_t width = f->trees.inputs, groups = f->trees.groups;

	if (heap && n >= HEAPTREE_WHOLE)
		heaptree_fetch(f->sieve->heap);
	for (int i = 0; i < n; i++, x += width, out += groups)
		if (heap) {
			ops->row(f, x, out);
		} else {
			walk_keys(f, x, t->keys);
			walk_row(f, t->keys, t->values, out);
		}
}

int sieve_score(const struct forest *f, const struct sieve_ops *ops, const float *x, int64_t rows,
		float *out)
{
	size_t width = f->trees.inputs, groups = f->trees.groups;
	bool heap = f->sieve && f->sieve->heap && ops->row;
	int tile_from = heap ? HEAPTREE_BELOW : SIEVE_WALK_BELOW;
	struct tile t;

	if (!f->sieve || (!heap && rows < SIEVE_WALK_BELOW))
		return kernel_scalar.score(f, x, rows, out);
	if (tile_init(f, &t) < 0)
		return ERR_FAIL;
	for (int64_t row = 0; row < rows; row += SIEVE_ROWS) {
		int n = rows - row < SIEVE_ROWS ? (int)(rows - row) : SIEVE_ROWS;
		const float *from = x + (size_t)row * width;
		float *to = out + (size_t)row * groups;

		if (n < tile_from)
			rows_score(f, ops, heap, from, n, &t, to);
		else
			tile_score(f, ops, from, n, &t, to);
	}
	tile_clear(&t);
	return 0;
}
