/* release_source.h - what refs, tags and journals of git say of releases and stages. */
#ifndef MICH_RECORD_RELEASE_RELEASE_SOURCE_H
#define MICH_RECORD_RELEASE_RELEASE_SOURCE_H

#include "lib/record/release/release.h"
#include "lib/record/release/stage.h"
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

#endif
