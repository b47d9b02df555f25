/* intake.c - data frames and lists into the sheet. */
#include "lib/serve/intake.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/model/cell.h"
#include "lib/model/csvrows.h"

static const struct card *card_of(const struct desk *d)
{
	return d->out->served->card;
}

/* The next value goes into a cell. */
static int put(struct desk *d, size_t column, int64_t row)
{
	int rc = sheet_open(&d->sheet, column);

	return rc ? rc : sheet_put_json(&d->sheet, column, row, &d->scan);
}

/* Is the next value of another kind? Where there is none, whoever opens it says so. */
static bool other(struct desk *d, enum jsonscan_kind kind)
{
	enum jsonscan_kind next = jsonscan_kind(&d->scan);

	return next != kind && next != JSONSCAN_NOTHING;
}

static int record(struct desk *d, int64_t row)
{
	struct jsonscan_text key;
	size_t guess = 0;
	int more, rc = jsonscan_open(&d->scan, '{');

	for (size_t i = 0; !rc && (more = jsonscan_member(&d->scan, i, &key)) != 0; i++) {
		int64_t column;

		if (more < 0)
			return more;
		column = card_column(card_of(d), guess, key.s, key.n);
		if (column < 0) {
			rc = jsonscan_skip(&d->scan);
		} else {
			guess = (size_t)column + 1;
			rc = put(d, (size_t)column, row);
		}
	}
	return rc;
}

/* No rows: every column is there, with none. */
static int open_all(struct desk *d)
{
	int rc = 0;

	for (size_t i = 0; i < card_of(d)->contract->n && !rc; i++)
		rc = sheet_open(&d->sheet, i);
	return rc;
}

int intake_records(struct desk *d)
{
	int64_t row = 0;
	int more, rc = jsonscan_open(&d->scan, '[');

	for (; !rc && (more = jsonscan_item(&d->scan, (size_t)row)) != 0; row++) {
		if (more < 0 || (rc = sheet_rows(&d->sheet, row + 1)) < 0)
			return more < 0 ? more : rc;
		if (other(d, JSONSCAN_OBJECT))
			return desk_fault(d, METER_SHAPE, "row %lld is no object of columns",
					  (long long)row + 1);
		rc = record(d, row);
	}
	return rc || row ? rc : open_all(d);
}

/* Cells of one row, by position; map: (n) columns of the contract, -1: passed over. */
static int positional_row(struct desk *d, int64_t row, const int64_t *map, size_t n)
{
	size_t i = 0;
	int more, rc = sheet_rows(&d->sheet, row + 1);

	if (!rc && other(d, JSONSCAN_ARRAY))
		return desk_fault(d, METER_SHAPE, "row %lld is no list of values",
				  (long long)row + 1);
	if (!rc)
		rc = jsonscan_open(&d->scan, '[');
	for (; !rc && (more = jsonscan_item(&d->scan, i)) != 0; i++) {
		if (more < 0)
			return more;
		if (i == n)
			return desk_fault(d, METER_SHAPE, "row %lld has more than %zu values",
					  (long long)row + 1, n);
		rc = map[i] < 0 ? jsonscan_skip(&d->scan) : put(d, (size_t)map[i], row);
	}
	if (!rc && i < n)
		return desk_fault(d, METER_SHAPE, "row %lld has %zu values, want %zu",
				  (long long)row + 1, i, n);
	return rc;
}

static int positional_rows(struct desk *d, const int64_t *map, size_t n)
{
	int64_t row = 0;
	int more, rc = jsonscan_open(&d->scan, '[');

	for (size_t i = 0; i < n && !rc; i++)
		if (map[i] >= 0)
			rc = sheet_open(&d->sheet, (size_t)map[i]);
	for (; !rc && (more = jsonscan_item(&d->scan, (size_t)row)) != 0; row++) {
		if (more < 0)
			return more;
		rc = positional_row(d, row, map, n);
	}
	return rc;
}

/* The map of columns by their position in a request. */
struct map {
	int64_t *v;
	size_t n, cap;
	bool numbered; /* some column is a number that names none of the contract's */
};

static int map_add(struct desk *d, struct map *m, int64_t column, const char *name, size_t n)
{
	if (column >= 0 && d->sheet.cols[column].here)
		return desk_fault(d, METER_SHAPE, "column '%.*s' is given twice",
				  n > 60 ? 60 : (int)n, name);
	if (column >= 0)
		d->sheet.cols[column].here = true;
	ARRAY_GROW(m->v, m->n, m->cap);
	m->v[m->n++] = column;
	return 0;
}

/* A frame without names has the numbers 0, 1, 2... for them: then columns go by position. */
static int number_name(struct desk *d, struct map *m)
{
	struct buf text = BUF_INIT;
	struct jsonscan_number v;
	int64_t column;
	int rc = jsonscan_number(&d->scan, &v);

	if (rc < 0)
		return rc;
	cell_put_double(&text, v.d);
	column = card_column(card_of(d), m->n, text.data, text.len);
	if (column < 0 && v.whole && v.i == (int64_t)m->n && m->n < card_of(d)->contract->n) {
		m->numbered = true;
		column = v.i;
	}
	rc = map_add(d, m, column, text.data, text.len);
	buf_clear(&text);
	return rc;
}

static int names_read(struct desk *d, struct map *m)
{
	struct jsonscan_text name;
	int more, rc = jsonscan_open(&d->scan, '[');

	for (size_t i = 0; !rc && (more = jsonscan_item(&d->scan, i)) != 0; i++) {
		if (more < 0)
			return more;
		if (jsonscan_kind(&d->scan) == JSONSCAN_NUMBER) {
			rc = number_name(d, m);
			continue;
		}
		rc = jsonscan_string(&d->scan, &name);
		if (!rc)
			rc = map_add(d, m, card_column(card_of(d), m->n, name.s, name.n), name.s,
				     name.n);
	}
	if (!rc && m->numbered && m->n != card_of(d)->contract->n)
		rc = desk_fault(d, METER_SHAPE,
				"its columns are numbers, so there must be %zu of them, not %zu",
				card_of(d)->contract->n, m->n);
	return rc;
}

static int split_read(struct desk *d, struct map *m)
{
	const char *data = NULL, *behind;
	bool named = false, done = false;
	struct jsonscan_text key;
	int more, rc = jsonscan_open(&d->scan, '{');

	for (size_t i = 0; !rc && (more = jsonscan_member(&d->scan, i, &key)) != 0; i++) {
		if (more < 0)
			return more;
		if (jsonscan_is(&key, "columns") && !named) {
			named = true;
			rc = names_read(d, m);
		} else if (jsonscan_is(&key, "data") && named && !done) {
			done = true;
			rc = positional_rows(d, m->v, m->n);
		} else if (jsonscan_is(&key, "data") && !data && !done) {
			jsonscan_kind(&d->scan);
			data = d->scan.at;
			rc = jsonscan_skip(&d->scan);
		} else if (jsonscan_is(&key, "data") || jsonscan_is(&key, "columns")) {
			rc = desk_fault(d, METER_MALFORMED, "'%.*s' stands twice", (int)key.n,
					key.s);
		} else {
			rc = jsonscan_skip(&d->scan);
		}
	}
	if (!rc && (!named || (!data && !done)))
		return desk_fault(d, METER_SHAPE,
				  "a split frame has columns and data; there is "
				  "no '%s'",
				  named ? "data" : "columns");
	if (rc || done)
		return rc;
	behind = d->scan.at;
	d->scan.at = data;
	rc = positional_rows(d, m->v, m->n);
	d->scan.at = behind;
	return rc;
}

int intake_split(struct desk *d)
{
	struct map m = { 0 };
	int rc = split_read(d, &m);

	free(m.v);
	return rc;
}

/* A value, or a list of just one, as arrays of shape (rows, 1) have them. */
static int put_one(struct desk *d, size_t column, int64_t row)
{
	int rc;

	if (jsonscan_kind(&d->scan) != JSONSCAN_ARRAY)
		return put(d, column, row);
	if ((rc = jsonscan_open(&d->scan, '[')) < 0 || (rc = jsonscan_item(&d->scan, 0)) < 0)
		return rc;
	if (rc)
		rc = put(d, column, row);
	if (rc < 0)
		return rc;
	rc = jsonscan_item(&d->scan, 1);
	return rc <= 0 ? rc
		       : desk_fault(d, METER_SHAPE, "row %lld of a column holds several values",
				    (long long)row + 1);
}

/* All rows of one column. */
static int column_read(struct desk *d, size_t column, const struct jsonscan_text *name)
{
	bool list = jsonscan_kind(&d->scan) == JSONSCAN_ARRAY;
	int64_t row = 0;
	int more = 0, rc = list ? jsonscan_open(&d->scan, '[') : 0;

	if (d->sheet.cols[column].here)
		return desk_fault(d, METER_SHAPE, "column '%s' is given twice",
				  d->sheet.contract->cols[column].name);
	if (!rc)
		rc = sheet_open(&d->sheet, column);
	for (; !rc && (!list ? !row : (more = jsonscan_item(&d->scan, (size_t)row)) != 0); row++) {
		if (more < 0)
			return more;
		if (d->sheet.rows_known && row == d->sheet.rows)
			break;
		rc = sheet_rows(&d->sheet, row + 1);
		if (!rc)
			rc = put_one(d, column, row);
	}
	if (!rc && d->sheet.rows_known && (row != d->sheet.rows || more > 0))
		return desk_fault(d, METER_SHAPE, "column '%.*s' has %s rows than the others",
				  name->n > 60 ? 60 : (int)name->n, name->s,
				  row < d->sheet.rows ? "fewer" : "more");
	d->sheet.rows_known = true;
	return rc;
}

int intake_columns(struct desk *d)
{
	struct jsonscan_text key;
	size_t guess = 0;
	int more, rc = jsonscan_open(&d->scan, '{');

	for (size_t i = 0; !rc && (more = jsonscan_member(&d->scan, i, &key)) != 0; i++) {
		int64_t column;

		if (more < 0)
			return more;
		column = card_column(card_of(d), guess, key.s, key.n);
		if (column < 0) {
			rc = jsonscan_skip(&d->scan);
		} else {
			guess = (size_t)column + 1;
			rc = column_read(d, (size_t)column, &key);
		}
	}
	return rc;
}

/* Rows of values, in the order of the contract's columns. */
static int matrix(struct desk *d)
{
	size_t n = card_of(d)->contract->n;
	int64_t *map = xcalloc(n + 1, sizeof *map);
	int rc;

	for (size_t i = 0; i < n; i++)
		map[i] = (int64_t)i;
	rc = positional_rows(d, map, n);
	free(map);
	return rc;
}

int intake_list(struct desk *d)
{
	const char *from;
	enum jsonscan_kind kind;
	int more, rc;

	jsonscan_kind(&d->scan);
	from = d->scan.at;
	if ((rc = jsonscan_open(&d->scan, '[')) < 0 || (more = jsonscan_item(&d->scan, 0)) < 0)
		return rc ? rc : more;
	if (!more)
		return open_all(d);
	kind = jsonscan_kind(&d->scan);
	d->scan.at = from;
	if (kind == JSONSCAN_OBJECT)
		return intake_records(d);
	if (kind == JSONSCAN_ARRAY)
		return matrix(d);
	if (kind != JSONSCAN_NOTHING && card_of(d)->contract->n == 1) {
		struct jsonscan_text name = { card_of(d)->contract->cols[0].name, 0 };

		name.n = strlen(name.s);
		return column_read(d, 0, &name);
	}
	if (kind == JSONSCAN_NOTHING) {
		jsonscan_open(&d->scan, '[');
		return jsonscan_want(&d->scan, "a value");
	}
	return desk_fault(d, METER_SHAPE,
			  "the model takes %zu columns, so each row is an object or "
			  "a list of them",
			  card_of(d)->contract->n);
}

static int take(const struct frame *f, void *payload)
{
	struct desk *d = payload;

	return sheet_put_frame(&d->sheet, f);
}

int intake_csv(struct desk *d, const char *data, size_t n)
{
	struct csvrows *c;
	int rc;

	csvrows_new(&(struct csvrows_opts){ .contract = card_of(d)->contract }, &c);
	rc = csvrows_feed(c, data, n, take, d);
	if (!rc)
		rc = csvrows_end(c, take, d);
	if (!rc && !d->sheet.rows)
		rc = csvrows_shape(c, take, d);
	csvrows_free(c);
	return rc;
}

int intake_predictions(struct desk *d)
{
	const struct card *card = card_of(d);
	struct buf *out = &d->out->body;

	d->out->type = "application/json";
	buf_addstr(out, "{\"predictions\":[");
	for (int64_t row = 0; row < d->said.rows; row++) {
		if (row)
			buf_addch(out, ',');
		for (size_t i = 0; i < card->n_outputs; i++) {
			if (card->n_outputs > 1) {
				buf_addch(out, i ? ',' : '{');
				desk_put_text(card->outputs[i].name, strlen(card->outputs[i].name),
					      out);
				buf_addch(out, ':');
			}
			desk_put_json(&d->said.cols[i], row, i >= card->floats, out);
		}
		if (card->n_outputs > 1)
			buf_addch(out, '}');
	}
	buf_addstr(out, "]}");
	desk_title(d);
	return 0;
}
