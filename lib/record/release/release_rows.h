/* release_rows.h - releases and stages as rows of the index. */
#ifndef MICH_RECORD_RELEASE_RELEASE_ROWS_H
#define MICH_RECORD_RELEASE_RELEASE_ROWS_H

#include "lib/base/strlist.h"
#include "lib/store/oid.h"

struct repo;

/*
 * Bring the rows of one ref up to date; what cannot be read has none. 1: it is a release or a
 * stage, 0: neither.
 */
int release_rows_take(struct repo *r, const char *ref, const struct oid *id);

/* Away with the rows of refs that are not in seen, which is sorted. */
int release_rows_forget(struct repo *r, const struct strlist *seen);

#endif
