/* composed.h - what an ensemble is made of, for a person. */
#ifndef MICH_CMD_COMPOSED_H
#define MICH_CMD_COMPOSED_H

#include "lib/base/buf.h"
#include "lib/base/json.h"

/*
 * The member "ensemble" of a manifest (lib/make/ensemble/assemble.h) as lines: each member with its
 * weight and what it reaches alone, and what all reach together, by the version's own metrics. ensemble
 * NULL: nothing.
 */
void composed_add(const json_t *ensemble, const json_t *metrics, struct buf *out);

#endif
