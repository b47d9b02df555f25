/* stage_entry.h - one move of a stage, as an entry of its journal. */
#ifndef MICH_RECORD_RELEASE_STAGE_ENTRY_H
#define MICH_RECORD_RELEASE_STAGE_ENTRY_H

#include "lib/record/release/handover.h"

/*
 * Append the move, unless it is there. 1: the stage holds, or held since, what it should; 0: somebody
 * else moved it first, and it is left so. The lock of the released name is held.
 */
int stage_entry_put(struct repo *r, const struct handover *h);

#endif
