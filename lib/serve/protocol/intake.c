/* intake.c - data frames and lists into the sheet. */
#include "lib/serve/protocol/intake.h"

#include <string.h>

#include "lib/base/error.h"
#include "lib/model/rows/csvrows.h"

static const struct card *card_of(const struct desk *d)
{
	return d->out->served->card;
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
			rc = intake_put(d, (size_t)column, row);
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
		if (intake_other(d, JSONSCAN_OBJECT))
			return desk_fault(d, METER_SHAPE, "row %lld is no object of columns",
					  (long long)row + 1);
		rc = record(d, row);
	}
	return rc || row ? rc : open_all(d);
}

/* A value, or a list of just one, as arrays of shape (rows, 1) have them. */
static int put_one(struct desk *d, size_t column, int64_t row)
{
	int rc;

	if (jsonscan_kind(&d->scan) != JSONSCAN_ARRAY)
		return intake_put(d, column, row);
	if ((rc = jsonscan_open(&d->scan, '[')) < 0 || (rc = jsonscan_item(&d->scan, 0)) < 0)
		return rc;
	if (rc)
		rc = intake_put(d, column, row);
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
		return intake_matrix(d);
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
