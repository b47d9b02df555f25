/* sheet_put.c - one value into one cell, if it may stand there. */
#include <math.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/model/rows/cell.h"
#include "lib/serve/desk/sheet.h"

static int unfit(const struct sheet *s, size_t column, int64_t row, const char *what, size_t n)
{
	const struct contract_column *c = &s->contract->cols[column];

	return error_set(ERR_INPUT, "cannot score row %lld: column '%s' holds '%.*s', want %s",
			 (long long)row + 1, c->name, n > 60 ? 60 : (int)n, what,
			 frame_type_name(c->type));
}

static int other_type(const struct sheet *s, size_t column, int64_t row, const char *what)
{
	const struct contract_column *c = &s->contract->cols[column];

	return error_set(ERR_INPUT, "cannot score row %lld: column '%s' holds %s, want %s",
			 (long long)row + 1, c->name, what, frame_type_name(c->type));
}

/* The cell is taken: a value comes. */
static int take(struct sheet *s, size_t column, int64_t row)
{
	struct sheet_column *c = &s->cols[column];

	if (row >= c->cap && sheet_room(s, c) < 0)
		return ERR_FAIL;
	if (c->valid[row])
		return error_set(ERR_INPUT, "cannot score row %lld: column '%s' stands there twice",
				 (long long)row + 1, s->contract->cols[column].name);
	c->valid[row] = 1;
	c->filled++;
	return 0;
}

static int put_string(struct sheet *s, size_t column, int64_t row, const char *text, size_t n)
{
	int rc;

	if (n && memchr(text, 0, n))
		return other_type(s, column, row, "a NUL byte");
	if ((rc = take(s, column, row)) < 0)
		return rc;
	s->cols[column].s[row] = (const char *)(uintptr_t)(s->text.len + 1);
	buf_add(&s->text, text, n);
	buf_addch(&s->text, '\0');
	return 0;
}

static int put_double(struct sheet *s, size_t column, int64_t row, double v)
{
	int rc;

	if (isnan(v))
		return 0;
	if ((rc = take(s, column, row)) < 0)
		return rc;
	s->cols[column].d[row] = v;
	return 0;
}

static int put_int(struct sheet *s, size_t column, int64_t row, int64_t v)
{
	int rc = take(s, column, row);

	if (!rc)
		s->cols[column].i[row] = v;
	return rc;
}

static int put_flag(struct sheet *s, size_t column, int64_t row, bool v)
{
	int rc = take(s, column, row);

	if (!rc)
		s->cols[column].b[row] = v;
	return rc;
}

/* Text as a value of the column's type; nothing at all is missing. */
static int parse(struct sheet *s, size_t column, int64_t row, const char *text, size_t n)
{
	int64_t i = 0;
	double d = 0;
	bool b = false;

	if (!n)
		return 0;
	switch (s->contract->cols[column].type) {
	case FRAME_STRING:
		return put_string(s, column, row, text, n);
	case FRAME_BOOL:
		return cell_bool(text, n, &b) ? put_flag(s, column, row, b)
					      : unfit(s, column, row, text, n);
	case FRAME_DOUBLE:
		return cell_double(text, n, &d) ? put_double(s, column, row, d)
						: unfit(s, column, row, text, n);
	case FRAME_INT:
		return cell_int(text, n, &i) ? put_int(s, column, row, i)
					     : unfit(s, column, row, text, n);
	default:
		return cell_time(text, n, &i) ? put_int(s, column, row, i)
					      : unfit(s, column, row, text, n);
	}
}

static bool coerces(const struct sheet *s)
{
	return s->contract->mode == CONTRACT_COERCE;
}

static const char *number_text(struct sheet *s, const struct jsonscan_number *v)
{
	buf_reset(&s->cast);
	if (v->whole)
		cell_put_int(&s->cast, v->i);
	else
		cell_put_double(&s->cast, v->d);
	return s->cast.data;
}

static int put_whole(struct sheet *s, size_t column, int64_t row, const struct jsonscan_number *v)
{
	const char *text;

	if (v->whole)
		return put_int(s, column, row, v->i);
	if (fabs(v->d) <= 9007199254740992.0 && v->d == floor(v->d))
		return put_int(s, column, row, (int64_t)v->d);
	text = number_text(s, v);
	return unfit(s, column, row, text, strlen(text));
}

int sheet_put_number(struct sheet *s, size_t column, int64_t row, const struct jsonscan_number *v)
{
	enum frame_type type = s->contract->cols[column].type;
	const char *text;

	if (type == FRAME_DOUBLE)
		return put_double(s, column, row, v->d);
	if (!v->whole && isnan(v->d))
		return 0;
	if (type == FRAME_INT)
		return put_whole(s, column, row, v);
	if (!coerces(s))
		return other_type(s, column, row, "a number");
	s->cols[column].casts++;
	text = number_text(s, v);
	return parse(s, column, row, text, strlen(text));
}

int sheet_put_bool(struct sheet *s, size_t column, int64_t row, bool v)
{
	enum frame_type type = s->contract->cols[column].type;

	if (type == FRAME_BOOL)
		return put_flag(s, column, row, v);
	if (!coerces(s))
		return other_type(s, column, row, v ? "true" : "false");
	s->cols[column].casts++;
	if (type == FRAME_INT)
		return put_int(s, column, row, v);
	if (type == FRAME_DOUBLE)
		return put_double(s, column, row, v);
	return parse(s, column, row, v ? "true" : "false", v ? 4 : 5);
}

int sheet_put_text(struct sheet *s, size_t column, int64_t row, const char *text, size_t n)
{
	enum frame_type type = s->contract->cols[column].type;

	if (type == FRAME_STRING)
		return put_string(s, column, row, text, n);
	if (type != FRAME_TIME) {
		if (!coerces(s))
			return unfit(s, column, row, text, n);
		s->cols[column].casts++;
	}
	return parse(s, column, row, text, n);
}

int sheet_put_json(struct sheet *s, size_t column, int64_t row, struct jsonscan *scan)
{
	struct jsonscan_number number;
	struct jsonscan_text text;
	bool flag;
	int rc;

	switch (jsonscan_kind(scan)) {
	case JSONSCAN_NUMBER:
		rc = jsonscan_number(scan, &number);
		return rc ? rc : sheet_put_number(s, column, row, &number);
	case JSONSCAN_STRING:
		rc = jsonscan_string(scan, &text);
		return rc ? rc : sheet_put_text(s, column, row, text.s, text.n);
	case JSONSCAN_BOOL:
		rc = jsonscan_bool(scan, &flag);
		return rc ? rc : sheet_put_bool(s, column, row, flag);
	case JSONSCAN_NULL:
		return jsonscan_null(scan);
	case JSONSCAN_NOTHING:
		return jsonscan_want(scan, "a value");
	default:
		return other_type(s, column, row, "a list or an object");
	}
}

static int put_cell(struct sheet *s, size_t column, int64_t row, const struct frame_column *f,
		    int64_t from)
{
	switch (f->type) {
	case FRAME_STRING:
		return put_string(s, column, row, f->s[from], strlen(f->s[from]));
	case FRAME_BOOL:
		return put_flag(s, column, row, f->b[from]);
	case FRAME_DOUBLE:
		return put_double(s, column, row, f->d[from]);
	default:
		return put_int(s, column, row, f->i[from]);
	}
}

int sheet_put_frame(struct sheet *s, const struct frame *f)
{
	int64_t first = s->rows;
	int rc = sheet_rows(s, first + f->rows);

	for (size_t i = 0; i < s->n && !rc; i++) {
		const struct frame_column *c = frame_find(f, s->contract->cols[i].name);

		if (!c)
			continue;
		rc = sheet_open(s, i);
		for (int64_t row = 0; row < f->rows && !rc; row++)
			if (frame_valid(c, row))
				rc = put_cell(s, i, first + row, c, row);
	}
	return rc;
}
