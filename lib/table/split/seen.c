/* seen.c - a semi join over all common columns, numbered by the place in the file. */
#include "lib/table/split/seen.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/table/duckdb/session.h"
#include "lib/table/duckdb/sql.h"

/* Names and types of a file's columns. */
struct shape {
	struct answer a; /* (columns): name, type, ... */
};

static int read_shape(struct session *s, const char *path, struct shape *out)
{
	struct buf sql = BUF_INIT;
	int rc;

	buf_addstr(&sql, "DESCRIBE SELECT * FROM read_parquet(");
	sql_text(&sql, path);
	buf_addstr(&sql, ")");
	rc = answer_query(s, sql.data, "read the columns", &out->a);
	buf_clear(&sql);
	return rc;
}

static const char *type_in(const struct shape *s, const char *name)
{
	for (size_t i = 0; i < s->a.rows; i++)
		if (!strcmp(answer_at(&s->a, i, 0), name))
			return answer_at(&s->a, i, 1);
	return NULL;
}

static bool is_number(const char *type)
{
	static const char *const heads[] = { "TINYINT", "SMALLINT", "INTEGER",	 "BIGINT",
					     "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
					     "UBIGINT", "UHUGEINT", "FLOAT",	 "DOUBLE",
					     "DECIMAL(" };

	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		if (!strncmp(type, heads[i], strlen(heads[i])))
			return true;
	return false;
}

static void add_column(struct buf *b, const char *table, const char *name, bool as_text)
{
	buf_addf(b, "%s%s.", as_text ? "CAST(" : "", table);
	sql_ident(b, name);
	buf_addstr(b, as_text ? " AS VARCHAR)" : "");
}

/* What it takes for two rows to be the same one; out->columns says by what. */
static void add_conditions(const struct shape *rows, const struct shape *known, struct buf *b,
			   struct table_seen *out)
{
	for (size_t i = 0; i < rows->a.rows; i++) {
		const char *name = answer_at(&rows->a, i, 0), *type = answer_at(&rows->a, i, 1);
		const char *other = type_in(known, name);
		bool as_text =
			other && strcmp(type, other) && !(is_number(type) && is_number(other));

		if (!other)
			continue;
		buf_addstr(b, out->columns.n ? " AND " : "");
		add_column(b, "r", name, as_text);
		buf_addstr(b, " IS NOT DISTINCT FROM ");
		add_column(b, "k", name, as_text);
		strlist_add(&out->columns, name);
	}
}

static int count_rows(struct session *s, const char *path, int64_t *out)
{
	struct buf sql = BUF_INIT;
	struct answer a = { 0 };
	int rc;

	buf_addstr(&sql, "SELECT count(*) FROM read_parquet(");
	sql_text(&sql, path);
	buf_addstr(&sql, ")");
	rc = answer_query(s, sql.data, "count the rows", &a);
	*out = rc ? 0 : strtoll(answer_at(&a, 0, 0), NULL, 10);
	answer_clear(&a);
	buf_clear(&sql);
	return rc;
}

static int mark(struct session *s, const char *sql, struct table_seen *out)
{
	struct cursor c = { 0 };
	int rc = cursor_open(&c, s->conn, sql, "look for rows that were trained on");

	while (!rc && (rc = cursor_next(&c)) > 0) {
		void *column = duck.data_chunk_get_vector(c.chunk, 0);
		const int64_t *at = duck.vector_get_data(column);

		for (uint64_t i = 0; i < c.rows; i++)
			if (at[i] >= 0 && at[i] < out->rows && !out->mask[at[i]]) {
				out->mask[at[i]] = 1;
				out->n++;
			}
		rc = 0;
	}
	cursor_close(&c);
	return rc;
}

static int look(struct session *s, const char *path, const char *in, struct table_seen *out)
{
	struct shape rows = { 0 }, known = { 0 };
	struct buf sql = BUF_INIT;
	int rc = read_shape(s, path, &rows);

	if (!rc)
		rc = read_shape(s, in, &known);
	if (!rc)
		rc = count_rows(s, path, &out->rows);
	if (!rc)
		rc = mem_alloc((size_t)out->rows, 1, &out->mask);
	if (rc)
		goto out;
	buf_addstr(&sql, "SELECT r.file_row_number::BIGINT FROM read_parquet(");
	sql_text(&sql, path);
	buf_addstr(&sql, ", file_row_number = true) r SEMI JOIN read_parquet(");
	sql_text(&sql, in);
	buf_addstr(&sql, ") k ON ");
	add_conditions(&rows, &known, &sql, out);
	if (out->columns.n)
		rc = mark(s, sql.data, out);
out:
	answer_clear(&rows.a);
	answer_clear(&known.a);
	buf_clear(&sql);
	return rc;
}

int table_seen(const char *path, const char *in, int threads, const char *scratch_dir,
	       struct table_seen *out)
{
	struct session_opts opts = { .threads = threads, .scratch_dir = scratch_dir };
	char *paths[2] = { realpath(path, NULL), realpath(in, NULL) };
	struct session *s = NULL;
	int rc = 0;

	*out = (struct table_seen)TABLE_SEEN_INIT;
	for (int i = 0; !rc && i < 2; i++) {
		if (paths[i])
			strlist_add(&opts.paths, paths[i]);
		else
			rc = error_errno("cannot read '%s'", i ? in : path);
	}
	if (!rc)
		rc = session_open(&opts, &s);
	if (!rc)
		rc = session_lock(s);
	if (!rc)
		rc = look(s, paths[0], paths[1], out);
	session_close(s);
	strlist_clear(&opts.paths);
	free(paths[0]);
	free(paths[1]);
	if (rc)
		table_seen_clear(out);
	return rc;
}

void table_seen_clear(struct table_seen *s)
{
	free(s->mask);
	strlist_clear(&s->columns);
	*s = (struct table_seen)TABLE_SEEN_INIT;
}
