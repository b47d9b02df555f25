/* splitfiles.h - the arrays of one split of a matrix (lib/learn/matrix.h). */
#ifndef MICH_MAKE_TRAIN_SPLITFILES_H
#define MICH_MAKE_TRAIN_SPLITFILES_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/strlist.h"
#include "lib/model/contract.h"

struct partitioning;

struct splitfiles {
	const char *table, *dir;	 /* the split's rows; where the arrays go, made */
	const struct strlist *columns;	 /* to read; none: all */
	const struct contract *contract; /* what makes inputs and label of them */
	const char *weight, *group;	 /* columns; NULL: none */
	/* By what the rows are sorted; NULL: they stay in the table's order, and there is no partition.npy. */
	const struct partitioning *partitions;
	size_t width; /* of x: the first so many inputs */
	int threads;
};

/*
 * Write x, y, w, group and partition, as far as they are asked for. ERR_INPUT: a weight that is none, groups
 * that do not lie together, and what transform and partitioning refuse.
 */
int splitfiles_write(const struct splitfiles *s, int64_t *rows_out);

#endif
