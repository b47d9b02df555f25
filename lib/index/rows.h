/*
 * rows.h - the rows of a table in a SQLite file of the user's: read, or written as one transaction.
 * The file is not trusted: its schema can call nothing, and views and virtual tables are no tables.
 */
#ifndef MICH_INDEX_ROWS_H
#define MICH_INDEX_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rows;

enum rows_kind { ROWS_NULL, ROWS_INT, ROWS_REAL, ROWS_TEXT, ROWS_BLOB };

/*
 * Open a table for reading; table NULL: the file's only one. The file is read as it is: without
 * locks, and without a write-ahead log beside it (one that holds rows is refused). ERR_INPUT: no
 * database, no such table (those there are named), damaged.
 */
int rows_open(const char *path, const char *table, struct rows **out);
void rows_close(struct rows *r);

size_t rows_columns(const struct rows *r);
const char *rows_name(const struct rows *r, size_t column);

/*
 * What kinds of values each column holds, as bits 1 << ROWS_INT and so on: reads the table once.
 * seen has rows_columns() places.
 */
int rows_survey(struct rows *r, unsigned *seen);

/* In the order of the table's key: 1: a row, 0: the end, negative: an error. */
int rows_next(struct rows *r);
enum rows_kind rows_kind(struct rows *r, size_t column);
int64_t rows_int(struct rows *r, size_t column);
double rows_real(struct rows *r, size_t column);
/* Borrowed until the next row. */
const char *rows_text(struct rows *r, size_t column, size_t *n_out);

/*
 * Write a table: everything is one transaction, so nobody sees half of it. types are SQLite's
 * ("INTEGER"). stamp is kept in the table mich_written(name, stamp, artifact): a table that is
 * there is replaced only when its artifact (the part of the stamp before '@') is the same, else
 * ERR_EXISTS. stamp NULL: nothing that is there is replaced, and nothing is noted. ERR_BUSY:
 * somebody writes.
 */
struct rows_writer;
int rows_create(const char *path, const char *table, const char *const *names,
		const char *const *types, size_t n, const char *stamp, struct rows_writer **out);
/* Bind one row column by column, then rows_put(). An unbound column is NULL. */
void rows_bind_int(struct rows_writer *w, size_t column, int64_t v);
void rows_bind_real(struct rows_writer *w, size_t column, double v);
void rows_bind_text(struct rows_writer *w, size_t column, const char *v);
int rows_put(struct rows_writer *w);
int rows_commit(struct rows_writer *w); /* frees, also on failure */
void rows_abort(struct rows_writer *w); /* frees; the file is as it was */

/* The stamp that a table carries; caller frees. NULL: none, or no such file or table. */
char *rows_stamp(const char *path, const char *table);

#endif
