/* grove.c - lay plain trees out for the kernels. */
#include "lib/model/trees/grove.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

/* Bitmaps beyond this are no model that anybody trained. */
#define SETS_MAX_BYTES ((size_t)1 << 30)

enum { INDEXED_INPUTS = 1 << 16 };

/* A split as one number: feature, whether it is categorical, threshold in its order. */
static uint64_t split_key(const struct tree_node *node)
{
	float cond = node->cat ? 0 : node->cond + 0.0f; /* no -0 */
	uint32_t bits;

	memcpy(&bits, &cond, sizeof bits);
	bits ^= bits >> 31 ? 0xffffffffu : 0x80000000u;
	return (uint64_t)node->feature << 33 | (uint64_t)node->cat << 32 | bits;
}

static float split_cond(uint64_t key)
{
	uint32_t bits = (uint32_t)key;
	float cond;

	bits ^= bits >> 31 ? 0x80000000u : 0xffffffffu;
	memcpy(&cond, &bits, sizeof cond);
	return cond;
}

/* By radix, the lowest byte first; a byte that is the same everywhere moves nothing. */
static void sort_keys(uint64_t **v, uint64_t **spare, size_t n)
{
	for (int shift = 0; shift < 64; shift += 8) {
		size_t at[257] = { 0 };
		uint64_t *from = *v, *to = *spare;

		for (size_t i = 0; i < n; i++)
			at[(from[i] >> shift & 255) + 1]++;
		if (n && at[(from[0] >> shift & 255) + 1] == n)
			continue;
		for (int k = 0; k < 256; k++)
			at[k + 1] += at[k];
		for (size_t i = 0; i < n; i++)
			to[at[from[i] >> shift & 255]++] = from[i];
		*v = to;
		*spare = from;
	}
}

static size_t splits_gather(const struct trees *t, uint64_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		for (uint32_t k = 0; k < t->v[i].n; k++)
			if (t->v[i].nodes[k].left)
				out[n++] = split_key(&t->v[i].nodes[k]);
	return n;
}

static uint32_t set_bits(const struct trees *t, const struct tree_set *set)
{
	int32_t max = -1;

	for (size_t i = 0; i < set->n; i++)
		max = t->cats[set->first + i] > max ? t->cats[set->first + i] : max;
	return (uint32_t)(max + 3);
}

/* One column of the sorted splits [from, to). */
static void column_build(const uint64_t *s, size_t from, size_t to, struct column *c)
{
	*c = (struct column){ .input = (uint32_t)(s[from] >> 33), .cat = s[from] >> 32 & 1 };
	if (c->cat)
		return;
	c->cuts = xcalloc(to - from, sizeof(*c->cuts));
	for (size_t i = from; i < to; i++)
		if (i == from || s[i] != s[i - 1])
			c->cuts[c->n_cuts++] = split_cond(s[i]);
}

/* Where the column of each input is, so that building need not search; not for very many inputs. */
static void index_build(struct forest *f)
{
	if (f->trees.inputs > INDEXED_INPUTS)
		return;
	f->column_at = xcalloc(2 * f->trees.inputs, sizeof(*f->column_at));
	for (size_t i = 0; i < f->n_columns; i++)
		f->column_at[2 * f->columns[i].input + f->columns[i].cat] = (uint32_t)i;
}

static void bits_build(struct forest *f)
{
	const struct trees *t = &f->trees;

	for (size_t i = 0; i < t->n; i++)
		for (uint32_t k = 0; t->v[i].has_cat && k < t->v[i].n; k++) {
			const struct tree_node *node = &t->v[i].nodes[k];
			uint32_t *bits, want;

			if (!node->left || !node->cat)
				continue;
			bits = &f->columns[grove_column(f, node->feature, true)].bits;
			want = set_bits(t, &t->sets[node->set]);
			*bits = want > *bits ? want : *bits;
		}
}

static int columns_build(struct forest *f)
{
	uint64_t *s = NULL, *spare = NULL;
	size_t n = 0, n_columns = 0;
	int rc;

	for (size_t i = 0; i < f->trees.n; i++)
		n += f->trees.v[i].n - f->trees.v[i].leaves;
	rc = mem_alloc(n, sizeof(*s), &s);
	if (!rc)
		rc = mem_alloc(n, sizeof(*spare), &spare);
	if (rc < 0)
		goto out;
	n = splits_gather(&f->trees, s);
	sort_keys(&s, &spare, n);
	for (size_t i = 0; i < n; i++)
		n_columns += !i || s[i] >> 32 != s[i - 1] >> 32;
	f->columns = xcalloc(n_columns, sizeof(*f->columns));
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && s[to] >> 32 == s[from] >> 32;)
			to++;
		column_build(s, from, to, &f->columns[f->n_columns++]);
	}
	index_build(f);
	bits_build(f);
out:
	free(s);
	free(spare);
	return rc;
}

uint32_t grove_column(const struct forest *f, uint32_t feature, bool cat)
{
	size_t lo = 0, hi = f->n_columns;

	if (f->column_at)
		return f->column_at[2 * feature + cat];
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const struct column *c = &f->columns[mid];

		if (c->input < feature || (c->input == feature && !c->cat && cat))
			lo = mid + 1;
		else
			hi = mid;
	}
	return (uint32_t)lo;
}

/* Which column a set belongs to is known from the nodes that use it. */
static int sets_build(struct forest *f)
{
	const struct trees *t = &f->trees;
	size_t words = 1; /* word 0 stays clear, for nodes that have no set */

	f->set_at = xcalloc(t->n_sets, sizeof(*f->set_at));
	for (size_t i = 0; i < t->n; i++)
		for (uint32_t k = 0; k < t->v[i].n; k++) {
			const struct tree_node *node = &t->v[i].nodes[k];

			if (!node->left || !node->cat)
				continue;
			f->set_at[node->set] = words;
			words += (f->columns[grove_column(f, node->feature, true)].bits + 31) / 32;
			if (words > SETS_MAX_BYTES / 4)
				return error_set(
					ERR_INPUT,
					"cannot score the model: its categories would need over %zu MiB",
					SETS_MAX_BYTES >> 20);
		}
	f->set_words = words;
	if (mem_alloc(words, sizeof(*f->sets), &f->sets) < 0)
		return ERR_FAIL;
	for (size_t i = 0; i < t->n_sets; i++) {
		if (!f->set_at[i]) /* of a node that was pruned */
			continue;
		f->sets[f->set_at[i]] |= 2;
		for (size_t k = 0; k < t->sets[i].n; k++) {
			uint32_t bit = (uint32_t)t->cats[t->sets[i].first + k] + 2;

			f->sets[f->set_at[i] + bit / 32] |= 1u << bit % 32;
		}
	}
	return 0;
}

static void walk_node_build(const struct forest *f, const struct tree_node *from, uint32_t index,
			    struct walk_node *to, float *value)
{
	uint32_t column;

	if (!from->left) {
		*to = (struct walk_node){ .key = KEY_LEAF, .left = (uint16_t)index };
		*value = from->cond;
		return;
	}
	column = grove_column(f, from->feature, from->cat);
	to->col = (uint16_t)(2 * column + !from->default_left);
	to->left = (uint16_t)from->left;
	if (from->cat) {
		to->col |= WALK_CAT;
		to->key = (int32_t)f->set_at[from->set];
	} else {
		float cond = from->cond + 0.0f;
		int32_t bits;

		memcpy(&bits, &cond, sizeof bits);
		to->key = bits ^ (int32_t)((uint32_t)(bits >> 31) >> 1);
	}
}

static int by_depth(const void *a, const void *b)
{
	const struct walk_tree *x = a, *y = b;

	if (x->has_cat != y->has_cat)
		return x->has_cat ? 1 : -1;
	if (x->depth != y->depth)
		return x->depth < y->depth ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

static bool fits(const struct forest *f)
{
	for (size_t i = 0; i < f->trees.n; i++)
		if (f->trees.v[i].n > WALK_NODES)
			return false;
	return 2 * f->n_columns <= WALK_COLUMNS && f->set_words <= INT32_MAX;
}

static int walks_build(struct forest *f)
{
	size_t n = 0, base = 0;

	f->walkable = fits(f);
	if (!f->walkable)
		return 0;
	for (size_t i = 0; i < f->trees.n; i++)
		n += f->trees.v[i].n;
	if (mem_alloc(n, sizeof(*f->nodes), &f->nodes) < 0 ||
	    mem_alloc(n, sizeof(*f->values), &f->values) < 0)
		return ERR_FAIL;
	f->walks = xcalloc(f->trees.n, sizeof(*f->walks));
	for (size_t i = 0; i < f->trees.n; i++) {
		const struct tree *tree = &f->trees.v[i];

		for (uint32_t k = 0; k < tree->n; k++)
			walk_node_build(f, &tree->nodes[k], k, &f->nodes[base + k],
					&f->values[base + k]);
		f->walks[i] = (struct walk_tree){ f->nodes + base, f->values + base, tree->depth,
						  (uint32_t)i, tree->has_cat };
		base += tree->n;
	}
	qsort(f->walks, f->trees.n, sizeof(*f->walks), by_depth);
	return 0;
}

int grove_build(struct forest *f)
{
	int rc;

	if ((rc = columns_build(f)) < 0 || (rc = sets_build(f)) < 0)
		return rc;
	return walks_build(f);
}

void grove_clear(struct forest *f)
{
	for (size_t i = 0; i < f->n_columns; i++)
		free(f->columns[i].cuts);
	free(f->columns);
	free(f->column_at);
	free(f->nodes);
	free(f->values);
	free(f->walks);
	free(f->sets);
	free(f->set_at);
}
