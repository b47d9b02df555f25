/*
 * journal.h - the life of one artifact as a chain of commits, newest first: refs/mich/KIND/NAME. It
 * begins with a commit of the empty tree; each later entry is a version or an event.
 */
#ifndef MICH_RECORD_JOURNAL_H
#define MICH_RECORD_JOURNAL_H

#include <stdbool.h>

#include "lib/record/inside.h"

#define JOURNAL_PREFIX "refs/mich/"

char *journal_ref(const char *kind, const char *name); /* caller frees */

/* "refs/mich/model/eta" to its parts (caller frees both); false: not a journal of versions. */
bool journal_split(const char *ref, char **kind, char **name);

/* Take the journal's lock; *fd_out is closed to let go. ERR_BUSY past the deadline. */
int journal_lock(struct repo *r, const char *kind, const char *name, int *fd_out);

struct entry {
	struct oid commit, tree, before; /* before: first parent, zero for the root */
	char *type;			 /* "begin", "version", or the event's */
	char *id;			 /* the version's; NULL for the root */
	char *author;
	int64_t time_s;
};

/* ERR_CORRUPT: no entry of a journal. */
int entry_read(struct repo *r, const struct oid *commit, struct entry *out);
void entry_clear(struct entry *e);

/* One entry to be chained behind the tip; the lock is held. */
struct entry_plan {
	const char *kind, *name;
	const char *subject, *body; /* body may be NULL */
	const char *id, *type;
	const struct oid *parents; /* the further ones */
	size_t n_parents;
	struct tree *tree;
};

/*
 * Write the entry (and the root when the journal is new) into p, make the pack durable and move the
 * ref. ERR_EXISTS when the ref moved meanwhile.
 */
int journal_append(struct repo *r, struct pack *p, const struct entry_plan *e);

#endif
