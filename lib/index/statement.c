/* statement.c - one SQL statement. */
#include "lib/index/statement.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/index/database.h"

struct statement {
	sqlite3_stmt *st;
	int failed; /* of a binding */
};

static int prepare(struct index *x, const char *sql, const char **rest, struct statement **out)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(x->db, sql, -1, &st, rest);

	*out = NULL;
	if (rc != SQLITE_OK)
		return database_fail(x->db, rc, x->guarded ? "cannot run the query" : "index");
	if (!st)
		return error_set(ERR_INPUT, "the query is empty");
	*out = xcalloc(1, sizeof(**out));
	(*out)->st = st;
	return 0;
}

int statement_open(struct index *x, const char *sql, struct statement **out)
{
	return prepare(x, sql, NULL, out);
}

static int allow_reading(void *payload, int action, const char *a, const char *b, const char *c,
			 const char *d)
{
	(void)payload;
	(void)a;
	(void)c;
	(void)d;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		return b && !sqlite3_stricmp(b, "load_extension") ? SQLITE_DENY : SQLITE_OK;
	case SQLITE_PRAGMA:
		return a && (!sqlite3_stricmp(a, "table_info") || !sqlite3_stricmp(a, "table_list"))
			       ? SQLITE_OK
			       : SQLITE_DENY;
	}
	return SQLITE_DENY;
}

int statement_open_guarded(struct index *x, const char *sql, struct statement **out)
{
	const char *rest = "";
	int rc;

	sqlite3_set_authorizer(x->db, allow_reading, NULL);
	x->guarded = true;
	rc = prepare(x, sql, &rest, out);
	x->guarded = false;
	sqlite3_set_authorizer(x->db, NULL, NULL);
	if (rc < 0) {
		if (!strcmp(sqlite3_errmsg(x->db), "not authorized"))
			rc = error_set(ERR_INPUT,
				       "cannot run the query: the index may only be read");
		return rc;
	}
	rest += strspn(rest, " \t\r\n;");
	if (*rest)
		rc = error_set(ERR_INPUT,
			       "cannot run the query: one statement at a time, not also '%.40s'",
			       rest);
	else if (!sqlite3_stmt_readonly((*out)->st))
		rc = error_set(ERR_INPUT, "cannot run the query: the index may only be read");
	if (rc < 0) {
		statement_close(*out);
		*out = NULL;
	}
	return rc;
}

void statement_close(struct statement *st)
{
	if (!st)
		return;
	sqlite3_finalize(st->st);
	free(st);
}

static void note(struct statement *st, int rc)
{
	if (rc != SQLITE_OK && !st->failed)
		st->failed = rc;
}

void statement_bind_text(struct statement *st, int at, const char *text)
{
	note(st, text ? sqlite3_bind_text(st->st, at, text, -1, SQLITE_TRANSIENT)
		      : sqlite3_bind_null(st->st, at));
}

void statement_bind_int(struct statement *st, int at, int64_t value)
{
	note(st, sqlite3_bind_int64(st->st, at, value));
}

void statement_bind_real(struct statement *st, int at, double value)
{
	note(st, sqlite3_bind_double(st->st, at, value));
}

void statement_bind_null(struct statement *st, int at)
{
	note(st, sqlite3_bind_null(st->st, at));
}

void statement_reset(struct statement *st)
{
	sqlite3_reset(st->st);
	sqlite3_clear_bindings(st->st);
	st->failed = 0;
}

int statement_step(struct statement *st)
{
	int rc = st->failed ? st->failed : sqlite3_step(st->st);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		rc = database_fail(sqlite3_db_handle(st->st), rc, "index");
	else
		rc = 0;
	statement_reset(st);
	return rc;
}

int statement_run(struct statement *st)
{
	int rc;

	while ((rc = statement_step(st)) == 1)
		;
	return rc;
}

int statement_columns(const struct statement *st)
{
	return sqlite3_column_count(st->st);
}

const char *statement_column_name(const struct statement *st, int column)
{
	return sqlite3_column_name(st->st, column);
}

enum statement_type statement_type(struct statement *st, int column)
{
	switch (sqlite3_column_type(st->st, column)) {
	case SQLITE_INTEGER:
		return STATEMENT_INT;
	case SQLITE_FLOAT:
		return STATEMENT_REAL;
	case SQLITE_NULL:
		return STATEMENT_NULL;
	}
	return STATEMENT_TEXT;
}

const char *statement_text(struct statement *st, int column)
{
	return (const char *)sqlite3_column_text(st->st, column);
}

int64_t statement_int(struct statement *st, int column)
{
	return sqlite3_column_int64(st->st, column);
}

double statement_real(struct statement *st, int column)
{
	return sqlite3_column_double(st->st, column);
}
