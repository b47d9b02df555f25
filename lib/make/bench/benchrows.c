/* benchrows.c - deep copies of rows, column by column. */
#include "lib/make/bench/benchrows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/measure/chance/draw.h"
#include "lib/model/rows/jsonrows.h"
#include "lib/table/rows/scan.h"

enum { WRITE_ROWS = 4096 };

static size_t cell_bytes(enum frame_type t)
{
	return t == FRAME_BOOL ? 1 : 8;
}

void benchrows_clear(struct benchrows *b)
{
	for (size_t i = 0; b->cols && i < b->n; i++) {
		struct frame_column *c = &b->cols[i];

		for (int64_t k = 0; c->type == FRAME_STRING && k < b->real; k++)
			free((char *)c->s[k]); /* the others are the same strings again */
		free((void *)c->d);
		free((void *)c->valid);
	}
	free(b->cols);
	*b = (struct benchrows)BENCHROWS_INIT;
}

static int init(const struct contract *c, int64_t rows, int64_t least, struct benchrows *b)
{
	int rc = 0;

	*b = (struct benchrows){ .n = c->n, .cap = rows > least ? rows : least };
	b->cols = xcalloc(c->n + 1, sizeof *b->cols);
	for (size_t i = 0; i < c->n && !rc; i++) {
		b->cols[i] =
			(struct frame_column){ .name = c->cols[i].name, .type = c->cols[i].type };
		rc = mem_alloc((size_t)b->cap, cell_bytes(c->cols[i].type), (void *)&b->cols[i].d);
		if (!rc)
			rc = mem_alloc((size_t)b->cap, 1, (void *)&b->cols[i].valid);
	}
	return rc;
}

static void copy_cell(const struct frame_column *from, int64_t row, struct frame_column *to,
		      int64_t at)
{
	bool valid = frame_valid(from, row) && (from->type != FRAME_STRING || from->s[row]);

	((uint8_t *)to->valid)[at] = valid;
	if (!valid)
		return;
	if (to->type == FRAME_STRING)
		((char **)to->s)[at] = xstrdup(from->s[row]);
	else
		memcpy((char *)to->d + (size_t)at * cell_bytes(to->type),
		       (const char *)from->d + (size_t)row * cell_bytes(to->type),
		       cell_bytes(to->type));
}

/* The type that the table has is what a request would bring; the contract takes it or refuses. */
static int append(struct benchrows *b, const struct frame *f, int64_t most)
{
	int64_t n = f->rows < most - b->real ? f->rows : most - b->real;

	for (size_t i = 0; i < b->n; i++) {
		struct frame_column *to = &b->cols[i];

		if (b->real && to->type != f->cols[i].type)
			return error_set(ERR_INPUT, "column '%s' changes its type", to->name);
		if (cell_bytes(to->type) < cell_bytes(f->cols[i].type) ||
		    (to->type == FRAME_STRING) != (f->cols[i].type == FRAME_STRING))
			return error_set(ERR_INPUT, "column '%s' is %s in the rows, want %s",
					 to->name, frame_type_name(f->cols[i].type),
					 frame_type_name(to->type));
		to->type = f->cols[i].type;
		for (int64_t row = 0; row < n; row++)
			copy_cell(&f->cols[i], row, to, b->real + row);
	}
	b->real += n;
	b->rows = b->real;
	return 0;
}

static void repeat(struct benchrows *b, int64_t least)
{
	for (; b->rows < least; b->rows++)
		for (size_t i = 0; i < b->n; i++) {
			struct frame_column *c = &b->cols[i];
			size_t w = cell_bytes(c->type);

			((uint8_t *)c->valid)[b->rows] = c->valid[b->rows % b->real];
			memcpy((char *)c->d + (size_t)b->rows * w,
			       (const char *)c->d + (size_t)(b->rows % b->real) * w, w);
		}
}

static int read_table(const struct contract *c, const char *path, int64_t rows,
		      struct benchrows *out)
{
	const char **columns = xcalloc(c->n + 1, sizeof *columns);
	struct table_scan *scan = NULL;
	struct frame f;
	int rc;

	for (size_t i = 0; i < c->n; i++)
		columns[i] = c->cols[i].name;
	rc = table_scan_open(&path, 1, columns, c->n, 1, &scan);
	while (!rc && out->real < rows && (rc = table_scan_next(scan, &f)) > 0)
		rc = append(out, &f, rows);
	table_scan_close(scan);
	free(columns);
	return rc > 0 ? 0 : rc;
}

struct lines {
	struct benchrows *out;
	int64_t most;
};

static int take_lines(const struct frame *f, void *payload)
{
	struct lines *l = payload;

	return append(l->out, f, l->most);
}

static int read_lines(const struct contract *c, const char *path, int64_t rows,
		      struct benchrows *out)
{
	struct jsonrows_opts opts = { .contract = c };
	struct lines l = { out, rows };
	struct jsonrows *j = NULL;
	struct buf b = BUF_INIT;
	int rc = file_read(path, &b);

	jsonrows_new(&opts, &j);
	if (!rc)
		rc = jsonrows_feed(j, b.data, b.len, take_lines, &l);
	if (!rc)
		rc = jsonrows_end(j, take_lines, &l);
	jsonrows_free(j);
	buf_clear(&b);
	return rc;
}

int benchrows_read(const struct contract *c, const char *path, int64_t rows, int64_t least,
		   struct benchrows *out)
{
	int rc = init(c, rows, least, out);

	if (!rc)
		rc = path_ends_with(path, ".jsonl") ? read_lines(c, path, rows, out)
						    : read_table(c, path, rows, out);
	if (!rc && !out->real)
		rc = error_set(ERR_INPUT, "there are no rows to measure on");
	if (!rc)
		repeat(out, least);
	return rc;
}

int benchrows_write(const struct benchrows *b, const char *path)
{
	struct frame_column *cols = xcalloc(b->n + 1, sizeof *cols);
	struct buf text = BUF_INIT;
	struct file_whole w;
	int rc = file_whole_open(path, &w), end = rc;

	for (int64_t at = 0; !rc && at < b->real; at += WRITE_ROWS) {
		struct frame f;

		benchrows_slice(b, at, b->real - at < WRITE_ROWS ? b->real - at : WRITE_ROWS, cols,
				&f);
		buf_reset(&text);
		jsonrows_put(&f, f.n, &text);
		rc = file_write_fd(w.fd, text.data, text.len);
	}
	if (!end)
		rc = file_whole_end(&w, rc);
	buf_clear(&text);
	free(cols);
	return rc;
}

static void make_cell(const struct contract_column *c, uint64_t bits, struct frame_column *to,
		      int64_t at)
{
	double lo = c->ranged ? c->min : 0, hi = c->ranged ? c->max : 1;
	double v = lo + draw_unit(bits) * (hi - lo);

	((uint8_t *)to->valid)[at] = 1;
	switch (c->type) {
	case FRAME_STRING:
		((char **)to->s)[at] =
			xstrdup(c->categories.n ? c->categories
							  .v[draw_below((uint32_t)(bits >> 32),
									(uint32_t)c->categories.n)]
							  .s
						: "");
		break;
	case FRAME_BOOL:
		((uint8_t *)to->b)[at] = bits >> 63;
		break;
	case FRAME_DOUBLE:
		((double *)to->d)[at] = v;
		break;
	default:
		((int64_t *)to->i)[at] = fabs(v) < 9e18 ? (int64_t)v : 0;
	}
}

int benchrows_make(const struct contract *c, int64_t rows, int64_t least, struct benchrows *out)
{
	int rc = init(c, rows, least, out);

	for (size_t i = 0; i < c->n && !rc; i++) {
		uint64_t start = draw_stream(0, i);

		for (int64_t row = 0; row < rows; row++)
			make_cell(&c->cols[i], draw_bits(start, (uint64_t)row), &out->cols[i], row);
	}
	if (rc)
		return rc;
	out->real = out->rows = rows;
	repeat(out, least);
	return 0;
}

void benchrows_slice(const struct benchrows *b, int64_t at, int64_t n, struct frame_column *cols,
		     struct frame *out)
{
	for (size_t i = 0; i < b->n; i++) {
		cols[i] = b->cols[i];
		cols[i].d = (const double *)((const char *)b->cols[i].d +
					     (size_t)at * cell_bytes(b->cols[i].type));
		cols[i].valid = b->cols[i].valid + at;
	}
	*out = (struct frame){ .rows = n, .n = b->n, .cols = cols };
}
