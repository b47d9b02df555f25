/*
 * sieve.h - 64 rows through all nodes of a tree at once. Private to the kernels of forest.h.
 *
 * A tile holds 64 rows column by column, mostly a byte each: how many thresholds of the model lie
 * at or below the value. A node is then one comparison of 64 bytes, masked by the rows that reach
 * it; no branch, no gather. The number of a row's leaf is the sum, over the nodes where it went
 * right, of the leaves to the left. Trees of more than 256 leaves are walked instead, eight rows
 * together.
 */
#ifndef MICH_MODEL_TREES_SIEVE_H
#define MICH_MODEL_TREES_SIEVE_H

#include "lib/model/trees/grove.h"
#include "lib/model/trees/heaptree.h"

enum {
	SIEVE_ROWS = 64,
	SIEVE_LEAVES = 256,
	SIEVE_CUTS = 255,      /* thresholds of a column of bytes */
	SIEVE_BITS = 512,      /* of a categorical column of bytes: one table of 64 bytes a node */
	SIEVE_WALK_BELOW = 12, /* fewer rows than this are walked one by one */
};

enum sieve_kind {
	SIEVE_BIN,  /* bytes: bin >= cut */
	SIEVE_CAT,  /* bytes: table[hi] & bit */
	SIEVE_KEY,  /* int32: key >= cut */
	SIEVE_CODE, /* int32: bit `code` of the set at word cut */
};

struct sieve_node {
	uint32_t at;   /* offset of the column in the tile */
	uint32_t cut;  /* BIN: the rank in each byte. CAT: number of the table */
	uint32_t step; /* leaves below the left child, in each byte */
	uint16_t slot; /* of its own mask */
	uint16_t left; /* slot of the left child's; the right one's is the next */
};

/* Nodes of one kind and one level: a loop without a branch. */
struct sieve_run {
	uint16_t n;
	uint16_t kind;
};

struct sieve_tree {
	const struct sieve_node *nodes; /* inner ones, level by level, run after run */
	const struct sieve_run *runs;	/* (n_runs); neighbours of one kind are one run */
	const float *values;		/* (leaves, up to 16, 32, 64 or 256) from left to right */
	uint32_t n_runs, leaves, group;
	const struct walk_tree *walk; /* not NULL: walk it */
};

struct sieve_column {
	uint32_t at;	  /* offset in the tile: side 0, then side 1 */
	bool wide;	  /* int32 keys or codes */
	float *cuts;	  /* (256) NaN behind the last; of a column of bins */
	float pivots[16]; /* every 16th of cuts */
};

struct sieve {
	struct sieve_tree *trees;     /* (forest's) */
	struct sieve_column *columns; /* (n_columns), the forest's */
	size_t n_columns;
	size_t tile_bytes;
	bool walks; /* some tree is walked */
	struct sieve_node *nodes;
	struct sieve_run *runs;
	float *values;
	uint8_t *tables;       /* (tables, 64) aligned to 64 */
	struct heaptree *heap; /* NULL: they do not suit */
};

/* One thread's memory. */
struct tile {
	uint8_t *cells;	 /* (tile_bytes) aligned to 64 */
	float *sums;	 /* (groups, 64) */
	uint64_t *reach; /* (2 * SIEVE_LEAVES, 8): the rows that reach a node, as the kernel keeps
			    them */
	int32_t *
		keys; /* (64, 2 * columns) of the rows, where trees are walked; also for walk_row */
	float *values; /* (trees) */
	void *memory;
};

/* Position of a threshold among its column's, from 1. */
uint32_t sieve_rank(const struct column *c, float cond);

int sieve_build(struct forest *f); /* f->sieve; NULL where the model does not suit */
void sieve_free(struct sieve *s);

int tile_init(const struct forest *f, struct tile *t);
void tile_clear(struct tile *t);

/* What differs between the kernels. n is at most 64; x has n rows. */
struct sieve_ops {
	void (*bins)(const struct sieve_column *c, uint32_t n_cuts, const float *x, size_t stride,
		     int n, uint8_t *side0, uint8_t *side1);
	/* Add the leaves' values of one tree to sums (64). */
	void (*tree)(const struct forest *f, const struct sieve_tree *tree, struct tile *t,
		     float *sums);
	/* The margins of one row by f->sieve->heap; NULL: rows are walked. */
	void (*row)(const struct forest *f, const float *x, float *out);
};

/* Score rows with ops: the body of a kernel. */
int sieve_score(const struct forest *f, const struct sieve_ops *ops, const float *x, int64_t rows,
		float *out);

#endif
