/* cell.h - one value as text, and back: what CSV cells, JSON values and casts share. */
#ifndef MICH_MODEL_ROWS_CELL_H
#define MICH_MODEL_ROWS_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

/*
 * The whole of text[0..n) is the value, blanks around it passed over; false when it is not.
 * Numbers are read to the nearest double. A whole number may be written 12.0 or 1e3 where it is
 * exact.
 */
bool cell_bool(const char *text, size_t n, bool *out); /* true false t f yes no y n 1 0, any case */
bool cell_int(const char *text, size_t n, int64_t *out);
bool cell_double(const char *text, size_t n, double *out); /* inf and nan too */
/* ISO 8601: 2026-11-22, 2026-11-22 06:12[:02[.345678]][Z|+01:00]; microseconds UTC. */
bool cell_time(const char *text, size_t n, int64_t *us_out);

/* Decimal digits that read back to the same value, as few as do so. nan and inf by name. */
void cell_put_float(struct buf *b, float v);
void cell_put_int(struct buf *b, int64_t v);
void cell_put_double(struct buf *b, double v);
void cell_put_time(struct buf *b, int64_t us); /* 2026-11-22T06:12:02[.345678]Z */

/* Days since 1970 of a date in the proleptic Gregorian calendar, and back. */
int64_t cell_days(int year, int month, int day);
void cell_date(int64_t days, int *year, int *month, int *day);

#endif
