/* release_rows.h - releases and stages as rows of the index. */
#ifndef MICH_RECORD_RELEASE_ROWS_H
#define MICH_RECORD_RELEASE_ROWS_H

#include "lib/record/release.h"
#include "lib/record/stage.h"
#include "lib/store/oid.h"

#define RELEASE_PREFIX "refs/mich/release/"
#define STAGE_PREFIX "refs/mich/stage/"

/* "refs/mich/release/maps/eta/2.1" to its parts; false: not the name of a release. */
bool release_split(const char *ref, struct release *out);

/* "refs/mich/stage/maps/eta/production" likewise. */
bool stage_split(const char *ref, struct stage *out);

/* What a tag says; space to minor are filled by release_split(). ERR_CORRUPT. */
int release_read(struct repo *r, const struct oid *tag, struct release *out);

/* What an entry of a stage's journal says, its names filled; ERR_CORRUPT. */
struct entry;
int stage_read(struct repo *r, const struct entry *e, struct stage *out);

/*
 * Bring the rows of one ref up to date; what cannot be read has none. 1: it is a release or a
 * stage, 0: neither.
 */
int release_rows_take(struct repo *r, const char *ref, const struct oid *id);

/* Away with the rows of refs that are not in seen, which is sorted. */
struct strlist;
int release_rows_forget(struct repo *r, const struct strlist *seen);

#endif
