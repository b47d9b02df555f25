/* pick.h - the version that a person means, in this checkout. */
#ifndef MICH_MAKE_PICK_H
#define MICH_MAKE_PICK_H

#include "lib/record/version.h"

struct repo;

/*
 * As resolve_version, and a name without its kind is the model or data set of that name before it is
 * what is named after it: eta@2 is model/eta@2, not eval/eta@2. Digits of an id find any kind.
 */
int pick_version(struct repo *r, const char *kind, const char *text, struct version *out);

/*
 * text as a section of a Michfile may have it: where it names a release or a stage, the version that
 * it means now, "model/eta@14"; else as it is. Caller frees *out.
 */
int pick_pinned(struct repo *r, const char *kind, const char *text, char **out);

#endif
