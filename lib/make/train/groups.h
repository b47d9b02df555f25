/* groups.h - the rows that are ranked against each other: how many lie in each group, in order. */
#ifndef MICH_MAKE_TRAIN_GROUPS_H
#define MICH_MAKE_TRAIN_GROUPS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/frame.h"
#include "lib/base/json.h"

struct groups {
	int32_t *rows; /* (n) rows of each group */
	size_t n, cap;
	struct buf last; /* the value of the last row */
	json_t *seen;	 /* every value so far: one that comes again after others was not sorted */
};

#define GROUPS_INIT              \
	{                        \
		.last = BUF_INIT \
	}

/*
 * Count further rows by the value of a column. Rows of one group must lie together. ERR_INPUT: there
 * is no such column, or a group comes again after another one.
 */
int groups_add(struct groups *g, const char *column, const struct frame *f);
void groups_clear(struct groups *g);

#endif
