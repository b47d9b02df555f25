/* scan.c - rows of table files as frames. */
#include "lib/table/rows/scan.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/table/duckdb/room.h"
#include "lib/table/duckdb/sql.h"
#include "lib/table/source/inputs.h"

struct table_scan {
	struct inputs in;
	struct query q;
	struct strlist names;
	struct cursor c;
	struct room *room;	  /* (n) */
	struct frame_column *col; /* (n) */
	size_t n, most;		  /* columns; rows of a frame */
	struct frame head;
	bool ended;
	bool held; /* c.chunk is a chunk that did not fit the last frame */
};

static bool is_one_of(const char *type, const char *const *types)
{
	for (; *types; types++)
		if (strcmp(type, *types) == 0)
			return true;
	return false;
}

/* The frame's type of DuckDB's, and what to cast it to first; NULL: nothing. */
static enum frame_type frame_type_of(const char *type, const char **cast)
{
	static const char *const ints[] = { "TINYINT",	 "SMALLINT", "INTEGER", "UTINYINT",
					    "USMALLINT", "UINTEGER", NULL };
	static const char *const doubles[] = { "FLOAT", "UBIGINT", "HUGEINT", "UHUGEINT", NULL };
	static const char *const times[] = {
		"DATE", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE",
		NULL
	};

	*cast = NULL;
	if (strcmp(type, "BOOLEAN") == 0)
		return FRAME_BOOL;
	if (strcmp(type, "BIGINT") == 0)
		return FRAME_INT;
	if (strcmp(type, "DOUBLE") == 0)
		return FRAME_DOUBLE;
	if (strcmp(type, "VARCHAR") == 0)
		return FRAME_STRING;
	if (strcmp(type, "TIMESTAMP") == 0)
		return FRAME_TIME;
	if (is_one_of(type, ints)) {
		*cast = "BIGINT";
		return FRAME_INT;
	}
	if (is_one_of(type, doubles) || strncmp(type, "DECIMAL", 7) == 0) {
		*cast = "DOUBLE";
		return FRAME_DOUBLE;
	}
	if (is_one_of(type, times)) {
		*cast = "TIMESTAMP";
		return FRAME_TIME;
	}
	*cast = "VARCHAR";
	return FRAME_STRING;
}

/* The columns that are wanted, as positions in names. */
static int choose(const struct strlist *names, const char *const *columns, size_t n, size_t *out)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < names->n && strcmp(names->v[k], columns ? columns[i] : names->v[i]) != 0)
			k++;
		if (k == names->n) {
			error_set(ERR_INPUT,
				  "cannot read column '%s': the table has none of that name",
				  columns[i]);
			return strlist_hint(ERR_INPUT, (const char *const *)names->v, names->n,
					    columns[i]);
		}
		out[i] = k;
	}
	return 0;
}

static struct table_scan *scan_new(void)
{
	struct table_scan *s = xcalloc(1, sizeof *s);

	s->most = ROOM_ROWS;
	return s;
}

static void make_room(struct table_scan *s, size_t i, enum frame_type type)
{
	room_init(&s->room[i], type, s->most);
	s->col[i] =
		(struct frame_column){ .name = s->names.v[i], .type = type, .s = s->room[i].data };
}

/* Open the cursor over what stands after FROM, casting what frames do not have. */
static int start(struct table_scan *s, const char *from, const struct strlist *names,
		 const struct strlist *types, const char *const *columns, size_t n)
{
	struct buf b = BUF_INIT;
	size_t *at;
	int rc;

	if (!columns)
		n = names->n;
	at = xcalloc(n + 1, sizeof *at);
	rc = choose(names, columns, n, at);
	s->n = rc ? 0 : n;
	s->room = xcalloc(n + 1, sizeof *s->room);
	s->col = xcalloc(n + 1, sizeof *s->col);
	buf_addstr(&b, "SELECT ");
	for (size_t i = 0; i < s->n; i++)
		strlist_add(&s->names, names->v[at[i]]);
	for (size_t i = 0; i < s->n; i++) {
		const char *cast;
		enum frame_type type = frame_type_of(types->v[at[i]], &cast);

		buf_addstr(&b, i ? ", " : "");
		if (cast)
			buf_addstr(&b, "CAST(");
		sql_ident(&b, s->names.v[i]);
		if (cast)
			buf_addf(&b, " AS %s)", cast);
		make_room(s, i, type);
	}
	if (!s->n)
		buf_addstr(&b, "1");
	buf_addf(&b, " FROM %s", from);
	s->head = (struct frame){ .n = s->n, .cols = s->col };
	if (!rc)
		rc = inputs_explain(&s->in,
				    cursor_open(&s->c, s->in.s->conn, b.data, "read the rows"));
	free(at);
	buf_clear(&b);
	return rc;
}

/* Several files must have the same columns of the same types. */
static int same_columns(const struct input *a, const struct input *b)
{
	for (size_t i = 0; i < a->names.n; i++) {
		size_t k = 0;

		while (k < b->names.n && strcmp(a->names.v[i], b->names.v[k]) != 0)
			k++;
		if (k == b->names.n)
			return error_set(
				ERR_INPUT,
				"cannot read '%s' and '%s' as one table: column '%s' is in the "
				"first only",
				a->shown, b->shown, a->names.v[i]);
		if (strcmp(a->types.v[i], b->types.v[k]) != 0)
			return error_set(
				ERR_INPUT,
				"cannot read '%s' and '%s' as one table: column '%s' changed its "
				"type from %s to %s",
				a->shown, b->shown, a->names.v[i], a->types.v[i], b->types.v[k]);
	}
	return 0;
}

/* All files one after the other; UNION ALL keeps their order. */
static int union_of(const struct inputs *in, struct buf *b)
{
	int rc = 0;

	if (in->n == 1) {
		buf_addstr(b, in->v[0].sql);
		return 0;
	}
	buf_addch(b, '(');
	for (size_t i = 0; i < in->n && !rc; i++) {
		if (i)
			rc = same_columns(&in->v[0], &in->v[i]);
		buf_addf(b, "%sSELECT ", i ? " UNION ALL " : "");
		for (size_t k = 0; k < in->v[0].names.n; k++) {
			buf_addstr(b, k ? ", " : "");
			sql_ident(b, in->v[0].names.v[k]);
		}
		buf_addf(b, " FROM %s", in->v[i].sql);
	}
	buf_addch(b, ')');
	return rc;
}

static int open_files(struct inputs *in, const char *const *paths, size_t n, int threads)
{
	struct table_source *sources = xcalloc(n + 1, sizeof *sources);
	struct strlist names = STRLIST_INIT;
	int rc;

	for (size_t i = 0; i < n; i++)
		strlist_addf(&names, "file %zu", i);
	for (size_t i = 0; i < n; i++)
		sources[i] = (struct table_source){ .name = names.v[i], .path = paths[i] };
	rc = inputs_open(in, sources, n, threads, 0, NULL);
	free(sources);
	strlist_clear(&names);
	return rc;
}

int table_scan_open(const char *const *paths, size_t n, const char *const *columns,
		    size_t n_columns, int threads, struct table_scan **out)
{
	struct table_scan *s = scan_new();
	struct buf from = BUF_INIT;
	int rc = open_files(&s->in, paths, n, threads);

	if (!rc)
		rc = union_of(&s->in, &from);
	if (!rc)
		rc = session_lock(s->in.s);
	if (!rc)
		rc = start(s, from.data, &s->in.v[0].names, &s->in.v[0].types, columns, n_columns);
	buf_clear(&from);
	if (rc)
		table_scan_close(s);
	else
		*out = s;
	return rc;
}

int table_query_scan(const struct table_ask *ask, struct table_scan **out)
{
	struct table_scan *s = scan_new();
	struct buf from = BUF_INIT;
	const char *how;
	char *sql = NULL;
	int rc;

	if ((rc = inputs_open(&s->in, ask->sources, ask->n_sources, ask->threads, 0,
			      ask->scratch_dir)) ||
	    (rc = inputs_ask(&s->in, ask->sql, ask->clock_ms, false, &s->q)) ||
	    (rc = query_ordered(s->in.s, &s->q, NULL, 0, &how, &sql)) ||
	    (s->q.sequential && (rc = session_threads(s->in.s, 1))) || (rc = inputs_settle(&s->in)))
		goto out;
	buf_addf(&from, "(%s\n)", sql);
	rc = start(s, from.data, &s->q.names, &s->q.types, NULL, 0);
out:
	free(sql);
	buf_clear(&from);
	if (rc)
		table_scan_close(s);
	else
		*out = s;
	return rc;
}

void table_scan_frames(struct table_scan *s, int64_t rows)
{
	if (rows <= ROOM_ROWS)
		return;
	s->most = (size_t)rows;
	for (size_t i = 0; i < s->n; i++) {
		room_clear(&s->room[i]);
		make_room(s, i, s->col[i].type);
	}
}

int table_scan_next(struct table_scan *s, struct frame *out)
{
	size_t n = 0;
	int rc = 0;

	*out = s->head;
	for (size_t i = 0; i < s->n; i++)
		room_reset(&s->room[i]);
	while (!s->ended) {
		if (!s->held && (rc = cursor_next(&s->c)) <= 0) {
			s->ended = true;
			break;
		}
		s->held = n + s->c.rows > s->most;
		if (s->held)
			break;
		for (size_t i = 0; i < s->n; i++)
			room_add(&s->room[i], n, duck.data_chunk_get_vector(s->c.chunk, i),
				 s->c.rows);
		n += s->c.rows;
	}
	if (rc < 0)
		return inputs_explain(&s->in, rc);
	for (size_t i = 0; i < s->n; i++) {
		room_finish(&s->room[i], n);
		s->col[i].valid = s->room[i].missing ? s->room[i].valid : NULL;
	}
	out->rows = (int64_t)n;
	return n > 0;
}

const struct frame *table_scan_head(const struct table_scan *s)
{
	return &s->head;
}

void table_scan_close(struct table_scan *s)
{
	if (!s)
		return;
	cursor_close(&s->c);
	query_clear(&s->q);
	inputs_close(&s->in);
	for (size_t i = 0; i < s->n; i++)
		room_clear(&s->room[i]);
	free(s->room);
	free(s->col);
	strlist_clear(&s->names);
	free(s);
}

int table_rows(const char *const *paths, size_t n, int64_t *out)
{
	struct inputs in = { 0 };
	struct answer a = { 0 };
	int rc = open_files(&in, paths, n, 0);

	*out = 0;
	for (size_t i = 0; i < in.n && !rc; i++) {
		char *sql = xasprintf("SELECT count(*) FROM %s", in.v[i].sql);

		rc = answer_query(in.s, sql, "count the rows", &a);
		if (!rc)
			*out += strtoll(answer_at(&a, 0, 0), NULL, 10);
		answer_clear(&a);
		free(sql);
	}
	inputs_close(&in);
	return rc;
}
