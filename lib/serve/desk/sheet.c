/* sheet.c - typed columns of one request. */
#include "lib/serve/desk/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

enum {
	FIRST_ROWS = 64,
	KEPT_CELLS = 1 << 20, /* beyond, a column's memory is given back after the request */
	KEPT_TEXT = 4 << 20,
};

static void column_clear(struct sheet_column *c)
{
	free(c->cells);
	free(c->valid);
	*c = (struct sheet_column){ 0 };
}

void sheet_clear(struct sheet *s)
{
	for (size_t i = 0; i < s->cap; i++)
		column_clear(&s->cols[i]);
	free(s->cols);
	free(s->view);
	buf_clear(&s->text);
	buf_clear(&s->cast);
	*s = (struct sheet)SHEET_INIT;
}

static void columns_room(struct sheet *s, size_t n)
{
	if (n <= s->cap)
		return;
	s->cols = xrealloc(s->cols, n * sizeof *s->cols);
	s->view = xrealloc(s->view, n * sizeof *s->view);
	memset(s->cols + s->cap, 0, (n - s->cap) * sizeof *s->cols);
	s->cap = n;
}

void sheet_begin(struct sheet *s, const struct contract *c)
{
	for (size_t i = 0; i < s->n; i++) {
		struct sheet_column *col = &s->cols[i];

		if (col->cap > KEPT_CELLS / (int64_t)s->n)
			column_clear(col);
		else if (col->here)
			memset(col->valid, 0, (size_t)(s->rows < col->cap ? s->rows : col->cap));
		col->here = false;
		col->filled = col->casts = 0;
	}
	if (s->text.cap > KEPT_TEXT)
		buf_clear(&s->text);
	buf_reset(&s->text);
	columns_room(s, c->n);
	s->contract = c;
	s->n = c->n;
	s->rows = 0;
	s->rows_known = false;
}

int sheet_rows(struct sheet *s, int64_t rows)
{
	int64_t columns = s->n ? (int64_t)s->n : 1;

	if (rows > s->max_rows)
		return error_set(ERR_BUSY, "the request has more than %lld rows",
				 (long long)s->max_rows);
	if (rows > s->max_cells / columns)
		return error_set(ERR_BUSY, "the request has more than %lld values",
				 (long long)s->max_cells);
	if (rows > s->rows)
		s->rows = rows;
	return 0;
}

int sheet_room(struct sheet *s, struct sheet_column *c)
{
	int64_t cap = c->cap ? c->cap : FIRST_ROWS;
	void *cells, *valid;

	while (cap < s->rows)
		cap *= 2;
	if (cap == c->cap)
		return 0;
	cells = realloc(c->cells, (size_t)cap * sizeof(int64_t));
	if (cells)
		c->cells = cells;
	valid = cells ? realloc(c->valid, (size_t)cap) : NULL;
	if (!valid)
		return error_set(ERR_FAIL, "out of memory for %lld rows", (long long)s->rows);
	c->valid = valid;
	memset(c->valid + c->cap, 0, (size_t)(cap - c->cap));
	c->cap = cap;
	return 0;
}

int sheet_open(struct sheet *s, size_t column)
{
	struct sheet_column *c = &s->cols[column];

	c->here = true;
	return c->cap < s->rows || !c->cap ? sheet_room(s, c) : 0;
}

/* Offsets become addresses: the text no longer moves. */
static void strings_fix(struct sheet *s, struct sheet_column *c)
{
	for (int64_t row = 0; row < s->rows; row++)
		c->s[row] = c->valid[row] ? s->text.data + ((uintptr_t)c->s[row] - 1) : NULL;
}

int sheet_frame(struct sheet *s, struct frame *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct contract_column *c = &s->contract->cols[i];
		struct sheet_column *col = &s->cols[i];

		if (!col->here)
			continue;
		if (col->cap < s->rows && sheet_room(s, col) < 0)
			return ERR_FAIL;
		if (c->type == FRAME_STRING)
			strings_fix(s, col);
		s->view[n++] =
			(struct frame_column){ .name = c->name,
					       .type = c->type,
					       .d = col->d,
					       .valid =
						       col->filled == s->rows ? NULL : col->valid };
	}
	*out = (struct frame){ s->rows, n, s->view };
	return 0;
}

void sheet_casts(const struct sheet *s, struct counts *counts)
{
	for (size_t i = 0; i < s->n; i++)
		counts->cols[i].cast += s->cols[i].casts;
}
