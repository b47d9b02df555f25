/* sql.h - writing SQL text safely. */
#ifndef MICH_TABLE_DUCKDB_SQL_H
#define MICH_TABLE_DUCKDB_SQL_H

#include <stddef.h>

#include "lib/base/buf.h"

void sql_ident(struct buf *b, const char *name); /* "name", quotes doubled */
void sql_text(struct buf *b, const char *s);	 /* 'text', quotes doubled */

/*
 * How many of the n bytes are left when blanks, comments and semicolons at the end of a statement
 * are cut off. Knows quotes, dollar quotes, and nested comments.
 */
size_t sql_trimmed(const char *sql, size_t n);

#endif
