/* frame.h - a batch of rows held column by column: what tables give and models take. */
#ifndef MICH_BASE_FRAME_H
#define MICH_BASE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame_type {
	FRAME_BOOL,   /* .b: 0 or 1 */
	FRAME_INT,    /* .i: every integer type up to 64 bits */
	FRAME_DOUBLE, /* .d: floats, decimals */
	FRAME_STRING, /* .s: UTF-8, NUL-ended; enums and UUIDs too */
	FRAME_TIME,   /* .i: microseconds since 1970, UTC; dates and timestamps */
};

struct frame_column {
	const char *name;
	enum frame_type type;
	union {
		const uint8_t *b;     /* (rows) */
		const int64_t *i;     /* (rows) */
		const double *d;      /* (rows) */
		const char *const *s; /* (rows); an entry of a missing value is NULL */
	};
	const uint8_t *valid; /* (rows) 1 where there is a value; NULL: everywhere */
};

struct frame {
	int64_t rows;
	size_t n;
	const struct frame_column *cols; /* (n); borrowed from whoever filled the frame */
};

const char *frame_type_name(enum frame_type type); /* "bool" "int" "double" "string" "time" */
int frame_type_parse(const char *name, enum frame_type *out);			/* ERR_INPUT */
const struct frame_column *frame_find(const struct frame *f, const char *name); /* NULL: absent */

static inline bool frame_valid(const struct frame_column *c, int64_t row)
{
	return !c->valid || c->valid[row];
}

#endif
