/* candidate.h - what a version must be, whatever its gates say, to be released. */
#ifndef MICH_MAKE_RELEASE_CANDIDATE_H
#define MICH_MAKE_RELEASE_CANDIDATE_H

#include <stdbool.h>

#include "lib/base/strlist.h"

struct repo;
struct version;

/*
 * A good, committed model that is not retired, with all its bytes: ERR_INPUT for what no reason makes
 * good. Where HEAD holds by now what made it, its dirty mark is lifted, and *committed is true. What
 * a reason may override, that it was not validated or that something it was made from is retired,
 * goes to problems as sentences.
 */
int candidate_check(struct repo *r, struct version *v, bool *committed, struct strlist *problems);

#endif
