/* parted.h - the models of partitions (lib/make/train/partitioned.h) for a person. */
#ifndef MICH_CMD_PARTED_H
#define MICH_CMD_PARTED_H

#include "lib/base/buf.h"
#include "lib/base/json.h"

/* The largest of them, a line each, and how many more there are; nothing without a document. */
void parted_add(const json_t *document, struct buf *out);
/* Of partdiff_make(): the first ten that changed; nothing of null. */
void parted_add_diff(const json_t *diff, struct buf *out);

#endif
