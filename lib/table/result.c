/* result.c - which split each row of a data set step belongs to. */
#include "lib/table/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/table/duckdb/sql.h"
#include "lib/table/split/sip.h"

static int find_column(const struct query *q, const char *name, size_t *out)
{
	for (size_t i = 0; i < q->names.n; i++) {
		if (strcmp(q->names.v[i], name) == 0) {
			*out = i;
			return 0;
		}
	}
	error_set(ERR_INPUT, "cannot split by '%s': the data have no such column", name);
	return strlist_hint(ERR_INPUT, (const char *const *)q->names.v, q->names.n, name);
}

static bool is_one_of(const char *type, const char *const *types)
{
	for (; *types; types++)
		if (strcmp(type, *types) == 0)
			return true;
	return false;
}

/* A column as one of the kinds of sip.h. */
static void key_expr(const char *name, const char *type, struct buf *b)
{
	static const char *const ints[] = { "TINYINT",	"SMALLINT",  "INTEGER",	 "BIGINT",
					    "UTINYINT", "USMALLINT", "UINTEGER", NULL };
	static const char *const floats[] = { "FLOAT", "DOUBLE", NULL };
	static const char *const times[] = {
		"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP WITH TIME ZONE", NULL
	};
	const char *as = is_one_of(type, ints)		? "BIGINT"
			 : is_one_of(type, floats)	? "DOUBLE"
			 : is_one_of(type, times)	? "TIMESTAMP"
			 : strcmp(type, "BOOLEAN") == 0 ? "BOOLEAN"
							: "VARCHAR";

	buf_addstr(b, "CAST(");
	sql_ident(b, name);
	buf_addf(b, " AS %s)", as);
}

/* The canonical bytes of a number: whole ones as integers, so that 1 and 1.0 are alike. */
static void add_number(struct buf *b, char kind, uint64_t bits)
{
	unsigned char out[9] = { (unsigned char)kind };

	for (int i = 0; i < 8; i++)
		out[1 + i] = (unsigned char)(bits >> 8 * i);
	buf_add(b, out, sizeof out);
}

static void add_double(struct buf *b, double v)
{
	uint64_t bits;

	if (fabs(v) < 9007199254740992.0 && v == floor(v)) {
		add_number(b, 'i', (uint64_t)(int64_t)v);
		return;
	}
	if (v != v)
		bits = UINT64_C(0x7ff8000000000000);
	else
		memcpy(&bits, &v, sizeof bits);
	add_number(b, 'd', bits);
}

static void add_cell(struct buf *b, int type, const void *data, const uint64_t *valid, uint64_t row)
{
	if (!duck_valid(valid, row)) {
		buf_addch(b, 'n');
	} else if (type == DUCK_BIGINT) {
		add_number(b, 'i', (uint64_t)((const int64_t *)data)[row]);
	} else if (type == DUCK_TIMESTAMP) {
		add_number(b, 't', (uint64_t)((const int64_t *)data)[row]);
	} else if (type == DUCK_DOUBLE) {
		add_double(b, ((const double *)data)[row]);
	} else if (type == DUCK_BOOLEAN) {
		buf_addch(b, 'b');
		buf_addch(b, (char)((const uint8_t *)data)[row]);
	} else {
		const struct duck_string *s = &((const struct duck_string *)data)[row];

		add_number(b, 's', s->length);
		buf_add(b, duck_string_data(s), s->length);
	}
}

static void hash_chunk(struct cursor *c, int64_t seed, uint64_t *out, struct buf *b)
{
	size_t n = duck.column_count(&c->result);
	struct {
		int type;
		const void *data;
		const uint64_t *valid;
	} *col = xcalloc(n, sizeof *col);

	for (size_t k = 0; k < n; k++) {
		void *v = duck.data_chunk_get_vector(c->chunk, k);

		col[k].type = duck.column_type(&c->result, k);
		col[k].data = duck.vector_get_data(v);
		col[k].valid = duck.vector_get_validity(v);
	}
	for (uint64_t i = 0; i < c->rows; i++) {
		buf_reset(b);
		for (size_t k = 0; k < n; k++)
			add_cell(b, col[k].type, col[k].data, col[k].valid, i);
		out[i] = sip_hash((uint64_t)seed, SIP_KEY, b->data, b->len);
	}
	free(col);
}

/* The hash of the key columns of every row, all columns when there are none. */
static int hash_rows(struct result *r, const struct table_split *how, uint64_t *hash)
{
	struct buf b = BUF_INIT;
	struct cursor c;
	int64_t at = 0;
	size_t col = 0, n = how->columns.n ? how->columns.n : r->q->names.n;
	int rc = 0;

	buf_addstr(&b, "SELECT ");
	for (size_t i = 0; i < n && !rc; i++) {
		col = i;
		if (how->columns.n)
			rc = find_column(r->q, how->columns.v[i], &col);
		if (rc)
			break;
		buf_addstr(&b, i ? ", " : "");
		key_expr(r->q->names.v[col], r->q->types.v[col], &b);
	}
	buf_addstr(&b, " FROM mich.result");
	if (!rc && !(rc = cursor_open(&c, r->s->conn, b.data, "split the rows"))) {
		while ((rc = cursor_next(&c)) > 0) {
			hash_chunk(&c, how->seed, hash + at, &b);
			at += (int64_t)c.rows;
		}
		cursor_close(&c);
	}
	buf_clear(&b);
	return rc;
}

/* The column that orders the rows, in any unit that keeps its order. */
static int read_times(struct result *r, const struct table_split *how, int64_t *when)
{
	static const char *const whole[] = { "TINYINT",	 "SMALLINT",  "INTEGER",  "BIGINT",
					     "UTINYINT", "USMALLINT", "UINTEGER", NULL };
	static const char *const times[] = { "DATE",
					     "TIMESTAMP",
					     "TIMESTAMP_S",
					     "TIMESTAMP_MS",
					     "TIMESTAMP_NS",
					     "TIMESTAMP WITH TIME ZONE",
					     NULL };
	struct buf b = BUF_INIT;
	struct cursor c;
	size_t col = 0;
	int64_t at = 0, missing = 0;
	int rc = find_column(r->q, how->columns.v[0], &col);

	if (rc)
		return rc;
	if (!is_one_of(r->q->types.v[col], whole) && !is_one_of(r->q->types.v[col], times)) {
		error_set(ERR_INPUT, "cannot split by time(%s): the column is %s",
			  how->columns.v[0], r->q->types.v[col]);
		return error_hint(ERR_INPUT,
				  "make it a date, a timestamp or a whole number in the query");
	}
	buf_addstr(&b,
		   is_one_of(r->q->types.v[col], whole) ? "SELECT CAST(" : "SELECT epoch_us(CAST(");
	sql_ident(&b, how->columns.v[0]);
	buf_addstr(&b, is_one_of(r->q->types.v[col], whole) ? " AS BIGINT)" : " AS TIMESTAMP))");
	buf_addstr(&b, " FROM mich.result");
	rc = cursor_open(&c, r->s->conn, b.data, "split the rows");
	buf_clear(&b);
	if (rc)
		return rc;
	while ((rc = cursor_next(&c)) > 0) {
		void *v = duck.data_chunk_get_vector(c.chunk, 0);
		const int64_t *data = duck.vector_get_data(v);
		const uint64_t *valid = duck.vector_get_validity(v);

		for (uint64_t i = 0; i < c.rows; i++, at++) {
			missing += !duck_valid(valid, i);
			when[at] = duck_valid(valid, i) ? data[i] : 0;
		}
	}
	cursor_close(&c);
	if (!rc && missing) {
		error_set(ERR_INPUT, "cannot split by time(%s): it is missing in %lld rows",
			  how->columns.v[0], (long long)missing);
		rc = error_hint(ERR_INPUT, "leave them out in the query: WHERE %s IS NOT NULL",
				how->columns.v[0]);
	}
	return rc;
}

int result_split(struct result *r, const struct table_split *how)
{
	uint64_t *key = NULL;
	size_t n = (size_t)r->rows;
	int rc;

	if ((rc = mem_alloc(n ? n : 1, 1, &r->split)) ||
	    (rc = mem_alloc(n ? n : 1, sizeof *key, &key)))
		goto out;
	if (how->how == SPLIT_TIME)
		rc = read_times(r, how, (int64_t *)key);
	else
		rc = hash_rows(r, how, key);
	if (rc)
		goto out;
	if (how->how == SPLIT_TIME)
		rc = split_times(how->percent, (const int64_t *)key, n, r->split);
	else if (how->how == SPLIT_GROUP)
		rc = split_groups(how->percent, key, n, r->split);
	else if (how->how == SPLIT_ROW)
		rc = split_rows(how->percent, key, n, r->split);
	else
		for (size_t i = 0; i < n; i++)
			r->split[i] = (uint8_t)split_of_hash(how->percent, key[i]);
	for (size_t i = 0; i < n && !rc; i++)
		r->count[r->split[i]]++;
out:
	free(key);
	return rc;
}

/* mich_split(rowid): the split of a row, for our own SQL. */
static void split_of_row(void *info, void *chunk, void *out)
{
	const struct result *r = duck.scalar_function_get_extra_info(info);
	const int64_t *row = duck.vector_get_data(duck.data_chunk_get_vector(chunk, 0));
	uint8_t *to = duck.vector_get_data(out);
	uint64_t n = duck.data_chunk_get_size(chunk);

	for (uint64_t i = 0; i < n; i++)
		to[i] = row[i] >= 0 && row[i] < r->rows ? r->split[row[i]] : SPLITS;
}

static int define_split(struct result *r)
{
	void *f = duck.create_scalar_function();
	void *bigint = duck.create_logical_type(DUCK_BIGINT),
	     *tiny = duck.create_logical_type(DUCK_UTINYINT);
	int bad;

	duck.scalar_function_set_name(f, "mich_split");
	duck.scalar_function_add_parameter(f, bigint);
	duck.scalar_function_set_return_type(f, tiny);
	duck.scalar_function_set_extra_info(f, r, NULL);
	duck.scalar_function_set_function(f, split_of_row);
	bad = duck.register_scalar_function(r->s->conn, f);
	duck.destroy_logical_type(&bigint);
	duck.destroy_logical_type(&tiny);
	duck.destroy_scalar_function(&f);
	return bad ? error_set(ERR_ENGINE, "cannot give DuckDB a function of ours") : 0;
}

int result_views(struct result *r)
{
	char sql[160];
	int rc = define_split(r);

	for (int k = 0; k < SPLITS && !rc; k++) {
		snprintf(sql, sizeof sql,
			 "CREATE OR REPLACE VIEW main.%s AS SELECT * FROM mich.result "
			 "WHERE mich_split(rowid) = %d",
			 split_names[k], k);
		rc = session_exec(r->s, sql, "name the splits");
	}
	return rc;
}

void result_clear(struct result *r)
{
	free(r->split);
	memset(r, 0, sizeof *r);
}
