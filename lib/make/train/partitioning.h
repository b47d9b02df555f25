/* partitioning.h - which rows of a table belong to which partition, and where each goes, sorted by it. */
#ifndef MICH_MAKE_TRAIN_PARTITIONING_H
#define MICH_MAKE_TRAIN_PARTITIONING_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/keymap.h"
#include "lib/base/strlist.h"
#include "lib/model/contract.h"
#include "lib/spec/spec.h"

/* The partitions of a train split: every combination of values that it has, the largest first. */
struct partitioning {
	struct contract keys;  /* the columns alone; everything in it is another contract's */
	struct strlist values; /* (n, keys.n) as text */
	size_t n;
	struct keymap seen; /* codes of a row's columns to the number of their coming */
	uint32_t *place;    /* (n) of a number of seen: which partition */
};

#define PARTITIONING_INIT \
	{                 \
		.n = 0    \
	}

/* Where the rows of one split go. */
struct placing {
	int32_t *of;   /* (rows) the partition; n: none, for a value is missing or new */
	int64_t *next; /* (n + 1) where the next row of each goes */
	int32_t *rows; /* (n + 1) of each */
	int64_t read;  /* rows */
};

/*
 * Read the columns `by` of the train split at path; c is the contract that was fitted with them, and
 * lives as long as out. ERR_INPUT: none of its rows has a value of each.
 */
int partitioning_open(const struct contract *c, const struct spec_items *by, const char *path,
		      int threads, struct partitioning *out);
void partitioning_close(struct partitioning *p);

/* Read them of any split. ERR_INPUT: one has more than 2^31 rows. */
int partitioning_place(const struct partitioning *p, const char *path, int threads,
		       struct placing *out);
void placing_clear(struct placing *p);

#endif
