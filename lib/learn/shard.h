/* shard.h - which rows of a split are a rank's: together they are all of them, and no row is in two. */
#ifndef MICH_LEARN_SHARD_H
#define MICH_LEARN_SHARD_H

#include <stdint.h>

#include "lib/learn/matrix.h"

/* Neighbours, so that a rank reads only its own part of the files that are mapped. */
struct shard {
	int64_t first, rows;
	int64_t first_group, groups; /* of a ranking; else 0 */
};

/*
 * Part `rank` of `ranks`: as even as may be, and the same at every run. What is ranked against each other stays
 * together: there whole groups are dealt out. One rank: all of the split. Some parts are empty where there are
 * fewer rows, or groups, than ranks.
 */
struct shard shard_of(const struct matrix_split *s, int rank, int ranks);

/* Of what there can be so many parts of, each with something in it: rows, or groups. */
int64_t shard_most(const struct matrix_split *s);

#endif
