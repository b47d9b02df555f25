/* jsonrows.c - one object a line. */
#include "lib/model/rows/jsonrows.h"

#include "lib/base/json.h"
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/model/rows/cell.h"

enum { LINE_MAX_BYTES = 64 << 20 };

struct jsonrows {
	const struct contract *contract;
	struct batch *batch; /* the contract's columns, then those to keep */
	struct buf pending;
	size_t scanned;
	int64_t line; /* of what is at the front, from 1 */
	struct buf text;
};

void jsonrows_new(const struct jsonrows_opts *opts, struct jsonrows **out)
{
	struct jsonrows *j = xcalloc(1, sizeof(*j));

	j->contract = opts->contract;
	j->batch = batch_new(opts->max_rows);
	j->pending = (struct buf)BUF_INIT;
	j->text = (struct buf)BUF_INIT;
	j->line = 1;
	for (size_t i = 0; i < opts->contract->n; i++)
		batch_column(j->batch, opts->contract->cols[i].name, opts->contract->cols[i].type);
	for (size_t i = 0; i < opts->n_keep; i++)
		if (!contract_find(opts->contract, opts->keep[i]))
			batch_column(j->batch, opts->keep[i], FRAME_STRING);
	*out = j;
}

void jsonrows_free(struct jsonrows *j)
{
	if (!j)
		return;
	batch_free(j->batch);
	buf_clear(&j->pending);
	buf_clear(&j->text);
	free(j);
}

/* A scalar as the text that would stand in a CSV cell; NULL for arrays and objects. */
static const char *text_of(const json_t *v, struct buf *b)
{
	buf_reset(b);
	switch (json_typeof(v)) {
	case JSON_STRING:
		return json_string_value(v);
	case JSON_INTEGER:
		buf_addf(b, "%lld", (long long)json_integer_value(v));
		return b->data;
	case JSON_REAL:
		cell_put_double(b, json_real_value(v));
		return b->data;
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	default:
		return NULL;
	}
}

/* May a JSON value of this kind stand for the type as it is? */
static bool suits(const json_t *v, enum frame_type type)
{
	switch (type) {
	case FRAME_BOOL:
		return json_is_boolean(v);
	case FRAME_INT:
	case FRAME_DOUBLE:
		return json_is_number(v);
	default:
		return json_is_string(v);
	}
}

static int put_value(struct jsonrows *j, size_t column, const json_t *v)
{
	bool known = column < j->contract->n;
	const char *name = batch_name(j->batch, column), *text;
	enum frame_type type = known ? j->contract->cols[column].type : FRAME_STRING;
	char *dump = NULL;

	if (json_is_null(v))
		return 0;
	if (known && type == FRAME_DOUBLE && json_is_number(v)) {
		batch_put_double(j->batch, column, json_number_value(v));
		return 0;
	}
	text = text_of(v, &j->text);
	if (known && (!text || (!suits(v, type) && j->contract->mode != CONTRACT_COERCE)))
		return error_set(ERR_INPUT, "column '%s' holds %s, want %s", name,
				 text ? "another type" : "a list or an object",
				 frame_type_name(type));
	if (!text)
		text = dump = json_dumps(v, JSON_COMPACT);
	if (type == FRAME_STRING) {
		batch_put_string(j->batch, column, text ? text : "", text ? strlen(text) : 0);
		free(dump);
		return 0;
	}
	return batch_put(j->batch, column, text, strlen(text));
}

static int object_read(struct jsonrows *j, const json_t *o)
{
	for (size_t i = 0; i < batch_width(j->batch); i++) {
		const json_t *v = json_object_get(o, batch_name(j->batch, i));

		if (v && put_value(j, i, v) < 0)
			return ERR_INPUT;
	}
	return 0;
}

static bool blank(const char *p, size_t n)
{
	while (n && (*p == ' ' || *p == '\t' || *p == '\r'))
		p++, n--;
	return !n;
}

static int line_read(struct jsonrows *j, const char *p, size_t n, batch_fn fn, void *payload)
{
	json_error_t e;
	json_t *o;
	int rc;

	if (blank(p, n))
		return 0;
	o = json_loadb(p, n, JSON_REJECT_DUPLICATES, &e);
	if (!o)
		return error_set(ERR_INPUT, "line %lld column %d: %s", (long long)j->line, e.column,
				 e.text);
	if (!json_is_object(o))
		rc = error_set(ERR_INPUT, "line %lld: want one JSON object", (long long)j->line);
	else if ((rc = object_read(j, o)) < 0)
		error_wrap(rc, "line %lld", (long long)j->line);
	json_decref(o);
	return rc < 0 ? rc : batch_row(j->batch, fn, payload);
}

/* All whole lines of [p, end); *rest is where the next one begins. */
static int lines_read(struct jsonrows *j, const char *p, const char *end, const char **rest,
		      batch_fn fn, void *payload)
{
	const char *lf;
	int rc;

	while ((lf = memchr(p + j->scanned, '\n', (size_t)(end - p) - j->scanned))) {
		j->scanned = 0;
		if ((rc = line_read(j, p, (size_t)(lf - p), fn, payload)))
			return rc;
		j->line++;
		p = lf + 1;
	}
	j->scanned = (size_t)(end - p);
	*rest = p;
	return 0;
}

int jsonrows_feed(struct jsonrows *j, const char *data, size_t n, batch_fn fn, void *payload)
{
	const char *p = data, *end = data + n, *rest;
	int rc;

	if (!n)
		return 0;
	if (j->pending.len) {
		buf_add(&j->pending, data, n);
		p = j->pending.data;
		end = p + j->pending.len;
	}
	if ((rc = lines_read(j, p, end, &rest, fn, payload)))
		return rc;
	if (p != data) {
		memmove(j->pending.data, rest, (size_t)(end - rest));
		j->pending.len = (size_t)(end - rest);
	} else {
		buf_add(&j->pending, rest, (size_t)(end - rest));
	}
	if (j->pending.len > LINE_MAX_BYTES)
		return error_set(ERR_INPUT, "line %lld is over 64 MiB long", (long long)j->line);
	return 0;
}

int jsonrows_flush(struct jsonrows *j, batch_fn fn, void *payload)
{
	return batch_flush(j->batch, fn, payload);
}

int jsonrows_end(struct jsonrows *j, batch_fn fn, void *payload)
{
	int rc = 0;

	if (j->pending.len)
		rc = line_read(j, j->pending.data, j->pending.len, fn, payload);
	if (rc)
		return rc;
	buf_reset(&j->pending);
	j->scanned = 0;
	return jsonrows_flush(j, fn, payload);
}
