/* cursor.c - rows of an answer as they come. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/table/duckdb/session.h"

int cursor_open(struct cursor *c, void *conn, const char *sql, const char *what)
{
	void *pending = NULL;
	int rc = 0;

	memset(c, 0, sizeof *c);
	c->what = what;
	if (duck.prepare(conn, sql, &c->stmt)) {
		rc = session_error(duck.prepare_error(c->stmt), what);
		goto out;
	}
	if (duck.pending_prepared_streaming(c->stmt, &pending)) {
		rc = session_error(duck.pending_error(pending), what);
		goto out;
	}
	c->open = true;
	if (duck.execute_pending(pending, &c->result))
		rc = session_error(duck.result_error(&c->result), what);
out:
	if (pending)
		duck.destroy_pending(&pending);
	if (rc)
		cursor_close(c);
	return rc;
}

int cursor_next(struct cursor *c)
{
	const char *why;

	do {
		if (c->chunk)
			duck.destroy_data_chunk(&c->chunk);
		c->chunk = duck.fetch_chunk(c->result);
		if (!c->chunk) {
			why = duck.result_error(&c->result);
			return why ? session_error(why, c->what) : 0;
		}
		c->rows = duck.data_chunk_get_size(c->chunk);
	} while (!c->rows);
	return 1;
}

void cursor_close(struct cursor *c)
{
	if (c->chunk)
		duck.destroy_data_chunk(&c->chunk);
	if (c->open)
		duck.destroy_result(&c->result);
	if (c->stmt)
		duck.destroy_prepare(&c->stmt);
	memset(c, 0, sizeof *c);
}

static void answer_add(struct answer *g, struct cursor *c)
{
	g->cell = xrealloc(g->cell, (g->rows + c->rows) * g->cols * sizeof *g->cell);
	for (size_t col = 0; col < g->cols; col++) {
		void *v = duck.data_chunk_get_vector(c->chunk, col);
		const struct duck_string *s = duck.vector_get_data(v);
		const uint64_t *valid = duck.vector_get_validity(v);

		for (uint64_t i = 0; i < c->rows; i++)
			g->cell[(g->rows + i) * g->cols + col] =
				duck_valid(valid, i)
					? xstrndup(duck_string_data(&s[i]), s[i].length)
					: NULL;
	}
	g->rows += c->rows;
}

int answer_query(struct session *s, const char *sql, const char *what, struct answer *out)
{
	struct buf b = BUF_INIT;
	struct cursor c;
	int rc;

	memset(out, 0, sizeof *out);
	buf_addf(&b, "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (%s)", sql);
	rc = cursor_open(&c, s->conn, b.data, what);
	buf_clear(&b);
	if (rc)
		return rc;
	out->cols = duck.column_count(&c.result);
	while ((rc = cursor_next(&c)) > 0)
		answer_add(out, &c);
	cursor_close(&c);
	if (rc)
		answer_clear(out);
	return rc;
}

const char *answer_at(const struct answer *g, size_t row, size_t col)
{
	return g->cell[row * g->cols + col];
}

void answer_clear(struct answer *g)
{
	for (size_t i = 0; i < g->rows * g->cols; i++)
		free(g->cell[i]);
	free(g->cell);
	memset(g, 0, sizeof *g);
}
