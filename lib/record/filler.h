/* filler.h - put what a journal's entries say into the index. */
#ifndef MICH_RECORD_FILLER_H
#define MICH_RECORD_FILLER_H

#include "lib/record/journal.h"

/* Statements prepared once for many entries. */
struct filler;
struct filler *filler_new(struct repo *r);
void filler_free(struct filler *f);

/* The rows of one entry; kind and name are the journal's. */
int filler_add(struct filler *f, const char *kind, const char *name, const struct entry *e);

/*
 * What e, the oldest entry that is here, says of what came before it: an event has the tree of the
 * newest version of its time. Without it the next version would get a number that is taken.
 */
int filler_add_cut(struct filler *f, const char *kind, const char *name, const struct entry *e);

/* Forget the rows of an artifact. */
int filler_forget(struct filler *f, const char *kind, const char *name);

/* Note where the journal's tip is; tip "" when it could not be read whole. */
int filler_tip(struct filler *f, const char *kind, const char *name, const char *tip);

#endif
