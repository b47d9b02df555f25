/*
 * heaptree.h - trees of at most six levels in the order of a heap: children of split i are 2i and 2i + 1. One
 * comparison answers all splits of a tree for a row, which lies in a register as bins (sieve.h), and the leaf is
 * found by the answers' bits, without a look into memory: i = 2i + bit i. A tree takes 384 bytes, one behind the
 * other. So a row alone costs some two thirds of a walk, and half of one where no cache holds the model: those of
 * partitions, of each of which few rows are asked. Private to the kernels of forest.h.
 */
#ifndef MICH_MODEL_TREES_HEAPTREE_H
#define MICH_MODEL_TREES_HEAPTREE_H

#include <stddef.h>
#include <stdint.h>

struct forest;

enum {
	HEAPTREE_LEVELS = 6,
	HEAPTREE_COLUMNS = 64, /* both sides of each are two registers */
	HEAPTREE_WHOLE = 3,    /* rows that together touch most of it */
	HEAPTREE_BELOW = 24,   /* rows; so many and more are faster as a tile */
};

/* A split by categories: bit `slot` is set where the code's bit is, in the set at that word of forest.sets. */
struct heaptree_cat {
	uint32_t set;
	uint8_t slot, key; /* key: 2 * column + side */
};

struct heaptree {
	size_t n, levels; /* trees; of the deepest */
	size_t size;	  /* 2^levels: splits 1 to size - 1, and leaves */
	size_t bytes;	  /* of a tree */
	uint8_t *memory;  /* of each tree: (size) keys, (size) cuts, (size) floats; some more */
	struct heaptree_cat *cats; /* of all trees, one behind the other */
	uint32_t *cats_end;	   /* (n) of a tree's; NULL: there are none */
};

/* NULL in *out where the forest does not suit. ERR_FAIL: no memory. */
int heaptree_build(const struct forest *f, struct heaptree **out);
void heaptree_free(struct heaptree *h);

/* Have all of it come into the cache: in its order, which is faster than leaf by leaf. */
void heaptree_fetch(const struct heaptree *h);

#endif
