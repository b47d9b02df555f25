/* batch.c - typed columns that grow row by row. */
#include "lib/model/rows/batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/model/rows/cell.h"

enum { FIRST_ROWS = 64, TEXT_FULL = 16 << 20 };

struct batch_column {
	char *name;
	enum frame_type type;
	union {
		void *cells; /* (cap) */
		uint8_t *b;
		int64_t *i;
		double *d;
		const char **s; /* while filling: the offset in text, plus 1, 0 for missing */
	};
	uint8_t *valid; /* (cap) */
	bool gaps;	/* some value is missing */
};

struct batch {
	struct batch_column *cols; /* (n) */
	size_t n;
	int64_t rows, cap, max_rows;
	struct buf text;
	struct frame_column *view; /* (n) */
};

struct batch *batch_new(int64_t max_rows)
{
	struct batch *b = xcalloc(1, sizeof(*b));

	b->max_rows = max_rows > 0 ? max_rows : 4096;
	b->text = (struct buf)BUF_INIT;
	return b;
}

void batch_free(struct batch *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->n; i++) {
		free(b->cols[i].name);
		free(b->cols[i].cells);
		free(b->cols[i].valid);
	}
	free(b->cols);
	free(b->view);
	buf_clear(&b->text);
	free(b);
}

size_t batch_column(struct batch *b, const char *name, enum frame_type type)
{
	b->cols = xrealloc(b->cols, (b->n + 1) * sizeof(*b->cols));
	b->view = xrealloc(b->view, (b->n + 1) * sizeof(*b->view));
	b->cols[b->n] = (struct batch_column){ .name = xstrdup(name), .type = type };
	return b->n++;
}

size_t batch_width(const struct batch *b)
{
	return b->n;
}

const char *batch_name(const struct batch *b, size_t column)
{
	return b->cols[column].name;
}

static size_t cell_bytes(enum frame_type type)
{
	return type == FRAME_BOOL ? 1 : 8;
}

/* Room for the row being filled, all of it missing. */
static void open_row(struct batch *b)
{
	if (b->rows < b->cap)
		return;
	b->cap = b->cap ? 2 * b->cap : FIRST_ROWS;
	for (size_t i = 0; i < b->n; i++) {
		struct batch_column *c = &b->cols[i];

		c->cells = xrealloc(c->cells, (size_t)b->cap * cell_bytes(c->type));
		c->valid = xrealloc(c->valid, (size_t)b->cap);
		memset(c->valid + b->rows, 0, (size_t)(b->cap - b->rows));
	}
}

static int unfit(const struct batch_column *c, const char *text, size_t n)
{
	return error_set(ERR_INPUT, "column '%s' holds '%.*s', want %s", c->name,
			 n > 60 ? 60 : (int)n, text, frame_type_name(c->type));
}

void batch_put_string(struct batch *b, size_t column, const char *text, size_t n)
{
	struct batch_column *c = &b->cols[column];

	open_row(b);
	c->valid[b->rows] = 1;
	c->s[b->rows] = (const char *)(b->text.len + 1);
	buf_add(&b->text, text, n);
	buf_addch(&b->text, '\0');
}

void batch_put_double(struct batch *b, size_t column, double v)
{
	struct batch_column *c = &b->cols[column];

	open_row(b);
	c->valid[b->rows] = !isnan(v);
	c->d[b->rows] = v;
}

int batch_put(struct batch *b, size_t column, const char *text, size_t n)
{
	struct batch_column *c = &b->cols[column];
	int64_t row = b->rows;
	bool flag = false, ok = true;

	if (!n)
		return 0;
	if (memchr(text, 0, n))
		return error_set(ERR_INPUT, "column '%s' holds a NUL byte", c->name);
	open_row(b);
	switch (c->type) {
	case FRAME_STRING:
		batch_put_string(b, column, text, n);
		break;
	case FRAME_BOOL:
		ok = cell_bool(text, n, &flag);
		c->b[row] = flag;
		break;
	case FRAME_INT:
		ok = cell_int(text, n, &c->i[row]);
		break;
	case FRAME_DOUBLE:
		ok = cell_double(text, n, &c->d[row]);
		break;
	case FRAME_TIME:
		ok = cell_time(text, n, &c->i[row]);
		break;
	}
	if (!ok)
		return unfit(c, text, n);
	c->valid[row] = c->type != FRAME_DOUBLE || !isnan(c->d[row]);
	return 0;
}

int batch_row(struct batch *b, batch_fn fn, void *payload)
{
	open_row(b);
	for (size_t i = 0; i < b->n; i++) {
		struct batch_column *c = &b->cols[i];

		if (c->valid[b->rows])
			continue;
		c->gaps = true;
		memset((char *)c->cells + (size_t)b->rows * cell_bytes(c->type), 0,
		       cell_bytes(c->type));
	}
	b->rows++;
	if (b->rows == b->max_rows || b->text.len >= TEXT_FULL)
		return batch_flush(b, fn, payload);
	return 0;
}

/* Offsets become addresses once the text no longer moves. */
static void view_build(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct batch_column *c = &b->cols[i];

		for (int64_t row = 0; c->type == FRAME_STRING && row < b->rows; row++)
			c->s[row] = c->valid[row] ? b->text.data + ((size_t)c->s[row] - 1) : NULL;
		b->view[i] = (struct frame_column){ .name = c->name,
						    .type = c->type,
						    .d = c->d,
						    .valid = c->gaps ? c->valid : NULL };
	}
}

/* Values already put in the row being filled do not survive: whole rows only come before a flush.
 */
int batch_flush(struct batch *b, batch_fn fn, void *payload)
{
	struct frame f = { b->rows, b->n, b->view };
	int rc;

	if (!b->rows)
		return 0;
	view_build(b);
	rc = fn(&f, payload);
	b->rows = 0;
	buf_reset(&b->text);
	for (size_t i = 0; i < b->n; i++) {
		b->cols[i].gaps = false;
		memset(b->cols[i].valid, 0, (size_t)b->cap);
	}
	return rc;
}

int batch_shape(struct batch *b, batch_fn fn, void *payload)
{
	struct frame f = { 0, b->n, b->view };

	view_build(b);
	return fn(&f, payload);
}
