/* event.h - what happened to a version after it was made. */
#ifndef MICH_RECORD_EVENT_H
#define MICH_RECORD_EVENT_H

#include "lib/base/json.h"

struct repo;
struct version;

/*
 * Record an event on a version: "committed", "deprecated", "retired", "validating", "validated"
 * ({"passed": bool, ...}), "judged", "note", "tag", ... with data (borrowed, may be NULL) in event.json. The index follows.
 */
int event_record(struct repo *r, const struct version *v, const char *type, json_t *data);

/* The data of the newest event of a type on a version; new reference. ERR_NOT_FOUND: none. */
int event_last(struct repo *r, const struct version *v, const char *type, json_t **data_out);

/* When that event was, in ms since 1970; 0: never. */
int event_time(struct repo *r, const struct version *v, const char *type, int64_t *at_out);

#endif
