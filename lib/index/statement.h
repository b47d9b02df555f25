/*
 * statement.h - one SQL statement: bind, step, read columns.
 *
 *	struct statement *st;
 *	if ((rc = statement_open(x, "SELECT name FROM artifact WHERE kind = ?1", &st)) < 0) return
 *rc; statement_bind_text(st, 1, "model"); while ((rc = statement_step(st)) == 1)
 *		use(statement_text(st, 0));
 *	statement_close(st);
 *
 * Parameters count from 1, columns from 0. Text that is read is borrowed until the next step.
 */
#ifndef MICH_INDEX_STATEMENT_H
#define MICH_INDEX_STATEMENT_H

#include <stdbool.h>
#include <stdint.h>

struct index;
struct statement;

/* ERR_INPUT for SQL that is wrong, with SQLite's reason. */
int statement_open(struct index *x, const char *sql, struct statement **out);

/* The same for SQL of the user's: reads only, one statement. ERR_INPUT when it would write. */
int statement_open_guarded(struct index *x, const char *sql, struct statement **out);
void statement_close(struct statement *st); /* NULL is fine */

/* A binding that fails is reported by the next step. NULL text binds NULL. */
void statement_bind_text(struct statement *st, int at, const char *text);
void statement_bind_int(struct statement *st, int at, int64_t value);
void statement_bind_real(struct statement *st, int at, double value);
void statement_bind_null(struct statement *st, int at);

/* 1: a row, 0: done (and ready to be bound and stepped again), <0: error. */
int statement_step(struct statement *st);
void statement_reset(struct statement *st);
int statement_run(struct statement *st); /* step to the end, then ready again */

enum statement_type { STATEMENT_NULL, STATEMENT_INT, STATEMENT_REAL, STATEMENT_TEXT };

int statement_columns(const struct statement *st);
const char *statement_column_name(const struct statement *st, int column);
enum statement_type statement_type(struct statement *st, int column);
const char *statement_text(struct statement *st, int column); /* NULL for NULL */
int64_t statement_int(struct statement *st, int column);
double statement_real(struct statement *st, int column);

#endif
