/*
 * trees.h - the trees of a model file as plain checked arrays: what forest.c lays out for speed,
 * and the reference that every kernel is held to.
 */
#ifndef MICH_MODEL_TREES_TREES_H
#define MICH_MODEL_TREES_TREES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/strlist.h"
#include "lib/model/trees/objective.h"

/*
 * Goes left where x < cond; at a categorical split where the category is not in the set. A missing
 * value goes left where default_left. Nodes come level by level, the root first; right = left + 1.
 */
struct tree_node {
	uint32_t left; /* 0: a leaf */
	uint32_t feature;
	float cond; /* a leaf: its value, times the tree's weight */
	bool default_left;
	bool cat;
	uint32_t set; /* of a categorical split: in trees.sets */
};

struct tree_set {
	size_t first, n; /* in trees.cats */
};

struct tree {
	struct tree_node *nodes;   /* (n) */
	uint32_t n, leaves, depth; /* depth 0: the root is a leaf */
	uint32_t group;
	bool has_cat;
};

struct trees {
	const struct objective *objective;
	size_t inputs, groups;
	float *base; /* (groups) margins before the first tree */
	struct tree *v;
	size_t n;
	struct tree_set *sets;
	size_t n_sets, sets_cap;
	int32_t *cats; /* 0 to TREES_CAT_MAX - 1 */
	size_t n_cats, cats_cap;
	int best_iteration;	     /* -1: none */
	struct strlist names, types; /* of the features, where the file has them */
};

enum { TREES_CAT_MAX = 1 << 24, TREES_INPUTS_MAX = 1 << 24, TREES_GROUPS_MAX = 1 << 16 };

/* As forest_parse; *out is filled, trees_clear in any case. */
int trees_parse(const void *data, size_t n, int iterations, struct trees *out);
void trees_clear(struct trees *t);

/* The leaf's value that one row (inputs) comes to. */
float tree_score(const struct trees *t, const struct tree *tree, const float *x);

#endif
