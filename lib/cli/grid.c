/* grid.c - rows of text in aligned columns. */
#define _GNU_SOURCE
#include "lib/cli/grid.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

void grid_init(struct grid *g, size_t columns)
{
	*g = (struct grid){ .columns = columns };
	g->right = xcalloc(columns, sizeof *g->right);
	g->titles = xcalloc(columns, sizeof *g->titles);
	g->spare = xcalloc(columns, sizeof *g->spare);
}

void grid_column(struct grid *g, const char *title, bool right)
{
	if (g->titled == g->columns)
		return;
	g->titles[g->titled] = title && *title ? xstrdup(title) : NULL;
	g->right[g->titled++] = right;
}

void grid_spare(struct grid *g, int rank)
{
	if (g->titled)
		g->spare[g->titled - 1] = rank;
}

static void add(struct grid *g, char *text)
{
	/* one line a cell: a line break or a control character would break the row */
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = ' ';
	ARRAY_GROW(g->cells, g->n, g->cap);
	g->cells[g->n++] = (struct grid_cell){ .text = text };
}

void grid_cell(struct grid *g, const char *text)
{
	add(g, xstrdup(text ? text : ""));
}

void grid_cellf(struct grid *g, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	add(g, b.len ? buf_take(&b) : xstrdup(""));
}

void grid_style(struct grid *g, enum term_style style)
{
	if (g->n)
		g->cells[g->n - 1].style = style;
}

/* Columns that UTF-8 text takes: its code points, as fonts of a terminal show them. */
static int width_of(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* Bytes of the first n code points. */
static size_t prefix(const char *s, int n)
{
	size_t i = 0;

	for (; s[i]; i++)
		if (((unsigned char)s[i] & 0xc0) != 0x80 && n-- == 0)
			break;
	return i;
}

static bool has_header(const struct grid *g)
{
	for (size_t c = 0; c < g->columns; c++)
		if (g->titles[c])
			return true;
	return false;
}

static void widths(const struct grid *g, int *w)
{
	for (size_t c = 0; c < g->columns; c++)
		w[c] = g->titles[c] ? width_of(g->titles[c]) : 0;
	for (size_t i = 0; i < g->n; i++) {
		int n = width_of(g->cells[i].text);

		if (n > w[i % g->columns])
			w[i % g->columns] = n;
	}
}

enum { LAST_MIN = 20, LEFT_OUT = -1 };

/* What the lines take; of the last column no more than can be read. */
static int total(const struct grid *g, const int *w)
{
	int sum = 0;

	for (size_t c = 0; c < g->columns; c++) {
		bool last = c + 1 == g->columns;

		if (w[c] != LEFT_OUT)
			sum += last && w[c] > LAST_MIN ? LAST_MIN : w[c] + (last ? 0 : 2);
	}
	return sum;
}

/* Leave out spare columns until the rest fits. */
static void leave_out(const struct grid *g, int *w, int width)
{
	while (width && total(g, w) > width) {
		size_t worst = g->columns;

		for (size_t c = 0; c < g->columns; c++)
			if (w[c] != LEFT_OUT && g->spare[c] &&
			    (worst == g->columns || g->spare[c] >= g->spare[worst]))
				worst = c;
		if (worst == g->columns)
			return;
		w[worst] = LEFT_OUT;
	}
}

struct line {
	struct buf *out;
	int width, col; /* width 0: no limit */
};

/* Up to n columns of text, and no more than what is left of the line. */
static void put(struct line *l, const char *text, enum term_style style)
{
	int n = width_of(text);
	const char *on = style == STYLE_PLAIN ? "" : term_style(style);

	if (l->width && l->col >= l->width)
		return;
	buf_addstr(l->out, on);
	if (l->width && l->col + n > l->width) {
		buf_add(l->out, text, prefix(text, l->width - l->col - 1));
		buf_addstr(l->out, "…");
		l->col = l->width;
	} else {
		buf_addstr(l->out, text);
		l->col += n;
	}
	buf_addstr(l->out, *on ? term_style(STYLE_PLAIN) : "");
}

static void space(struct line *l, int n)
{
	for (; n > 0 && (!l->width || l->col < l->width); n--, l->col++)
		buf_addch(l->out, ' ');
}

static void row(const struct grid *g, const struct grid_cell *cells, const int *w, int width,
		struct buf *out)
{
	struct line l = { .out = out, .width = width };

	for (size_t c = 0; c < g->columns; c++) {
		int pad = w[c] - width_of(cells[c].text);

		if (w[c] == LEFT_OUT)
			continue;
		if (g->right[c])
			space(&l, pad);
		put(&l, cells[c].text, cells[c].style);
		if (c + 1 < g->columns)
			space(&l, 2 + (g->right[c] ? 0 : pad));
	}
	while (out->len && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
	buf_addch(out, '\n');
}

static void header(const struct grid *g, const int *w, int width, struct buf *out)
{
	struct grid_cell *cells = xcalloc(g->columns, sizeof *cells);
	static char empty[1];

	for (size_t c = 0; c < g->columns; c++)
		cells[c] = (struct grid_cell){ g->titles[c] ? g->titles[c] : empty, STYLE_BOLD };
	row(g, cells, w, width, out);
	free(cells);
}

void grid_render(const struct grid *g, int width, struct buf *out)
{
	int *w = xcalloc(g->columns, sizeof *w);

	widths(g, w);
	leave_out(g, w, width);
	if (has_header(g) && g->n)
		header(g, w, width, out);
	for (size_t i = 0; i + g->columns <= g->n; i += g->columns)
		row(g, g->cells + i, w, width, out);
	free(w);
}

/* Bytes of the escape sequence at s, 0 where there is none. */
static size_t escape(const char *s)
{
	size_t n = 2;

	if (s[0] != '\033' || s[1] != '[')
		return 0;
	n += strspn(s + n, "0123456789;");
	return s[n] ? n + 1 : n;
}

static void cut_line(const char *s, size_t n, int width, struct buf *out)
{
	int left = width, all = 0;

	for (size_t i = 0; i < n; i += escape(s + i) ? escape(s + i) : 1)
		all += !escape(s + i) && ((unsigned char)s[i] & 0xc0) != 0x80;
	for (size_t i = 0, k; i < n; i += k) {
		if ((k = escape(s + i)) == 0) {
			k = prefix(s + i, 1);
			if (all > width && --left <= 0) {
				buf_addstr(out, left == 0 ? "…" : "");
				continue;
			}
		}
		buf_add(out, s + i, k);
	}
}

void grid_cut(const char *text, int width, struct buf *out)
{
	for (size_t n; *text; text += n) {
		n = strcspn(text, "\n");
		if (width)
			cut_line(text, n, width, out);
		else
			buf_add(out, text, n);
		if (text[n]) {
			buf_addch(out, '\n');
			n++;
		}
	}
}

void grid_print(const struct grid *g)
{
	struct buf b = BUF_INIT;

	grid_render(g, term_stdout()->columns, &b);
	fwrite(b.data, 1, b.len, stdout);
	buf_clear(&b);
}

void grid_clear(struct grid *g)
{
	for (size_t i = 0; i < g->n; i++)
		free(g->cells[i].text);
	for (size_t c = 0; c < g->columns && g->titles; c++)
		free(g->titles[c]);
	free(g->cells);
	free(g->titles);
	free(g->right);
	free(g->spare);
	*g = (struct grid){ 0 };
}
