/*
 * csvrows.h - CSV to frames and back, in pieces of any size. RFC 4180: quotes, doubled quotes, line
 * ends inside quotes; LF or CRLF. The first record names the columns; an empty cell and NA are
 * missing values, as in a data set's sources; a byte-order mark is passed over, and so are empty
 * lines.
 */
#ifndef MICH_MODEL_ROWS_CSVROWS_H
#define MICH_MODEL_ROWS_CSVROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/frame.h"
#include "lib/model/rows/batch.h"
#include "lib/model/contract.h"

struct csvrows_opts {
	const struct contract *contract; /* types of its columns; NULL: all text. Borrowed */
	bool keep_extra; /* columns outside the contract come too, as text, in the header's order */
	int64_t max_rows; /* of a frame; 0: 4096 */
	char separator;	  /* 0: a comma */
};

struct csvrows;

void csvrows_new(const struct csvrows_opts *opts, struct csvrows **out);
void csvrows_free(struct csvrows *c);

/*
 * Take in n bytes; fn is called for every full frame. Columns of a frame: the contract's that the
 * header has, in the header's order, and the extra ones. ERR_INPUT names line and column: a cell
 * that is not of its column's type, a record of another length, a quote inside a cell, a column
 * named twice, a contract's column that the header lacks. After an error, or a non-zero answer of
 * fn, which is returned, only csvrows_flush (for the whole rows before it) and csvrows_free may
 * follow.
 */
int csvrows_feed(struct csvrows *c, const char *data, size_t n, batch_fn fn, void *payload);
/* Give away the rows that are whole so far: what a stream does when no more bytes wait. */
int csvrows_flush(struct csvrows *c, batch_fn fn, void *payload);
/* The end: a last record without a line end counts. ERR_INPUT: inside a quoted cell, or no header.
 */
int csvrows_end(struct csvrows *c, batch_fn fn, void *payload);
/* Give away the columns of the header, with no rows; nothing where there was no header. */
int csvrows_shape(struct csvrows *c, batch_fn fn, void *payload);

/*
 * The names, then rows, of frame f as text, appended: LF ends; quotes only where needed; missing is
 * empty. Columns from index `floats` on hold floats in their doubles, and are written as floats:
 * the fewest digits that read back to the same float. Pass f->n to write all as doubles.
 */
void csvrows_put_names(const struct frame *f, struct buf *out);
void csvrows_put(const struct frame *f, size_t floats, struct buf *out);

#endif
