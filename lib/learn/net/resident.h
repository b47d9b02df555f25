/*
 * resident.h - rows where a random order costs least. A row that is read out of turn costs the cache lines that it lies
 * on and the look-up of its page, which is the dearer of the two: the rows of a table of some size are copied, label
 * and weight beside the inputs, so that each begins a line or shares one with whole rows, and on huge pages. Where
 * memory is short they are read where they lie. Private to lib/learn/net.
 */
#ifndef MICH_LEARN_NET_RESIDENT_H
#define MICH_LEARN_NET_RESIDENT_H

#include "lib/learn/net/trainer.h"

struct resident {
	struct net_data of; /* whose rows these are */
	const float *x;	    /* inputs, `ld` floats from row to row */
	const float *y, *w; /* `step` floats from row to row; NULL as in `of` */
	size_t ld, step;
	void *memory; /* of the copy; NULL: there is none */
	size_t bytes;
};

/* The rows where they lie. Nothing to clear. */
struct resident resident_borrow(const struct net_data *d);

/*
 * The rows of d, which have to stay where they are: copied by so many threads where that pays and takes less than a
 * quarter of the memory that there is. Ranks of one machine copy them once, each its part, where the team has
 * memory in common, and all have called this; else each for itself. What the team gave: ERR_INTERRUPT.
 */
int resident_open(const struct net_data *d, int threads, const struct net_team *team,
		  struct resident *out);
void resident_clear(struct resident *r); /* also one that is all 0 */

bool resident_is_of(const struct resident *r, const struct net_data *d);

#endif
