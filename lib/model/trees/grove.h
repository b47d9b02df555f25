/*
 * grove.h - the layout that the kernels of forest.h run on. Private to lib/model/forest*.c.
 *
 * Every split is on a column: one used feature, as a number or as a category. A row gives a column
 * two values, one for each side to which a missing value may go, so a kernel never asks whether a
 * value is missing:
 *
 *   keys    int32 that order as the floats do; missing: below, or above, all of them
 *   bins    how many of the model's own thresholds of that column lie at or below x; missing: 0,
 * 255 codes   category + 2, in a bitmap whose bit 0 is clear and bit 1 is set; missing: 0 or 1
 */
#ifndef MICH_MODEL_TREES_GROVE_H
#define MICH_MODEL_TREES_GROVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/model/trees/forest.h"
#include "lib/model/trees/trees.h"

struct column {
	uint32_t input; /* position in a row */
	bool cat;
	uint32_t bits;	 /* of a set's bitmap */
	uint32_t n_cuts; /* distinct thresholds */
	float *cuts;	 /* (n_cuts) ascending */
};

enum {
	WALK_CAT = 1 << 15, /* in walk_node.col: test a bit of a set at word .key */
	WALK_COLUMNS = 1 << 14,
	WALK_NODES = 1 << 16,
	WALK_LANES = 8,	      /* trees or rows that one loop descends together */
	KEY_LEAF = INT32_MAX, /* no key reaches it: a leaf leads to itself */
	KEY_LOW = INT32_MIN,
	KEY_HIGH = INT32_MAX - 1,
};

struct walk_node {
	int32_t key;   /* goes right where the row's key is not below */
	uint16_t col;  /* 2 * column + side | WALK_CAT */
	uint16_t left; /* in the tree; a leaf: itself */
};

struct walk_tree {
	const struct walk_node *nodes;
	const float *values; /* (nodes): of the leaves */
	uint32_t depth, index;
	bool has_cat;
};

struct forest {
	struct trees trees;
	const struct kernel *kernel;
	struct column *columns; /* (n_columns) */
	size_t n_columns;
	uint32_t *column_at; /* (2 * inputs) as a number, as a category; NULL once it is built */
	bool walkable;	     /* the narrow nodes hold this model */
	struct walk_node *nodes;
	float *values;
	struct walk_tree *walks; /* (trees.n) those of like depth together */
	uint32_t *sets;		 /* bitmaps */
	size_t set_words;
	size_t *set_at;	     /* (trees.n_sets) first word of a set */
	struct sieve *sieve; /* NULL: no batch kernel */
};

/* A way to score many rows: margins of rows of x into out (rows, groups). */
struct kernel {
	const char *name;
	bool (*usable)(void);
	int (*score)(const struct forest *f, const float *x, int64_t rows, float *out);
};

extern const struct kernel kernel_scalar, kernel_avx2, kernel_avx512;

/* Columns, walk nodes, sets of f->trees. ERR_INPUT: categories that would need too much memory. */
int grove_build(struct forest *f);
void grove_clear(struct forest *f);
/* The column of a split; it exists. */
uint32_t grove_column(const struct forest *f, uint32_t feature, bool cat);

/* keys (2) of a category in a column of so many bits. */
void walk_code(float x, uint32_t bits, int32_t *keys);
/* keys (2 * n_columns) of one row. */
void walk_keys(const struct forest *f, const float *x, int32_t *keys);
/* Sums of one row, values (trees.n) being scratch. */
void walk_row(const struct forest *f, const int32_t *keys, float *values, float *out);
/* Add the value that one tree gives to each of n rows of keys to sums (n). */
void walk_rows(const struct forest *f, const struct walk_tree *t, const int32_t *keys, int n,
	       float *sums);

#endif
