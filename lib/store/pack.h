/*
 * pack.h - the new objects of one record, streamed into one pack file. The pack has a .keep, held
 * by a lock, from before it can be seen until the ref is set: neither `git gc --prune=now` nor `git
 * repack -ad` can take objects that nothing reaches yet. Objects that are reachable already may be
 * named with pack_have() and are not written again.
 */
#ifndef MICH_STORE_PACK_H
#define MICH_STORE_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "lib/store/object.h"

struct store;
struct pack;

/* scratch_dir: a folder of ours on the file system of the objects, for what is not whole yet. */
int pack_begin(struct store *s, const char *scratch_dir, struct pack **out);

/* Reachable already: pack_add() only answers its name. */
void pack_have(struct pack *p, const struct oid *id);
int pack_add(struct pack *p, enum object_type type, const void *data, size_t n, struct oid *out);

/* An entry of another pack as it lies there: head and deflated bytes, no delta. */
int pack_add_raw(struct pack *p, const struct oid *id, const void *entry, size_t n);

/* Make the objects visible and durable. From here until pack_release() they are kept. */
int pack_finish(struct pack *p);

/* "pack-<sum>" once finished; borrowed. */
const char *pack_name(const struct pack *p);

/* The ref is set, or nobody wants them: let git do with them as it likes. NULL is fine. */
void pack_release(struct pack *p);

struct commit_plan {
	struct oid tree;
	const struct oid *parents;
	size_t n_parents;
	const char *author, *committer; /* "Name <mail> seconds +zone" */
	const char *message;
};
int pack_add_commit(struct pack *p, const struct commit_plan *c, struct oid *out);

/* Remove the .keep of packs whose writer is gone. Returns how many, or <0. */
int pack_sweep(struct store *s);

/*
 * Every record makes a small pack; when there are many, make one of them. Only packs that
 * pack_finish() made from the same scratch_dir and that nobody keeps are touched. fold.c.
 */
int pack_fold(struct store *s, const char *scratch_dir);

#endif
