/* csvrows.c - find whole records in the bytes so far, cut them into cells. */
#include "lib/model/rows/csvrows.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"

enum { RECORD_MAX = 64 << 20 };

struct csvrows {
	struct csvrows_opts opts;
	struct batch *batch;
	bool begun;	      /* the header was read */
	struct strlist names; /* of the header */
	int64_t *target;      /* (names.n) column of the batch, -1: passed over */
	struct buf pending;   /* bytes of a record that is not whole yet */
	size_t scanned;	      /* of them */
	bool in_quotes;	      /* at that place */
	int64_t line;	      /* where the record at the front begins, from 1 */
	struct buf cell;      /* a quoted cell without its doubled quotes */
};

void csvrows_new(const struct csvrows_opts *opts, struct csvrows **out)
{
	struct csvrows *c = xcalloc(1, sizeof(*c));

	c->opts = *opts;
	if (!c->opts.separator)
		c->opts.separator = ',';
	if (!c->opts.contract)
		c->opts.keep_extra = true;
	c->batch = batch_new(opts->max_rows);
	c->pending = (struct buf)BUF_INIT;
	c->cell = (struct buf)BUF_INIT;
	c->line = 1;
	*out = c;
}

void csvrows_free(struct csvrows *c)
{
	if (!c)
		return;
	batch_free(c->batch);
	strlist_clear(&c->names);
	free(c->target);
	buf_clear(&c->pending);
	buf_clear(&c->cell);
	free(c);
}

static int bad(const struct csvrows *c, const char *what)
{
	return error_set(ERR_INPUT, "line %lld: %s", (long long)c->line, what);
}

/*
 * The cell at *p, which moves behind it and its separator; *more says whether another follows.
 * The text is borrowed until the next cell.
 */
static int cell_next(struct csvrows *c, const char **p, const char *end, const char **text,
		     size_t *n, bool *more)
{
	const char *stop;

	if (*p == end || **p != '"') {
		stop = memchr(*p, c->opts.separator, (size_t)(end - *p));
		*text = *p;
		*n = (size_t)((stop ? stop : end) - *p);
		if (memchr(*text, '"', *n))
			return bad(c, "a quote inside a cell that does not begin with one");
		*more = stop != NULL;
		*p = stop ? stop + 1 : end;
		return 0;
	}
	buf_reset(&c->cell);
	for (++*p;; *p = stop + 2) {
		stop = memchr(*p, '"', (size_t)(end - *p));
		if (!stop)
			return bad(c, "a quoted cell without end");
		buf_add(&c->cell, *p, (size_t)(stop - *p));
		if (stop + 1 == end || stop[1] != '"')
			break;
		buf_addch(&c->cell, '"');
	}
	*text = c->cell.data;
	*n = c->cell.len;
	*p = stop + 1;
	*more = *p < end;
	if (*more && *(*p)++ != c->opts.separator)
		return bad(c, "more after the quote that ends a cell");
	return 0;
}

static int header_names(struct csvrows *c, const char *p, const char *end)
{
	bool more = true;

	if (end - p >= 3 && !memcmp(p, "\xef\xbb\xbf", 3))
		p += 3;
	while (more) {
		const char *text;
		size_t n;
		char *name;

		if (cell_next(c, &p, end, &text, &n, &more) < 0)
			return ERR_INPUT;
		if (memchr(text, 0, n))
			return bad(c, "a NUL byte in the header");
		name = xstrndup(text, n);
		if (strlist_has(&c->names, name)) {
			free(name);
			return error_set(ERR_INPUT,
					 "line %lld: the header names column '%.*s' twice",
					 (long long)c->line, (int)(n > 60 ? 60 : n), text);
		}
		strlist_take(&c->names, name);
	}
	return 0;
}

static int header_read(struct csvrows *c, const char *p, const char *end)
{
	const struct contract *k = c->opts.contract;

	if (header_names(c, p, end) < 0)
		return ERR_INPUT;
	c->target = xcalloc(c->names.n, sizeof(*c->target));
	for (size_t i = 0; i < c->names.n; i++) {
		const struct contract_column *col = k ? contract_find(k, c->names.v[i]) : NULL;

		c->target[i] = -1;
		if (col || c->opts.keep_extra)
			c->target[i] = (int64_t)batch_column(c->batch, c->names.v[i],
							     col ? col->type : FRAME_STRING);
	}
	for (size_t i = 0; k && i < k->n; i++)
		if (!strlist_has(&c->names, k->cols[i].name))
			return error_set(ERR_INPUT, "line %lld: the header has no column '%s' (%s)",
					 (long long)c->line, k->cols[i].name,
					 frame_type_name(k->cols[i].type));
	c->begun = true;
	return 0;
}

static int row_read(struct csvrows *c, const char *p, const char *end)
{
	bool more = true;
	size_t i = 0;

	for (; more; i++) {
		const char *text;
		size_t n;

		if (cell_next(c, &p, end, &text, &n, &more) < 0)
			return ERR_INPUT;
		if (i == c->names.n || (!more && i + 1 < c->names.n))
			return error_set(
				ERR_INPUT, "line %lld has %s than the %zu cells of the header",
				(long long)c->line, i == c->names.n ? "more" : "fewer", c->names.n);
		if (n == 2 && !memcmp(text, "NA", 2))
			n = 0; /* missing, as it was where the data set was read */
		if (c->target[i] >= 0 && batch_put(c->batch, (size_t)c->target[i], text, n) < 0)
			return error_wrap(ERR_INPUT, "line %lld", (long long)c->line);
	}
	return 0;
}

static int64_t lines_in(const char *p, const char *end)
{
	int64_t n = 0;

	while ((p = memchr(p, '\n', (size_t)(end - p))))
		p++, n++;
	return n;
}

/* One whole record, without its LF. */
static int record_read(struct csvrows *c, const char *p, const char *end, batch_fn fn,
		       void *payload)
{
	int rc;

	if (end > p && end[-1] == '\r')
		end--;
	if (p == end && (!c->begun || c->names.n > 1))
		return 0;
	if (!c->begun)
		return header_read(c, p, end);
	if ((rc = row_read(c, p, end)) < 0)
		return rc;
	return batch_row(c->batch, fn, payload);
}

/*
 * The LF that ends the record at p, looking from *scanned on; NULL: it is not there yet. Quotes
 * come in pairs, so an LF ends the record where their number so far is even.
 */
static const char *record_end(struct csvrows *c, const char *p, const char *end)
{
	const char *at = p + c->scanned;

	while (at < end) {
		const char *lf = c->in_quotes ? NULL : memchr(at, '\n', (size_t)(end - at));
		const char *quote = memchr(at, '"', (size_t)((lf ? lf : end) - at));

		if (!quote && lf)
			return lf;
		if (!quote)
			break;
		c->in_quotes = !c->in_quotes;
		at = quote + 1;
	}
	c->scanned = (size_t)(end - p);
	return NULL;
}

/* All whole records of [p, end); *rest is where the next one begins. */
static int records_read(struct csvrows *c, const char *p, const char *end, const char **rest,
			batch_fn fn, void *payload)
{
	const char *lf;
	int rc;

	while ((lf = record_end(c, p, end))) {
		c->scanned = 0;
		if ((rc = record_read(c, p, lf, fn, payload)))
			return rc;
		c->line += 1 + lines_in(p, lf);
		p = lf + 1;
	}
	*rest = p;
	return 0;
}

int csvrows_feed(struct csvrows *c, const char *data, size_t n, batch_fn fn, void *payload)
{
	const char *p = data, *end = data + n, *rest;
	int rc;

	if (!n)
		return 0;
	if (c->pending.len) {
		buf_add(&c->pending, data, n);
		p = c->pending.data;
		end = p + c->pending.len;
	}
	if ((rc = records_read(c, p, end, &rest, fn, payload)))
		return rc;
	if (p != data) {
		memmove(c->pending.data, rest, (size_t)(end - rest));
		c->pending.len = (size_t)(end - rest);
	} else {
		buf_add(&c->pending, rest, (size_t)(end - rest));
	}
	if (c->pending.len > RECORD_MAX)
		return bad(c, "a record of over 64 MiB; is a quote not closed?");
	return 0;
}

int csvrows_flush(struct csvrows *c, batch_fn fn, void *payload)
{
	return batch_flush(c->batch, fn, payload);
}

int csvrows_end(struct csvrows *c, batch_fn fn, void *payload)
{
	int rc = 0;

	if (c->in_quotes)
		return bad(c, "a quoted cell without end");
	if (c->pending.len)
		rc = record_read(c, c->pending.data, c->pending.data + c->pending.len, fn, payload);
	if (rc)
		return rc;
	buf_reset(&c->pending);
	if (!c->begun)
		return error_set(ERR_INPUT, "the CSV has no header");
	return csvrows_flush(c, fn, payload);
}

int csvrows_shape(struct csvrows *c, batch_fn fn, void *payload)
{
	return c->begun ? batch_shape(c->batch, fn, payload) : 0;
}
