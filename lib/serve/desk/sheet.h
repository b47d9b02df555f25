/*
 * sheet.h - the rows of one request, put in cell by cell, in any order, and the frame of them. Its
 * columns are the contract's. Memory is kept from request to request, up to a bound.
 *
 * A value stands for a column's type as it does in JSON lines (jsonrows.h): numbers for numbers,
 * whole ones for int, true and false for bool, ISO 8601 strings for times; null and NaN are missing
 * values. Where the contract is coerce, other kinds are cast by way of their text, and counted.
 */
#ifndef MICH_SERVE_DESK_SHEET_H
#define MICH_SERVE_DESK_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/frame.h"
#include "lib/model/contract.h"
#include "lib/model/counts.h"
#include "lib/serve/desk/jsonscan.h"

struct sheet_column {
	bool here;	/* the request has it */
	int64_t cap;	/* rows that there is memory for */
	int64_t filled; /* rows that hold a value */
	int64_t casts;
	union {
		void *cells; /* (cap) eight bytes each, but for a bool one */
		uint8_t *b;
		int64_t *i;
		double *d;
		const char **s; /* while filling: the offset in text, plus 1 */
	};
	uint8_t *valid; /* (cap) */
};

struct sheet {
	const struct contract *contract;
	struct sheet_column *cols; /* (n) */
	size_t n, cap;
	int64_t rows, max_rows, max_cells;
	bool rows_known; /* for whoever fills it: all columns have so many */
	struct buf text, cast;
	struct frame_column *view; /* (cap) */
};

#define SHEET_INIT                                 \
	{                                          \
		.text = BUF_INIT, .cast = BUF_INIT \
	}

void sheet_clear(struct sheet *s);

/* Nothing in it but the columns of c, which is borrowed. */
void sheet_begin(struct sheet *s, const struct contract *c);
/* It has so many rows now; never fewer. ERR_BUSY: more than max_rows, or max_cells, allow. */
int sheet_rows(struct sheet *s, int64_t rows);
/* The request has this column, missing in all rows that nothing is put in. */
int sheet_open(struct sheet *s, size_t column);

/* Memory of a column for all rows, those that are new missing. ERR_FAIL. */
int sheet_room(struct sheet *s, struct sheet_column *c);

/*
 * Put a value in a row below rows of a column that is open. ERR_INPUT "cannot score row 3: column
 * 'x' holds ..., want int", or holds two values in that row.
 */
int sheet_put_number(struct sheet *s, size_t column, int64_t row, const struct jsonscan_number *v);
int sheet_put_bool(struct sheet *s, size_t column, int64_t row, bool v);
int sheet_put_text(struct sheet *s, size_t column, int64_t row, const char *text, size_t n);
/* The next value of a scan, whatever it is. */
int sheet_put_json(struct sheet *s, size_t column, int64_t row, struct jsonscan *scan);
/* The rows of a frame behind those that are there, for the columns that f has. */
int sheet_put_frame(struct sheet *s, const struct frame *f);

/* The columns that are open; borrowed until the next sheet_begin. Once a request. ERR_FAIL: memory. */
int sheet_frame(struct sheet *s, struct frame *out);
/* Add the casts to those of counts, which is of the same contract. */
void sheet_casts(const struct sheet *s, struct counts *counts);

#endif
