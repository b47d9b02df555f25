/* production.h - what is in production under the released name of a model. */
#ifndef MICH_MAKE_JUDGE_PRODUCTION_H
#define MICH_MAKE_JUDGE_PRODUCTION_H

#include "lib/record/version.h"

struct repo;

/*
 * The version that the stage production of space/name holds, and its release ("maps/eta@2.1", caller
 * frees). space NULL: of the one name that the model is released under. ERR_NOT_FOUND: nothing is
 * there yet; ERR_INPUT: the model is released under several names.
 */
int production_find(struct repo *r, const char *model, const char *space, const char *name,
		    struct version *out, char **ref_out);

#endif
