/* learned.h - how a version learned: what its program told, step by step. */
#ifndef MICH_CATALOG_LEARNED_H
#define MICH_CATALOG_LEARNED_H

#include "lib/base/json.h"
#include "lib/record/version.h"

struct repo;

/*
 * [{"name":"validation.rmse","step":[..],"value":[..]}]: the numbers of its events.jsonl, at most 24 series of
 * 2000 steps. Anybody's program wrote it, so lines that are no events are passed over; a file that is not
 * here, or has more than 16 MiB, gives none. *out is a new reference.
 */
int learned_series(struct repo *r, const struct version *v, json_t **out);

#endif
