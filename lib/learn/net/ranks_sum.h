/*
 * ranks_sum.h - a gradient's sum over the ranks. Of large embeddings that go by rows (touched.h) only those are sent
 * that some rank has touched: each tells all which, and all send these, in their order. So the numbers that are
 * added, and the order in which that is done, are those of whole tables, and so are the bits. Private to
 * lib/learn/net.
 */
#ifndef MICH_LEARN_NET_RANKS_SUM_H
#define MICH_LEARN_NET_RANKS_SUM_H

#include "lib/learn/net/touched.h"

struct trainer;

/* Rows of all tables that go by rows are counted through. */
struct ranks_table {
	size_t from, dim;   /* of the gradient: where row `first` begins, floats of a row */
	size_t first, rows; /* number of its first one */
};

struct ranks_sum {
	bool by_rows;		    /* else tables are sent whole */
	struct ranks_table *tables; /* (n_tables) in their order */
	size_t n_tables;
	uint32_t *ids;	    /* (ranks, most) rows that each has touched, some more than once */
	size_t *at;	    /* (ranks + 1) bytes where each one's begin */
	size_t most;	    /* of a rank */
	uint64_t *seen;	    /* a bit a row; 0 but for a while */
	size_t n_seen;	    /* words of it */
	struct touched all; /* rows that any rank has touched, in their order: of the last sum */
	float *packed;	    /* (room) those, one behind the other */
	size_t room;
};

/* Of a trainer whose plan is made. ERR_FAIL: no memory. */
int ranks_sum_open(struct trainer *t);
void ranks_sum_close(struct ranks_sum *s); /* also one that is all 0 */

/* Lane 0's gradient becomes that of all ranks. What the team gave. */
int ranks_sum(struct trainer *t);

/* What the last sum left in tables that go by rows is zero again, in range of lane 0's gradient. */
void ranks_sum_zero(const struct trainer *t, struct touched_range range);

#endif
