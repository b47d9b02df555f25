/* lineage.h - graphs of versions, read from the index. */
#ifndef MICH_RECORD_LINEAGE_H
#define MICH_RECORD_LINEAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/record/graph.h"

struct index;
struct repo;

/*
 * Everything that v was made from, or, down, everything that was made with it: sources (not down),
 * versions, once each however many ways lead there; v is node 0. r: to say which sources are kept;
 * NULL: they count as kept.
 */
int lineage_walk(struct index *x, struct repo *r, const struct version *v, bool down,
		 struct graph *out);

/* What was made with an imported source, by its path. ERR_NOT_FOUND: none was, the nearest as hint.
 */
int lineage_of_source(struct index *x, const char *path, struct graph *out);

/* These versions, taken and zeroed, in their order, and the edges between them; nothing else. */
int lineage_among(struct index *x, struct version *versions, size_t n, struct graph *out);

/*
 * What was made directly with v and keeps it from being removed: not what failed, was aborted or
 * has no files any more. Caller clears each and frees the array.
 */
int lineage_users(struct index *x, const struct version *v, struct version **out, size_t *n_out);

#endif
