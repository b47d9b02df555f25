/* rows_write.c - writing a table into a SQLite file of the user's. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/index/rows.h"

enum { BUSY_MS = 10000 };

struct rows_writer {
	sqlite3 *db;
	sqlite3_stmt *st;
	char *path, *table;
	bool made; /* the file was not there before */
	int bind;  /* the first binding that failed */
};

static int reason(const struct rows_writer *w, int rc)
{
	int code = rc == SQLITE_BUSY			     ? ERR_BUSY
		   : rc == SQLITE_FULL || rc == SQLITE_IOERR ? ERR_IO
							     : ERR_INPUT;

	return error_set(code, "cannot write table '%s' in '%s': %s", w->table, w->path,
			 sqlite3_errmsg(w->db));
}

static int run(struct rows_writer *w, const char *sql)
{
	int rc = sqlite3_exec(w->db, sql, NULL, NULL, NULL);

	return rc ? reason(w, rc) : 0;
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

/* The first column of the first row of a statement with one text parameter; caller frees. */
static char *lookup(sqlite3 *db, const char *sql, const char *value)
{
	sqlite3_stmt *st = NULL;
	char *out = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK) {
		sqlite3_bind_text(st, 1, value, -1, SQLITE_STATIC);
		if (sqlite3_step(st) == SQLITE_ROW && sqlite3_column_text(st, 0))
			out = xstrdup((const char *)sqlite3_column_text(st, 0));
	}
	sqlite3_finalize(st);
	return out;
}

static const char SELECT_TABLE[] = "SELECT name FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE";
static const char SELECT_STAMP[] = "SELECT stamp FROM mich_written WHERE name = ?1 COLLATE NOCASE";
static const char SELECT_ARTIFACT[] =
	"SELECT artifact FROM mich_written WHERE name = ?1 COLLATE NOCASE";
static const char CREATE_WRITTEN[] =
	"CREATE TABLE IF NOT EXISTS mich_written"
	"(name TEXT PRIMARY KEY COLLATE NOCASE, stamp TEXT, artifact TEXT)";
static const char INSERT_STAMP[] = "INSERT OR REPLACE INTO mich_written(name, stamp, artifact) "
				   "VALUES (?1, ?2, ?3)";

/* Nothing of that name may be there, unless the same artifact wrote it before. */
static int make_way(struct rows_writer *w, const char *stamp)
{
	char *there = lookup(w->db, SELECT_TABLE, w->table);
	char *artifact = there ? lookup(w->db, SELECT_ARTIFACT, w->table) : NULL;
	size_t n = stamp ? strcspn(stamp, "@") : 0;
	struct buf b = BUF_INIT;
	int rc = 0;

	if (there &&
	    (!stamp || !artifact || strlen(artifact) != n || strncmp(artifact, stamp, n) != 0)) {
		error_set(ERR_EXISTS, "cannot write table '%s' in '%s': it is there already%s%s",
			  w->table, w->path, artifact ? ", made by " : "",
			  artifact ? artifact : "");
		rc = error_hint(ERR_EXISTS, "name another table, or drop this one yourself");
	} else if (there) {
		buf_addstr(&b, "DROP TABLE ");
		add_ident(&b, there);
		rc = run(w, b.data);
	}
	buf_clear(&b);
	free(artifact);
	free(there);
	return rc;
}

static int note_stamp(struct rows_writer *w, const char *stamp)
{
	sqlite3_stmt *st = NULL;
	int rc = run(w, CREATE_WRITTEN), sql;

	if (rc)
		return rc;
	sql = sqlite3_prepare_v2(w->db, INSERT_STAMP, -1, &st, NULL);
	if (!sql) {
		sqlite3_bind_text(st, 1, w->table, -1, SQLITE_STATIC);
		sqlite3_bind_text(st, 2, stamp, -1, SQLITE_STATIC);
		sqlite3_bind_text(st, 3, stamp, (int)strcspn(stamp, "@"), SQLITE_STATIC);
		sql = sqlite3_step(st);
	}
	sqlite3_finalize(st);
	return sql == SQLITE_DONE ? 0 : reason(w, sql);
}

static int make_table(struct rows_writer *w, const char *const *names, const char *const *types,
		      size_t n)
{
	struct buf create = BUF_INIT, insert = BUF_INIT;
	int rc;

	buf_addstr(&create, "CREATE TABLE ");
	add_ident(&create, w->table);
	buf_addstr(&insert, "INSERT INTO ");
	add_ident(&insert, w->table);
	buf_addstr(&insert, " VALUES ");
	for (size_t i = 0; i < n; i++) {
		buf_addch(&create, i ? ',' : '(');
		add_ident(&create, names[i]);
		buf_addf(&create, " %s", types[i]);
		buf_addf(&insert, "%c?%zu", i ? ',' : '(', i + 1);
	}
	buf_addch(&create, ')');
	buf_addch(&insert, ')');
	rc = run(w, create.data);
	if (!rc && (rc = sqlite3_prepare_v2(w->db, insert.data, -1, &w->st, NULL)))
		rc = reason(w, rc);
	buf_clear(&create);
	buf_clear(&insert);
	return rc;
}

int rows_create(const char *path, const char *table, const char *const *names,
		const char *const *types, size_t n, const char *stamp, struct rows_writer **out)
{
	struct rows_writer *w = xcalloc(1, sizeof *w);
	int rc;

	w->path = xstrdup(path);
	w->table = xstrdup(table);
	w->made = !file_exists(path);
	if (!*table || !n || strcmp(table, "mich_written") == 0)
		rc = error_set(ERR_INPUT,
			       "cannot write table '%s' in '%s': it needs a name and columns",
			       table, path);
	else if (sqlite3_open_v2(path, &w->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL))
		rc = reason(w, SQLITE_CANTOPEN);
	else {
		sqlite3_busy_timeout(w->db, BUSY_MS);
		sqlite3_db_config(w->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		rc = run(w, "BEGIN IMMEDIATE");
		if (!rc)
			rc = make_way(w, stamp);
		if (!rc)
			rc = make_table(w, names, types, n);
		if (!rc && stamp)
			rc = note_stamp(w, stamp);
	}
	if (rc)
		rows_abort(w);
	else
		*out = w;
	return rc;
}

void rows_bind_int(struct rows_writer *w, size_t column, int64_t v)
{
	int rc = sqlite3_bind_int64(w->st, (int)column + 1, v);

	w->bind = w->bind ? w->bind : rc;
}

void rows_bind_real(struct rows_writer *w, size_t column, double v)
{
	int rc = sqlite3_bind_double(w->st, (int)column + 1, v);

	w->bind = w->bind ? w->bind : rc;
}

void rows_bind_text(struct rows_writer *w, size_t column, const char *v)
{
	int rc = sqlite3_bind_text(w->st, (int)column + 1, v, -1, SQLITE_STATIC);

	w->bind = w->bind ? w->bind : rc;
}

int rows_put(struct rows_writer *w)
{
	int rc = w->bind ? w->bind : sqlite3_step(w->st);

	if (rc != SQLITE_DONE)
		return reason(w, rc);
	sqlite3_reset(w->st);
	sqlite3_clear_bindings(w->st);
	return 0;
}

static void writer_free(struct rows_writer *w)
{
	sqlite3_finalize(w->st);
	sqlite3_close(w->db);
	free(w->path);
	free(w->table);
	free(w);
}

int rows_commit(struct rows_writer *w)
{
	int rc;

	sqlite3_finalize(w->st);
	w->st = NULL;
	rc = run(w, "COMMIT");
	if (rc)
		rows_abort(w);
	else
		writer_free(w);
	return rc;
}

void rows_abort(struct rows_writer *w)
{
	if (!w)
		return;
	sqlite3_finalize(w->st);
	w->st = NULL;
	if (w->db)
		sqlite3_exec(w->db, "ROLLBACK", NULL, NULL, NULL);
	if (w->made && w->db && w->path)
		remove(w->path);
	writer_free(w);
}

char *rows_stamp(const char *path, const char *table)
{
	sqlite3 *db = NULL;
	char *out = NULL;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK) {
		char *there = lookup(db, SELECT_TABLE, table);

		out = there ? lookup(db, SELECT_STAMP, table) : NULL;
		free(there);
	}
	sqlite3_close(db);
	return out;
}
