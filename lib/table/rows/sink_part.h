/* sink_part.h - what writes the rows of a sink: a file through DuckDB, or a SQLite table. */
#ifndef MICH_TABLE_ROWS_SINK_PART_H
#define MICH_TABLE_ROWS_SINK_PART_H

#include "lib/base/frame.h"

struct sink_file;
int sink_file_open(const char *path, const char *format, const struct frame *head,
		   struct sink_file **out);
int sink_file_add(struct sink_file *f, const struct frame *rows);
int sink_file_finish(struct sink_file *f); /* frees */
void sink_file_abort(struct sink_file *f); /* frees */

#endif
