/* room.h - memory for one column of a frame, filled from DuckDB's vectors. */
#ifndef MICH_TABLE_DUCKDB_ROOM_H
#define MICH_TABLE_DUCKDB_ROOM_H

#include "lib/base/frame.h"

enum { ROOM_ROWS = 16384 }; /* where nobody asks for more */

/* One column's room: fixed arrays that every frame is written into. */
struct room {
	enum frame_type type;
	void *data;	 /* uint8_t, int64_t, double, or const char * (rows) */
	uint8_t *valid;	 /* (rows) */
	bool missing;	 /* any value of this frame */
	char *text;	 /* strings of this frame, NUL-ended, one behind the other */
	size_t len, cap; /* of text */
};

void room_init(struct room *r, enum frame_type type, size_t rows);
void room_clear(struct room *r);
void room_reset(struct room *r); /* before the next frame */

/* The n values of a vector into the places from at on; the vector has the type that room_init()
 * asks for. */
void room_add(struct room *r, size_t at, void *vector, size_t n);

/* After the last of n values: data is what a frame's column points at. */
void room_finish(struct room *r, size_t n);

#endif
