/* twins.h - versions of one artifact that are the same bytes, whatever recipe made them. */
#ifndef MICH_MAKE_JUDGE_TWINS_H
#define MICH_MAKE_JUDGE_TWINS_H

#include <stddef.h>

#include "lib/record/version.h"

struct repo;

/*
 * What was made directly with a version, or with another one of the same artifact and content: a step
 * whose input came out the same bytes again is not made again, so its version names the older one. As
 * lineage_users(): the caller clears each and frees the array.
 */
int twins_users(struct repo *r, const struct version *v, struct version **out, size_t *n_out);

#endif
