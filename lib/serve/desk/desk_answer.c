/* desk_answer.c - what every answer is made of: texts, values, errors in each dialect's shape. */
#include <math.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/utf8.h"
#include "lib/model/rows/cell.h"
#include "lib/serve/desk/desking.h"

void desk_say(struct desk *d, const char *type, const char *text)
{
	d->out->status = 200;
	d->out->type = type;
	buf_addstr(&d->out->body, text);
}

/* Bytes of a character that stands for itself in a JSON string; 0: it needs an escape. */
static size_t plain_bytes(const char *s, size_t n)
{
	unsigned char c = (unsigned char)*s;

	if (c < 0x80)
		return c >= 32 && c != '"' && c != '\\';
	return utf8_bytes(s, n);
}

void desk_put_text(const char *text, size_t n, struct buf *out)
{
	const char *end = text + n, *from = text;

	buf_addch(out, '"');
	while (text < end) {
		size_t bytes = plain_bytes(text, (size_t)(end - text));

		text += bytes;
		if (bytes)
			continue;
		buf_add(out, from, (size_t)(text - from));
		if (*text == '"' || *text == '\\')
			buf_addf(out, "\\%c", *text);
		else if ((unsigned char)*text < 32)
			buf_addf(out, "\\u%04x", *text);
		else
			buf_addstr(out, "\xef\xbf\xbd"); /* no UTF-8 */
		from = ++text;
	}
	buf_add(out, from, (size_t)(end - from));
	buf_addch(out, '"');
}

void desk_put_json(const struct frame_column *c, int64_t row, bool as_float, struct buf *out)
{
	switch (c->type) {
	case FRAME_BOOL:
		buf_addstr(out, c->b[row] ? "true" : "false");
		break;
	case FRAME_INT:
		cell_put_int(out, c->i[row]);
		break;
	case FRAME_DOUBLE:
		if (!isfinite(c->d[row]))
			buf_add(out, "null", 4);
		else if (as_float)
			cell_put_float(out, (float)c->d[row]);
		else
			cell_put_double(out, c->d[row]);
		break;
	case FRAME_STRING:
		desk_put_text(c->s[row], strlen(c->s[row]), out);
		break;
	case FRAME_TIME:
		buf_addch(out, '"');
		cell_put_time(out, c->i[row]);
		buf_addch(out, '"');
	}
}

void desk_title(struct desk *d)
{
	const struct served *s = d->out->served;

	exchange_header(d->out, "x-mich-model", s->card->title, strlen(s->card->title));
	exchange_header(d->out, "x-mich-id", s->id, strlen(s->id));
}

static const struct {
	int status;
	const char *mlflow; /* its error_code */
} faults[METER_ERRORS] = {
	[METER_MALFORMED] = { 400, "BAD_REQUEST" },
	[METER_SHAPE] = { 400, "BAD_REQUEST" },
	[METER_CONTRACT] = { 400, "BAD_REQUEST" },
	[METER_TOO_LARGE] = { 413, "BAD_REQUEST" },
	[METER_UNSUPPORTED] = { 400, "BAD_REQUEST" },
	[METER_METHOD] = { 405, "ENDPOINT_NOT_FOUND" },
	[METER_NOT_FOUND] = { 404, "RESOURCE_DOES_NOT_EXIST" },
	[METER_NOT_READY] = { 503, "TEMPORARILY_UNAVAILABLE" },
	[METER_INTERNAL] = { 500, "INTERNAL_ERROR" },
};

static enum meter_error fault_of(const struct desk *d, int rc)
{
	if (d->fault != METER_OK)
		return d->fault;
	return rc == ERR_CORRUPT ? METER_MALFORMED
	       : rc == ERR_BUSY	 ? METER_TOO_LARGE
	       : rc == ERR_INPUT ? METER_CONTRACT
				 : METER_INTERNAL;
}

int desk_fault(struct desk *d, enum meter_error fault, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	d->fault = fault;
	va_start(ap, fmt);
	buf_reset(&d->error);
	buf_vaddf(&d->error, fmt, ap);
	va_end(ap);
	text = d->error.data;
	return error_set(ERR_INPUT, "%s", text);
}

void desk_refuse(struct desk *d, int rc)
{
	enum meter_error fault = fault_of(d, rc);
	struct answer *out = d->out;

	d->fault = fault;
	buf_reset(&d->error);
	buf_addstr(&d->error, error_text());
	buf_reset(&out->body);
	out->n_headers = 0;
	out->status = faults[fault].status;
	out->type = "application/json";
	out->error_kind = meter_error_name(fault);
	out->error = d->error.data;
	if (d->media)
		out->status = 415;
	if (d->media && d->dialect == METER_MLFLOW) { /* as it says so, in plain text */
		out->type = "text/plain; charset=utf-8";
		buf_addstr(&out->body, d->error.data);
		return;
	}
	if (d->dialect == METER_MLFLOW)
		buf_addf(&out->body, "{\"error_code\":\"%s\",\"message\":", faults[fault].mlflow);
	else
		buf_addstr(&out->body, "{\"error\":");
	desk_put_text(d->error.data, d->error.len, &out->body);
	buf_addch(&out->body, '}');
}

void desk_lose(struct desk *d, enum meter_error fault, const char *fmt, ...)
{
	struct meter_event e = { .dialect = d->dialect, .error = fault };
	va_list ap;

	va_start(ap, fmt);
	buf_reset(&d->error);
	buf_vaddf(&d->error, fmt, ap);
	va_end(ap);
	d->fault = fault;
	error_set(ERR_INPUT, "%s", d->error.data);
	desk_refuse(d, ERR_INPUT);
	e.parse_ns = desk_clock() - d->began;
	meter_begin(d->opts.lost, d->opts.shard);
	meter_end(d->opts.lost, d->opts.shard, &e);
}
