/* differ.h - how the profiles of two data sets differ. */
#ifndef MICH_TABLE_PROFILE_DIFFER_H
#define MICH_TABLE_PROFILE_DIFFER_H

#include "lib/base/buf.h"
#include "lib/base/json.h"

/*
 * {"added":[name], "removed":[name], "retyped":[{"name","before","after"}],
 *  "rows":{"train":{"before","after"},...},
 *  "columns":[{"name","split","deviation","changes":[{"what","before","after"}]}]}
 * what: nulls (share), mean, deviation, min, max, p5, p25, p50, p75, p95, distinct, top (values
 * that came or went). Only what differs is there; an empty object member is left in, so the shape
 * is stable.
 */
/* Of profiles, or of the reports of builds that hold them. */
int table_differ(const json_t *before, const json_t *after, json_t **out);
int table_differ_any(const json_t *difference); /* 1 when anything differs */
void table_differ_text(const json_t *difference, struct buf *out);

#endif
