/* csvrows-put.c - frames as CSV. */
#include <string.h>

#include "lib/model/rows/cell.h"
#include "lib/model/rows/csvrows.h"

static void put_text(const char *s, struct buf *out)
{
	const char *quote;

	if (!strpbrk(s, ",\"\r\n")) {
		buf_addstr(out, s);
		return;
	}
	buf_addch(out, '"');
	while ((quote = strchr(s, '"'))) {
		buf_add(out, s, (size_t)(quote - s) + 1);
		buf_addch(out, '"');
		s = quote + 1;
	}
	buf_addstr(out, s);
	buf_addch(out, '"');
}

static void put_cell(const struct frame_column *c, int64_t row, bool as_float, struct buf *out)
{
	if (!frame_valid(c, row))
		return;
	switch (c->type) {
	case FRAME_BOOL:
		buf_addstr(out, c->b[row] ? "true" : "false");
		break;
	case FRAME_INT:
		cell_put_int(out, c->i[row]);
		break;
	case FRAME_DOUBLE:
		if (as_float)
			cell_put_float(out, (float)c->d[row]);
		else
			cell_put_double(out, c->d[row]);
		break;
	case FRAME_STRING:
		if (c->s[row])
			put_text(c->s[row], out);
		break;
	case FRAME_TIME:
		cell_put_time(out, c->i[row]);
	}
}

void csvrows_put_names(const struct frame *f, struct buf *out)
{
	for (size_t i = 0; i < f->n; i++) {
		if (i)
			buf_addch(out, ',');
		put_text(f->cols[i].name, out);
	}
	buf_addch(out, '\n');
}

void csvrows_put(const struct frame *f, size_t floats, struct buf *out)
{
	for (int64_t row = 0; row < f->rows; row++) {
		for (size_t i = 0; i < f->n; i++) {
			if (i)
				buf_addch(out, ',');
			put_cell(&f->cols[i], row, i >= floats, out);
		}
		buf_addch(out, '\n');
	}
}
