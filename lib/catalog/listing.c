/* listing.c - one statement picks and orders the rows, a few small ones fill each row's cells. */
#define _GNU_SOURCE
#include "lib/catalog/listing.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/catalog/filter.h"
#include "lib/index/statement.h"
#include "lib/record/head.h"

enum { FIRST_JOIN = 5, FIRST_VALUE = 100 }; /* ?1 kind, ?2 name, ?3 space, ?4 released */

static const char USUAL_VERSION[] = "ref,state,stage,params,metrics,tags,finished";
static const char USUAL_RELEASED[] = "release,ref,state,stage,params,metrics,tags,finished";
static const char USUAL_ARTIFACT[] = "ref,state,versions,finished,user";

/* The latest of an artifact: the highest good one that is not retired, else the highest. */
static const char LATEST[] =
	"artifact a JOIN version v ON v.id = (SELECT w.id FROM version w WHERE w.kind = a.kind AND "
	"w.name = a.name ORDER BY w.build = 'good' AND w.life <> 'retired' DESC, w.number DESC LIMIT 1)";

static void add_column(struct listing *l, struct facet *taken)
{
	ARRAY_GROW(l->columns, l->n_columns, l->columns_cap);
	l->columns[l->n_columns++] = *taken;
}

static int add_group(struct index *x, const struct listing_query *q, enum facet_source source,
		     struct listing *l)
{
	struct strlist keys = STRLIST_INIT;
	int rc = facet_keys(x, source, q->kind, q->name, &keys);

	/* a model's test metrics are its evaluations' */
	if (rc == 0 && source == FACET_METRIC && q->kind && !strcmp(q->kind, "model"))
		rc = facet_keys(x, source, "eval", q->name, &keys);
	strlist_sort(&keys);
	for (size_t i = 0; rc == 0 && i < keys.n; i++) {
		struct facet c = { .source = source };

		if (i && !strcmp(keys.v[i - 1], keys.v[i]))
			continue;
		c.key = xstrdup(keys.v[i]);
		c.title = source == FACET_TAG ? xasprintf("tag.%s", keys.v[i]) : xstrdup(keys.v[i]);
		add_column(l, &c);
	}
	strlist_clear(&keys);
	return rc;
}

/* 1: a stage holds something of what is asked for. */
static int any_staged(struct index *x, const struct listing_query *q)
{
	static const char ANY[] = "SELECT 1 FROM stage s JOIN version v ON v.id = s.version WHERE"
				  " (?1 IS NULL OR v.kind = ?1) AND (?2 IS NULL OR v.name = ?2)"
				  " LIMIT 1";
	struct statement *st;
	int rc = statement_open(x, ANY, &st);

	if (rc < 0)
		return rc;
	statement_bind_text(st, 1, q->kind);
	statement_bind_text(st, 2, q->name);
	rc = statement_step(st);
	statement_close(st);
	return rc;
}

static int read_columns(struct index *x, const struct listing_query *q, struct listing *l)
{
	const char *text = q->columns	 ? q->columns
			   : q->space	 ? USUAL_RELEASED
			   : q->versions ? USUAL_VERSION
					 : USUAL_ARTIFACT;
	struct strlist names = STRLIST_INIT;
	int rc = 0;

	strlist_split(&names, text, ",");
	if (!names.n)
		rc = error_set(ERR_INPUT, "no column is named in '%s'", text);
	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		struct facet c;

		if (!q->columns && !strcmp(names.v[i], "stage") && (rc = any_staged(x, q)) <= 0)
			continue;
		if (!strcmp(names.v[i], "params"))
			rc = add_group(x, q, FACET_PARAM, l);
		else if (!strcmp(names.v[i], "metrics"))
			rc = add_group(x, q, FACET_METRIC, l);
		else if (!strcmp(names.v[i], "tags"))
			rc = add_group(x, q, FACET_TAG, l);
		else if ((rc = facet_find(x, names.v[i], &c)) == 0)
			add_column(l, &c);
	}
	strlist_clear(&names);
	return rc;
}

/* --- which rows ---------------------------------------------------------------------------------
 */

struct search {
	struct index *x;
	struct facet_joins joins;
	struct filter filter;
	struct buf order;
};

static int find_column(void *payload, const char *name, struct buf *sql, enum filter_type *type)
{
	struct search *s = payload;
	struct facet c;
	int rc = facet_find(s->x, name, &c);

	if (rc == 0) {
		*type = facet_type(&c);
		rc = facet_sql(&s->joins, &c, sql);
		facet_clear(&c);
	}
	return rc;
}

static int read_order(struct search *s, const char *sort)
{
	struct strlist names = STRLIST_INIT;
	int rc = 0;

	strlist_split(&names, sort, ",");
	if (!names.n)
		rc = error_set(ERR_INPUT, "no column is named in '%s'", sort);
	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		bool falling = names.v[i][0] == '-';
		struct buf sql = BUF_INIT;
		enum filter_type type;

		rc = find_column(s, names.v[i] + falling, &sql, &type);
		/* what has no value stands last, whichever way */
		buf_addf(&s->order, "%s IS NULL, %s%s, ", sql.data, sql.data,
			 falling ? " DESC" : "");
		buf_clear(&sql);
	}
	strlist_clear(&names);
	return rc;
}

static void bind(const struct search *s, const struct listing_query *q, struct statement *st)
{
	statement_bind_text(st, 1, q->kind);
	statement_bind_text(st, 2, q->name);
	statement_bind_text(st, 3, q->space);
	statement_bind_text(st, 4, q->released);
	for (size_t i = 0; i < s->joins.n; i++)
		statement_bind_text(st, FIRST_JOIN + (int)i, s->joins.columns[i].key);
	for (size_t i = 0; i < s->filter.n; i++) {
		const struct filter_value *v = &s->filter.values[i];
		int at = FIRST_VALUE + (int)i;

		if (v->type == FILTER_VALUE_INT)
			statement_bind_int(st, at, v->i);
		else if (v->type == FILTER_VALUE_REAL)
			statement_bind_real(st, at, v->d);
		else
			statement_bind_text(st, at, v->s);
	}
}

static int select_rows(struct search *s, const struct listing_query *q, struct listing *l)
{
	struct buf sql = BUF_INIT;
	struct statement *st = NULL;
	int rc;

	buf_addf(&sql, "SELECT " HEAD_COLUMNS " FROM %s", q->versions ? "version v" : LATEST);
	facet_joins_sql(&s->joins, &sql);
	buf_addstr(&sql, " WHERE (?1 IS NULL OR v.kind = ?1) AND (?2 IS NULL OR v.name = ?2)"
			 " AND (?3 IS NULL OR v.id IN (SELECT l.version FROM release l WHERE"
			 " l.space = ?3 AND (?4 IS NULL OR l.name = ?4)))");
	if (s->filter.sql.len)
		buf_addf(&sql, " AND %s", s->filter.sql.data);
	buf_addf(&sql, " ORDER BY %sv.kind, v.name, v.number DESC", s->order.data);
	if ((rc = statement_open(s->x, sql.data, &st)) == 0) {
		bind(s, q, st);
		while ((rc = statement_step(st)) == 1) {
			ARRAY_GROW(l->versions, l->n, l->cap);
			head_read(st, &l->versions[l->n++]);
		}
	}
	statement_close(st);
	buf_clear(&sql);
	return rc;
}

static int find_rows(struct index *x, const struct listing_query *q, struct listing *l)
{
	struct search s = {
		.x = x, .joins = { .first = FIRST_JOIN }, .filter = FILTER_INIT, .order = BUF_INIT
	};
	int rc = 0;

	if (q->where)
		rc = filter_parse(q->where, strlen(q->where), FIRST_VALUE, find_column, &s,
				  &s.filter);
	if (rc == 0 && q->sort)
		rc = read_order(&s, q->sort);
	if (rc == 0)
		rc = select_rows(&s, q, l);
	filter_clear(&s.filter);
	facet_joins_clear(&s.joins);
	buf_clear(&s.order);
	return rc;
}

/* --- their cells --------------------------------------------------------------------------------
 */

static void set_cell(struct statement *st, int column, bool is_time, struct listing_cell *out)
{
	switch (statement_type(st, column)) {
	case STATEMENT_NULL:
		return;
	case STATEMENT_INT:
		out->type = is_time ? CELL_TIME : CELL_INT;
		out->i = statement_int(st, column);
		break;
	case STATEMENT_REAL:
		out->type = CELL_REAL;
		out->d = statement_real(st, column);
		break;
	case STATEMENT_TEXT:
		out->type = CELL_TEXT;
		out->s = xstrdup(statement_text(st, column));
		break;
	}
}

/* Every cell of one column: the statement gives at most one row for a version's id. */
static int fill_column(struct index *x, struct listing *l, size_t column, const char *sql,
		       const char *key)
{
	const struct facet *c = &l->columns[column];
	bool is_time = c->source == FACET_HEAD && c->head->type == FILTER_TIME;
	struct statement *st;
	int rc = statement_open(x, sql, &st);

	if (rc < 0)
		return rc;
	for (size_t i = 0; rc == 0 && i < l->n; i++) {
		statement_bind_text(st, 1, l->versions[i].id);
		if (key)
			statement_bind_text(st, 2, key);
		if ((rc = statement_step(st)) == 1) {
			set_cell(st, 0, is_time, &l->cells[i * l->n_columns + column]);
			statement_reset(st);
			rc = 0;
		}
	}
	statement_close(st);
	return rc;
}

static int fill(struct index *x, struct listing *l, size_t column)
{
	const struct facet *c = &l->columns[column];
	struct facet_joins joins = { .first = 2 };
	struct buf value = BUF_INIT, sql = BUF_INIT;
	int rc = facet_sql(&joins, c, &value);

	if (rc == 0) {
		buf_addf(&sql, "SELECT %s FROM version v", value.data);
		facet_joins_sql(&joins, &sql);
		buf_addstr(&sql, " WHERE v.id = ?1");
		rc = fill_column(x, l, column, sql.data, c->key);
	}
	facet_joins_clear(&joins);
	buf_clear(&value);
	buf_clear(&sql);
	return rc;
}

int listing_read(struct index *x, const struct listing_query *q, struct listing *out)
{
	int rc;

	*out = (struct listing)LISTING_INIT;
	if ((rc = read_columns(x, q, out)) == 0 && (rc = find_rows(x, q, out)) == 0)
		rc = mem_alloc(out->n * out->n_columns + 1, sizeof *out->cells, &out->cells);
	for (size_t i = 0; rc == 0 && i < out->n_columns; i++)
		rc = fill(x, out, i);
	if (rc < 0)
		listing_clear(out);
	return rc;
}

void listing_clear(struct listing *l)
{
	for (size_t i = 0; l->cells && i < l->n * l->n_columns; i++)
		free(l->cells[i].s);
	for (size_t i = 0; i < l->n; i++)
		version_clear(&l->versions[i]);
	for (size_t i = 0; i < l->n_columns; i++)
		facet_clear(&l->columns[i]);
	free(l->cells);
	free(l->versions);
	free(l->columns);
	*l = (struct listing)LISTING_INIT;
}

const struct listing_cell *listing_cell(const struct listing *l, size_t row, size_t column)
{
	return &l->cells[row * l->n_columns + column];
}

void listing_text(const struct listing_cell *c, struct buf *out)
{
	char iso[CLOCK_ISO_BYTES];

	switch (c->type) {
	case CELL_NONE:
		break;
	case CELL_INT:
		buf_addf(out, "%lld", (long long)c->i);
		break;
	case CELL_REAL:
		buf_addf(out, "%.6g", c->d);
		break;
	case CELL_TEXT:
		buf_addstr(out, c->s);
		break;
	case CELL_TIME:
		clock_iso(c->i, iso);
		buf_addf(out, "%.10s %.5s", iso, iso + 11);
		break;
	}
}

bool listing_is_number(const struct listing *l, size_t column)
{
	bool any = false;

	for (size_t i = 0; i < l->n; i++) {
		int type = (int)listing_cell(l, i, column)->type;

		if (type == CELL_TEXT || type == CELL_TIME)
			return false;
		any |= type != CELL_NONE;
	}
	return any;
}
