/* ref.h - git refs: read, list, move by compare and swap. */
#ifndef MICH_STORE_REF_H
#define MICH_STORE_REF_H

#include "lib/store/oid.h"

struct store;

/* 1 and *out, 0: there is none. */
int ref_read(struct store *s, const char *name, struct oid *out);

/* Every ref whose name begins with prefix ("refs/mich/"), sorted by name. */
typedef int (*ref_fn)(const char *name, const struct oid *id, void *payload);
int ref_list(struct store *s, const char *prefix, ref_fn fn, void *payload);

/*
 * Move name from old (NULL: it must not exist) to id. ERR_EXISTS: it is not at old any more. A lock
 * of git's that is older than 10 s is removed: call only while holding the journal's own lock.
 */
int ref_move(struct store *s, const char *name, const struct oid *old, const struct oid *id,
	     const char *message);

#endif
