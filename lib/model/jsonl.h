/*
 * jsonl.h - JSON lines to frames and back, in pieces of any size: one object a line; null or an absent
 * member is a missing value; empty lines are passed over.
 */
#ifndef MICH_MODEL_JSONL_H
#define MICH_MODEL_JSONL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/frame.h"
#include "lib/model/batch.h"
#include "lib/model/contract.h"

struct jsonl_opts {
	const struct contract *contract; /* types of its columns. Borrowed, not NULL */
	const char *const *keep; /* (n_keep) members outside it that come too, as text, after its columns */
	size_t n_keep;
	int64_t max_rows; /* of a frame; 0: 4096 */
};

struct jsonl;

void jsonl_new(const struct jsonl_opts *opts, struct jsonl **out);
void jsonl_free(struct jsonl *j);

/*
 * As csv_feed, csv_flush and csv_end. A frame has all columns of the contract in its order, then
 * those to keep. Numbers may not stand in strings, nor strings in numbers, unless the contract is
 * coerce; times are ISO 8601 strings. ERR_INPUT names line and column.
 */
int jsonl_feed(struct jsonl *j, const char *data, size_t n, batch_fn fn, void *payload);
int jsonl_flush(struct jsonl *j, batch_fn fn, void *payload);
int jsonl_end(struct jsonl *j, batch_fn fn, void *payload);

/* Rows of f as one object a line, appended; floats as in csv_put_rows; missing, nan and inf are null. */
void jsonl_put_rows(const struct frame *f, size_t floats, struct buf *out);

#endif
