/* input_sqlite.c - a table of a SQLite file, copied into the session. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/index/rows.h"
#include "lib/table/duckdb/feed.h"
#include "lib/table/duckdb/sql.h"
#include "lib/table/source/input.h"

struct pump {
	struct rows *rows;
	const int *type; /* (n) DUCK_BIGINT, DUCK_DOUBLE or DUCK_VARCHAR */
	size_t n;
	bool ended;
};

/*
 * SQLite's columns have no type, only its values do: all integers are BIGINT, integers and reals
 * DOUBLE, anything with text VARCHAR. A column of nothing is VARCHAR.
 */
static int choose_type(const struct input *in, const char *name, unsigned seen, int *out)
{
	if (seen & 1U << ROWS_BLOB)
		return error_set(ERR_INPUT, "cannot read '%s': column '%s' holds blobs", in->shown,
				 name);
	if (!(seen & ~(1U << ROWS_NULL)) || seen & 1U << ROWS_TEXT)
		*out = DUCK_VARCHAR;
	else
		*out = seen & 1U << ROWS_REAL ? DUCK_DOUBLE : DUCK_BIGINT;
	return 0;
}

static int put_cell(struct pump *p, void *vector, size_t column, uint64_t row)
{
	const char *s;
	size_t n;

	if (rows_kind(p->rows, column) == ROWS_NULL) {
		duck.vector_ensure_validity_writable(vector);
		duck.vector_get_validity(vector)[row >> 6] &= ~(UINT64_C(1) << (row & 63));
	} else if (p->type[column] == DUCK_BIGINT) {
		((int64_t *)duck.vector_get_data(vector))[row] = rows_int(p->rows, column);
	} else if (p->type[column] == DUCK_DOUBLE) {
		((double *)duck.vector_get_data(vector))[row] = rows_real(p->rows, column);
	} else {
		s = rows_text(p->rows, column, &n);
		if (!duck_is_utf8(s, n))
			return error_set(ERR_INPUT, "column '%s' holds text that is not UTF-8",
					 rows_name(p->rows, column));
		duck.vector_assign_string_element_len(vector, row, s, n);
	}
	return 0;
}

static int pump_next(struct feed *f, void *chunk)
{
	struct pump *p = f->payload;
	uint64_t n = 0, most = duck.vector_size();
	int rc = 0;

	for (; n < most && !p->ended; n++) {
		rc = rows_next(p->rows);
		p->ended = rc <= 0;
		if (p->ended)
			break;
		rc = 0;
		for (size_t c = 0; c < p->n && !rc; c++)
			rc = put_cell(p, duck.data_chunk_get_vector(chunk, c), c, n);
		if (rc)
			break;
	}
	duck.data_chunk_set_size(chunk, n);
	return rc;
}

static int copy(struct session *s, struct input *in, struct pump *p, void **types)
{
	struct feed f = { .n = p->n,
			  .names = (const char *const *)in->names.v,
			  .types = types,
			  .next = pump_next,
			  .payload = p };
	struct buf b = BUF_INIT, table = BUF_INIT;
	int rc;

	buf_addf(&table, "mich.copy%zu", s->n_feeds);
	buf_addf(&b, "CREATE TABLE %s AS SELECT * FROM ", table.data);
	rc = feed_sql(s, &f, &b);
	if (!rc)
		rc = session_exec(s, b.data, "read it");
	if (!rc)
		in->sql = buf_take(&table);
	buf_clear(&table);
	buf_clear(&b);
	return rc;
}

static int settle(struct session *s, struct input *in, struct pump *p, unsigned *seen, int *type,
		  void **types)
{
	int rc = rows_survey(p->rows, seen);

	for (size_t i = 0; i < p->n && !rc; i++) {
		rc = choose_type(in, rows_name(p->rows, i), seen[i], &type[i]);
		strlist_add(&in->names, rows_name(p->rows, i));
		strlist_add(&in->types, type[i] == DUCK_BIGINT	 ? "BIGINT"
					: type[i] == DUCK_DOUBLE ? "DOUBLE"
								 : "VARCHAR");
		types[i] = rc ? NULL : duck.create_logical_type(type[i]);
	}
	p->type = type;
	return rc ? rc : copy(s, in, p, types);
}

int input_read_sqlite(struct session *s, struct input *in)
{
	struct pump p = { 0 };
	unsigned *seen;
	void **types;
	int *type, rc = rows_open(in->files.v[0], in->member, &p.rows);

	if (rc)
		return rc;
	p.n = rows_columns(p.rows);
	seen = xcalloc(p.n + 1, sizeof *seen);
	type = xcalloc(p.n + 1, sizeof *type);
	types = xcalloc(p.n + 1, sizeof *types);
	if ((rc = settle(s, in, &p, seen, type, types)))
		error_wrap(rc, "'%s'", in->shown);
	for (size_t i = 0; i < p.n; i++)
		if (types[i])
			duck.destroy_logical_type(&types[i]);
	free(types);
	free(type);
	free(seen);
	rows_close(p.rows);
	return rc;
}
