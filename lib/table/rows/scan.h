/* scan.h - rows of table files as frames. */
#ifndef MICH_TABLE_ROWS_SCAN_H
#define MICH_TABLE_ROWS_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/frame.h"
#include "lib/base/json.h"
#include "lib/table/source/table_source.h"

struct table_scan;

/*
 * Open files (parquet, or any format of table_source.h by their ending) that have the same columns, one
 * after the other. columns: which, in this order; NULL: all. Types become frame.h's: integers up to
 * 64 bits int; UBIGINT, HUGEINT, floats and decimals double; dates and timestamps time; the rest
 * string. Rows keep their order. ERR_INPUT: a column that is not there (nearest named), or one
 * whose type differs between the files.
 */
int table_scan_open(const char *const *paths, size_t n, const char *const *columns,
		    size_t n_columns, int threads, struct table_scan **out);

/*
 * Rows of a query over sources, under the same lock-in as a data set step: one SELECT over the
 * inputs, nothing else. clock_ms: what now() gives. scratch_dir may be NULL for plain files.
 */
struct table_ask {
	const struct table_source *sources;
	size_t n_sources;
	const char *sql; /* NULL: the single source */
	int64_t clock_ms;
	int threads;
	const char *scratch_dir;
};
int table_query_scan(const struct table_ask *ask, struct table_scan **out);

/* Before the first rows: frames of up to so many, where that is more than 16384. */
void table_scan_frames(struct table_scan *s, int64_t rows);
/* 1: out holds the next rows (at most 16384, or what table_scan_frames() said), borrowed until the next call; 0: the end; < 0: error.
 */
int table_scan_next(struct table_scan *s, struct frame *out);
/* The columns, without rows; valid as long as the scan. */
const struct frame *table_scan_head(const struct table_scan *s);
void table_scan_close(struct table_scan *s);

/* How many rows the files have in all. */
int table_rows(const char *const *paths, size_t n, int64_t *out);

#endif
