/* table_sink.h - frames into a table file or a SQLite table. */
#ifndef MICH_TABLE_ROWS_TABLE_SINK_H
#define MICH_TABLE_ROWS_TABLE_SINK_H

#include "lib/base/frame.h"

struct table_sink;

/*
 * target: FILE.parquet, FILE.csv, FILE.jsonl, or DB.sqlite:TABLE (also .db, .sqlite3). A file
 * appears whole at table_sink_finish() and replaces what was there; in SQLite all rows are one
 * transaction. stamp names the step that writes: a SQLite table is replaced only when it carries
 * the same stamp's artifact (the part before '@'); any other table of that name is ERR_EXISTS.
 * NULL: never replaced. head gives names and types; it is copied.
 */
int table_sink_open(const char *target, const struct frame *head, const char *stamp,
		    struct table_sink **out);
int table_sink_add(struct table_sink *s, const struct frame *rows); /* same columns as head */
int table_sink_finish(struct table_sink *s);			    /* frees, also on failure */
void table_sink_abort(struct table_sink *s);			    /* frees; nothing is left */

#endif
