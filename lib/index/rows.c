/* rows.c - reading a table of a SQLite file of the user's. */
#include "lib/index/rows.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"

struct rows {
	sqlite3 *db;
	sqlite3_stmt *st;
	char *path, *table;
	struct strlist names;
};

static int reason(const struct rows *r)
{
	int code = sqlite3_errcode(r->db) == SQLITE_IOERR ? ERR_IO : ERR_INPUT;

	return error_set(code, "cannot read '%s': %s", r->path, sqlite3_errmsg(r->db));
}

static void add_ident(struct buf *b, const char *name)
{
	buf_addch(b, '"');
	for (; *name; name++) {
		if (*name == '"')
			buf_addch(b, '"');
		buf_addch(b, *name);
	}
	buf_addch(b, '"');
}

/* "file:PATH?immutable=1": no lock, no journal, no -shm file is made beside it. */
static char *uri_of(const char *path)
{
	struct buf b = BUF_INIT;

	buf_addstr(&b, "file:");
	for (; *path; path++) {
		if (strchr("%?#", *path))
			buf_addf(&b, "%%%02x", (unsigned char)*path);
		else
			buf_addch(&b, *path);
	}
	buf_addstr(&b, "?mode=ro&immutable=1");
	return buf_take(&b);
}

static int refuse_log(const char *path)
{
	char *log = xasprintf("%s-wal", path);
	struct stat st;
	bool there = stat(log, &st) == 0 && st.st_size > 0;

	free(log);
	if (!there)
		return 0;
	error_set(ERR_INPUT, "cannot read '%s': rows of it are still in its write-ahead log", path);
	return error_hint(ERR_INPUT, "sqlite3 '%s' 'PRAGMA wal_checkpoint(TRUNCATE)'", path);
}

static int open_database(struct rows *r)
{
	char *uri = uri_of(r->path);
	int rc = sqlite3_open_v2(uri, &r->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);

	free(uri);
	if (rc)
		return reason(r);
	sqlite3_db_config(r->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(r->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(r->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_db_config(r->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	return sqlite3_exec(r->db, "PRAGMA cell_size_check = 1; PRAGMA mmap_size = 0", NULL, NULL,
			    NULL)
		       ? reason(r)
		       : 0;
}

static int list_tables(struct rows *r, struct strlist *out)
{
	static const char SELECT_TABLES[] =
		"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' "
		"AND name <> 'mich_written' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name";
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(r->db, SELECT_TABLES, -1, &st, NULL);

	while (!rc && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		strlist_add(out, (const char *)sqlite3_column_text(st, 0));
		rc = 0;
	}
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : reason(r);
}

static int choose_table(struct rows *r, const char *table)
{
	struct strlist tables = STRLIST_INIT;
	struct buf b = BUF_INIT;
	int rc = list_tables(r, &tables);

	for (size_t i = 0; i < tables.n; i++) {
		buf_addf(&b, "%s%s", i ? ", " : "", tables.v[i]);
		if (table ? sqlite3_stricmp(table, tables.v[i]) == 0 : tables.n == 1)
			r->table = xstrdup(tables.v[i]);
	}
	if (!rc && !r->table && table)
		rc = error_set(ERR_INPUT, "cannot read '%s': it has no table '%s', only: %s",
			       r->path, table, b.data);
	else if (!rc && !r->table)
		rc = tables.n
			     ? error_set(ERR_INPUT, "cannot read '%s': say which of its tables: %s",
					 r->path, b.data)
			     : error_set(ERR_INPUT, "cannot read '%s': it holds no table", r->path);
	strlist_clear(&tables);
	buf_clear(&b);
	return rc;
}

static int open_rows(struct rows *r)
{
	struct buf b = BUF_INIT;
	int rc;

	buf_addstr(&b, "SELECT * FROM ");
	add_ident(&b, r->table);
	rc = sqlite3_prepare_v2(r->db, b.data, -1, &r->st, NULL) ? reason(r) : 0;
	for (int i = 0; !rc && i < sqlite3_column_count(r->st); i++)
		strlist_add(&r->names, sqlite3_column_name(r->st, i));
	buf_clear(&b);
	return rc;
}

int rows_open(const char *path, const char *table, struct rows **out)
{
	struct rows *r = xcalloc(1, sizeof *r);
	int rc;

	r->path = xstrdup(path);
	if ((rc = refuse_log(path)) || (rc = open_database(r)) || (rc = choose_table(r, table)) ||
	    (rc = open_rows(r)))
		rows_close(r);
	else
		*out = r;
	return rc;
}

void rows_close(struct rows *r)
{
	if (!r)
		return;
	sqlite3_finalize(r->st);
	sqlite3_close(r->db);
	strlist_clear(&r->names);
	free(r->path);
	free(r->table);
	free(r);
}

size_t rows_columns(const struct rows *r)
{
	return r->names.n;
}

const char *rows_name(const struct rows *r, size_t column)
{
	return r->names.v[column];
}

int rows_survey(struct rows *r, unsigned *seen)
{
	int rc;

	memset(seen, 0, r->names.n * sizeof *seen);
	while ((rc = rows_next(r)) > 0)
		for (size_t i = 0; i < r->names.n; i++)
			seen[i] |= 1U << rows_kind(r, i);
	sqlite3_reset(r->st);
	return rc;
}

int rows_next(struct rows *r)
{
	int rc = sqlite3_step(r->st);

	return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : reason(r);
}

enum rows_kind rows_kind(struct rows *r, size_t column)
{
	switch (sqlite3_column_type(r->st, (int)column)) {
	case SQLITE_INTEGER:
		return ROWS_INT;
	case SQLITE_FLOAT:
		return ROWS_REAL;
	case SQLITE_TEXT:
		return ROWS_TEXT;
	case SQLITE_BLOB:
		return ROWS_BLOB;
	default:
		return ROWS_NULL;
	}
}

int64_t rows_int(struct rows *r, size_t column)
{
	return sqlite3_column_int64(r->st, (int)column);
}

double rows_real(struct rows *r, size_t column)
{
	return sqlite3_column_double(r->st, (int)column);
}

const char *rows_text(struct rows *r, size_t column, size_t *n_out)
{
	const char *s = (const char *)sqlite3_column_text(r->st, (int)column);

	*n_out = s ? (size_t)sqlite3_column_bytes(r->st, (int)column) : 0;
	return s ? s : "";
}
