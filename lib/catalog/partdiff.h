/* partdiff.h - two models of partitions beside each other, partition by partition. */
#ifndef MICH_CATALOG_PARTDIFF_H
#define MICH_CATALOG_PARTDIFF_H

#include "lib/base/json.h"

/* The figure that tells most, of those that the train split's have: "rmse"; "rows" where there is none. */
const char *partdiff_figure(const json_t *list);

/*
 * Of two documents partitions.json (lib/make/train/partitioned.h):
 *
 *	{"by": ["city"], "figure": "validation.rmse", "rows": [{"values": ["Oslo"], "before", "after", "change"}]}
 *
 * Rows are those whose figure differs, the largest change first, then those that one side alone has, where the
 * other's figure is null, and the change. JSON null where a side has no partitions or parts by other columns.
 * A new reference.
 */
json_t *partdiff_make(const json_t *before, const json_t *after);

#endif
