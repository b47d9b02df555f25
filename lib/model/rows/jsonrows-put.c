/* jsonrows-put.c - frames as JSON lines. */
#include <math.h>
#include <string.h>

#include "lib/model/rows/cell.h"
#include "lib/model/rows/jsonrows.h"

/* Bytes of the UTF-8 sequence at s, 0 when it is none. */
static size_t utf8_length(const unsigned char *s)
{
	size_t n = *s < 0x80		     ? 1
		   : *s >= 0xc2 && *s < 0xe0 ? 2
		   : (*s & 0xf0) == 0xe0     ? 3
		   : *s >= 0xf0 && *s < 0xf5 ? 4
					     : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if (n == 3 && ((*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] >= 0xa0)))
		return 0;
	if (n == 4 && ((*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] >= 0x90)))
		return 0;
	return n;
}

/* Bytes that are no UTF-8 become U+FFFD. */
static void put_text(const char *text, struct buf *out)
{
	const unsigned char *s = (const unsigned char *)text;

	buf_addch(out, '"');
	while (*s) {
		size_t n = utf8_length(s);

		if (*s == '"' || *s == '\\') {
			buf_addch(out, '\\');
			buf_addch(out, (char)*s);
		} else if (*s < 32) {
			buf_addf(out, "\\u%04x", *s);
		} else if (n) {
			buf_add(out, s, n);
		} else {
			buf_addstr(out, "\xef\xbf\xbd");
		}
		s += n ? n : 1;
	}
	buf_addch(out, '"');
}

void jsonrows_put_value(const struct frame_column *c, int64_t row, bool as_float, struct buf *out)
{
	if (!frame_valid(c, row) || (c->type == FRAME_STRING && !c->s[row]) ||
	    (c->type == FRAME_DOUBLE && !isfinite(c->d[row]))) {
		buf_addstr(out, "null");
		return;
	}
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
		put_text(c->s[row], out);
		break;
	case FRAME_TIME:
		buf_addch(out, '"');
		cell_put_time(out, c->i[row]);
		buf_addch(out, '"');
	}
}

void jsonrows_put(const struct frame *f, size_t floats, struct buf *out)
{
	for (int64_t row = 0; row < f->rows; row++) {
		buf_addch(out, '{');
		for (size_t i = 0; i < f->n; i++) {
			if (i)
				buf_addch(out, ',');
			put_text(f->cols[i].name, out);
			buf_addch(out, ':');
			jsonrows_put_value(&f->cols[i], row, i >= floats, out);
		}
		buf_addstr(out, "}\n");
	}
}
