/*
 * touched.h - rows of large embeddings that a gradient has numbers in: so few of so many that clearing and adding
 * whole tables would be most of a step. Private to lib/learn/net.
 *
 * Such a table's gradient is zero but for the rows that were touched. A row may stand in a list more than once: who
 * adds it leaves zeroes behind, and zeroes change nothing, so the bits are those of whole tables added.
 */
#ifndef MICH_LEARN_NET_TOUCHED_H
#define MICH_LEARN_NET_TOUCHED_H

#include "lib/learn/net/pass.h"

/* Elements from to end - 1 of a gradient. */
struct touched_range {
	size_t from, end;
};

/* What of a gradient is added and cleared as a whole, and what by rows. */
struct touched_plan {
	struct touched_range *whole, *tables; /* (n_whole), (n_tables), in their order */
	size_t n_whole, n_tables;
	bool *by_rows; /* (n_embedded) */
};

struct touched {
	struct touched_range *rows;
	size_t n, most;
};

/* count: of a gradient. Tables of more rows than a batch can touch by far go by rows. */
void touched_plan_init(const struct wiring *wiring, size_t count, size_t batch,
		       struct touched_plan *out);
void touched_plan_clear(struct touched_plan *p);

/* The rows that the pass has read, behind those that are there. */
void touched_note(const struct touched_plan *p, const struct pass *pass, struct touched *t);
void touched_push(struct touched *t, struct touched_range row);
void touched_clear(struct touched *t);

/* a += b, b = 0 in rows (n), as far as they lie in range. */
void touched_add(const struct touched_range *rows, size_t n, struct touched_range range, float *a,
		 float *b);
/* g = 0 there. */
void touched_zero(const struct touched_range *rows, size_t n, struct touched_range range, float *g);

/* The part of r that lies in range; from >= end: none does. */
static inline struct touched_range touched_within(struct touched_range r,
						  struct touched_range range)
{
	return (struct touched_range){ r.from > range.from ? r.from : range.from,
				       r.end < range.end ? r.end : range.end };
}

#endif
