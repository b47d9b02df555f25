/*
 * jsonrows.h - JSON lines to frames and back, in pieces of any size: one object a line; null or an
 * absent member is a missing value; empty lines are passed over.
 */
#ifndef MICH_MODEL_ROWS_JSONROWS_H
#define MICH_MODEL_ROWS_JSONROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/frame.h"
#include "lib/model/rows/batch.h"
#include "lib/model/contract.h"

struct jsonrows_opts {
	const struct contract *contract; /* types of its columns. Borrowed, not NULL */
	const char *const
		*keep; /* (n_keep) members outside it that come too, as text, after its columns */
	size_t n_keep;
	int64_t max_rows; /* of a frame; 0: 4096 */
};

struct jsonrows;

void jsonrows_new(const struct jsonrows_opts *opts, struct jsonrows **out);
void jsonrows_free(struct jsonrows *j);

/*
 * As csvrows_feed, csvrows_flush and csvrows_end. A frame has all columns of the contract in its
 * order, then those to keep. Numbers may not stand in strings, nor strings in numbers, unless the
 * contract is coerce; times are ISO 8601 strings. ERR_INPUT names line and column.
 */
int jsonrows_feed(struct jsonrows *j, const char *data, size_t n, batch_fn fn, void *payload);
int jsonrows_flush(struct jsonrows *j, batch_fn fn, void *payload);
int jsonrows_end(struct jsonrows *j, batch_fn fn, void *payload);

/*
 * Rows of f as one object a line, appended; floats as in csvrows_put; missing, nan and inf are
 * null.
 */
void jsonrows_put(const struct frame *f, size_t floats, struct buf *out);
/* One value; as_float: a float that stands in a double. */
void jsonrows_put_value(const struct frame_column *c, int64_t row, bool as_float, struct buf *out);

#endif
