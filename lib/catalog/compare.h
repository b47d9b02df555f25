/* compare.h - what differs between two versions, by their manifests and metrics. */
#ifndef MICH_CATALOG_COMPARE_H
#define MICH_CATALOG_COMPARE_H

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/json.h"

/* One side: borrowed documents, NULL where the version has none. */
struct compare_side {
	const char *ref; /* "model/eta@14" */
	const char *id, *content;
	const json_t *manifest, *metrics;
};

/*
 * {"before": {"ref","id","content"}, "after": {..},
 *  "recipe":  [{"key","before","after"}],          of the Michfile's keys
 *  "params":  [{"key","before","after"}],
 *  "inputs":  [{"role","before":{"ref","id","content"},"after":{..}}],
 *  "code":    {"before","after",                   commits; null: no code was read
 *              "paths":[{"path","before","after"}]},  "100644 <object id>"; only what differs
 *  "engines": [{"key","before","after"}],
 *  "metrics": [{"key","before","after","change"}]} change: null where one side has none
 * Rows are there only for what differs; before or after is null for what the other side alone has.
 */
json_t *compare_versions(const struct compare_side *before, const struct compare_side *after);

/* Nothing that was made or went into it differs. */
bool compare_same(const json_t *comparison);

/* For people; ends with the command that shows the code's difference. */
void compare_text(const json_t *comparison, struct buf *out);

/* Object a.b.c of nested objects as {"a.b.c": v}: keys of parameters and metrics. New reference. */
json_t *compare_flatten(const json_t *obj);

#endif
