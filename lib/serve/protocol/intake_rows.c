/* intake_rows.c - rows whose values go by position: split data frames and matrices. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/model/rows/cell.h"
#include "lib/serve/protocol/intake.h"

enum { COLUMNS_MOST = 1 << 20 };

static const struct card *card_of(const struct desk *d)
{
	return d->out->served->card;
}

/* The next value goes into a cell. */
int intake_put(struct desk *d, size_t column, int64_t row)
{
	int rc = sheet_open(&d->sheet, column);

	return rc ? rc : sheet_put_json(&d->sheet, column, row, &d->scan);
}

/* Is the next value of another kind? Where there is none, whoever opens it says so. */
bool intake_other(struct desk *d, enum jsonscan_kind kind)
{
	enum jsonscan_kind next = jsonscan_kind(&d->scan);

	return next != kind && next != JSONSCAN_NOTHING;
}

/* Cells of one row, by position; map: (n) columns of the contract, -1: passed over. */
static int positional_row(struct desk *d, int64_t row, const int64_t *map, size_t n)
{
	size_t i = 0;
	int more, rc = sheet_rows(&d->sheet, row + 1);

	if (!rc && intake_other(d, JSONSCAN_ARRAY))
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
		rc = map[i] < 0 ? jsonscan_skip(&d->scan) : intake_put(d, (size_t)map[i], row);
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
		if (i == COLUMNS_MOST)
			return desk_fault(d, METER_TOO_LARGE, "the frame has more than %d columns",
					  COLUMNS_MOST);
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

/* Rows of values, in the order of the contract's columns. */
int intake_matrix(struct desk *d)
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
