/* result_write.c - writing the rows of a split. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/table/duckdb/feed.h"
#include "lib/table/duckdb/sql.h"
#include "lib/table/result.h"

/*
 * Rows of an answer in chunks of the full size, whatever chunks they came in: those depend on
 * threads, and the writer ends a row group where a chunk ends.
 */
struct relay {
	struct cursor c;
	size_t n;
	uint64_t at;   /* rows of the current chunk that are handed on */
	void *forward; /* 0, 1, 2, ... */
	bool ended;
};

static void hand_on(struct relay *r, void *chunk, uint64_t have, uint64_t n)
{
	bool whole = !have && !r->at && n == r->c.rows;

	for (size_t i = 0; i < r->n; i++) {
		void *to = duck.data_chunk_get_vector(chunk, i),
		     *from = duck.data_chunk_get_vector(r->c.chunk, i);

		if (whole && n == duck.vector_size())
			duck.vector_reference_vector(to, from);
		else
			duck.vector_copy_sel(from, to, r->forward, r->at + n, r->at, have);
	}
	r->at += n;
}

static int relay_next(struct feed *f, void *chunk)
{
	struct relay *r = f->payload;
	uint64_t have = 0, most = duck.vector_size(), n;
	int rc = 0;

	while (have < most && !r->ended) {
		if (!r->c.chunk || r->at == r->c.rows) {
			rc = cursor_next(&r->c);
			r->at = 0;
			r->ended = rc <= 0;
			if (r->ended)
				break;
		}
		n = r->c.rows - r->at;
		n = n > most - have ? most - have : n;
		hand_on(r, chunk, have, n);
		have += n;
	}
	duck.data_chunk_set_size(chunk, rc < 0 ? 0 : have);
	return rc < 0 ? rc : 0;
}

static void *forward_new(void)
{
	uint64_t n = duck.vector_size();
	void *sel = duck.create_selection_vector(n);
	uint32_t *at = duck.selection_vector_get_data_ptr(sel);

	for (uint64_t i = 0; i < n; i++)
		at[i] = (uint32_t)i;
	return sel;
}

static int write_feed(struct session *s, struct feed *f, const char *path)
{
	struct buf b = BUF_INIT;
	int rc;

	buf_addstr(&b, "COPY (SELECT * FROM ");
	rc = feed_sql(s, f, &b);
	buf_addstr(&b, ") TO ");
	sql_text(&b, path);
	buf_addf(&b, " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE %d, USE_TMP_FILE false)",
		 TABLE_ROW_GROUP);
	if (!rc)
		rc = session_exec(s, b.data, "write the split");
	buf_clear(&b);
	return rc;
}

int result_write(struct result *r, int split, const char *path)
{
	size_t n = r->q->names.n;
	struct relay relay = { .n = n };
	void **types = xcalloc(n, sizeof *types), *conn = NULL;
	struct feed f = { .n = n,
			  .names = (const char *const *)r->q->names.v,
			  .types = types,
			  .next = relay_next,
			  .payload = &relay };
	char sql[64];
	int rc;

	snprintf(sql, sizeof sql, "SELECT * FROM main.%s", split_names[split]);
	if (duck.connect(r->s->db, &conn)) {
		free(types);
		return error_set(ERR_ENGINE, "cannot connect to DuckDB");
	}
	relay.forward = forward_new();
	rc = cursor_open(&relay.c, conn, sql, "read the split");
	for (size_t i = 0; i < n && !rc; i++)
		types[i] = duck.column_logical_type(&relay.c.result, i);
	if (!rc)
		rc = write_feed(r->s, &f, path);
	for (size_t i = 0; i < n; i++)
		if (types[i])
			duck.destroy_logical_type(&types[i]);
	cursor_close(&relay.c);
	duck.destroy_selection_vector(relay.forward);
	duck.disconnect(&conn);
	free(types);
	return rc;
}
