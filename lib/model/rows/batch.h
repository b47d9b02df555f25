/* batch.h - rows being gathered cell by cell, and the frame of them. What the row parsers fill. */
#ifndef MICH_MODEL_ROWS_BATCH_H
#define MICH_MODEL_ROWS_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/frame.h"

/*
 * Called with each batch that is full; the frame is borrowed for the call. Non-zero ends the
 * reading.
 */
typedef int (*batch_fn)(const struct frame *rows, void *payload);

struct batch;

struct batch *batch_new(int64_t max_rows); /* a frame has at most so many rows */
void batch_free(struct batch *b);

/* Before the first row: one more column; its position. name is copied. */
size_t batch_column(struct batch *b, const char *name, enum frame_type type);
size_t batch_width(const struct batch *b);
const char *batch_name(const struct batch *b, size_t column);

/*
 * Put the text as the value of a column in the row being filled; n 0 of any type, and a value never
 * put, is missing. ERR_INPUT "column 'x' holds 'y', want int"; the caller wraps where that was.
 */
int batch_put(struct batch *b, size_t column, const char *text, size_t n);
/* A string that may be empty. */
void batch_put_string(struct batch *b, size_t column, const char *text, size_t n);
void batch_put_double(struct batch *b, size_t column, double v);

/*
 * The row is whole. When max_rows are there, or bytes enough, fn is called and the batch is empty
 * again.
 */
int batch_row(struct batch *b, batch_fn fn, void *payload);
/* Give away the rows so far, if any. */
int batch_flush(struct batch *b, batch_fn fn, void *payload);
/* Give away the columns alone: a frame of no rows. */
int batch_shape(struct batch *b, batch_fn fn, void *payload);

#endif
