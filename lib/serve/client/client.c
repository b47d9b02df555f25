/* client.c - frames to tensors in JSON, and back. */
#define _GNU_SOURCE
#include "lib/serve/client/client.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/model/rows/jsonrows.h"
#include "lib/serve/client/outputs.h"
#include "lib/serve/client/wire.h"

struct client {
	struct wire *wire;
	char *path; /* "/v2/models/eta" */
	struct contract contract;
	struct buf body, text;
	int64_t asked;	       /* rows so far */
	struct outputs answer; /* the last one */
};

void client_close(struct client *c)
{
	if (!c)
		return;
	outputs_clear(&c->answer);
	contract_clear(&c->contract);
	wire_close(c->wire);
	buf_clear(&c->body);
	buf_clear(&c->text);
	free(c->path);
	free(c);
}

static int read_metadata(struct client *c, const json_t *v)
{
	const json_t *inputs = json_object_get(v, "inputs"), *one;
	size_t i;
	int rc = 0;

	if (!json_is_array(inputs) || !json_array_size(inputs))
		return error_set(ERR_CORRUPT, "the server does not say what the model takes in");
	json_array_foreach(inputs, i, one) {
		enum frame_type type;
		const char *name = json_str(one, "name", "");

		rc = outputs_type(json_str(one, "datatype", ""), &type);
		if (rc || !*name)
			return rc ? rc : error_set(ERR_CORRUPT, "an input has no name");
		contract_add(&c->contract, name, type)->nullable = true;
	}
	return 0;
}

/* Its beginning, without what could move a terminal's cursor. */
static void make_plain(const char *text, char *out, size_t n)
{
	size_t i;

	for (i = 0; text[i] && i + 1 < n; i++)
		out[i] = (unsigned char)text[i] < 32 || text[i] == 127 ? ' ' : text[i];
	out[i] = '\0';
}

/* {"error":"text"} of an answer, else its beginning. */
static int refused(struct client *c, int status)
{
	json_t *v = NULL;
	const char *why = NULL;
	char said[600];

	if (!json_parse(c->text.data, c->text.len, "the answer", &v))
		why = json_str(v, "error", NULL);
	if (!why)
		why = c->text.data;
	make_plain(why, said, sizeof said);
	error_set(status == 404 ? ERR_NOT_FOUND : ERR_INPUT, "the server says: %s (%d)", said,
		  status);
	if (status == 401)
		error_hint(ERR_INPUT, "--token-file FILE");
	json_decref(v);
	return status == 404 ? ERR_NOT_FOUND : ERR_INPUT;
}

static int fetch_metadata(struct client *c)
{
	json_t *v = NULL;
	int status = 0, rc = wire_ask(c->wire, c->path, NULL, &status, &c->text);

	if (!rc && status != 200)
		rc = refused(c, status);
	if (!rc)
		rc = json_parse(c->text.data, c->text.len, "what the server says of the model", &v);
	if (!rc)
		rc = read_metadata(c, v);
	json_decref(v);
	return rc;
}

int client_open(struct wire *w, const char *model, struct client **out)
{
	struct client *c = xcalloc(1, sizeof *c);
	const char *at = strchr(model, '@'), *slash = strchr(model, '/');
	int rc = 0;

	*c = (struct client){ .wire = w, .body = BUF_INIT, .text = BUF_INIT };
	model = slash && (!at || slash < at) ? slash + 1 : model;
	if (at)
		c->path =
			xasprintf("/v2/models/%.*s/versions/%s", (int)(at - model), model, at + 1);
	else
		c->path = xasprintf("/v2/models/%s", model);
	if (strpbrk(c->path, " ?#%\r\n"))
		rc = error_set(ERR_INPUT, "'%s' is no name of a model", model);
	if (!rc)
		rc = fetch_metadata(c);
	if (rc) {
		client_close(c);
		c = NULL;
	}
	*out = c;
	return rc;
}

const struct contract *client_contract(const struct client *c)
{
	return &c->contract;
}

static const char *tensor_type(enum frame_type type)
{
	switch (type) {
	case FRAME_BOOL:
		return "BOOL";
	case FRAME_INT:
		return "INT64";
	case FRAME_DOUBLE:
		return "FP64";
	default:
		return "BYTES";
	}
}

/* JSON has no infinity: a number that no double holds is one. */
static void put_value(const struct frame_column *col, int64_t row, struct buf *out)
{
	if (col->type == FRAME_DOUBLE && frame_valid(col, row) && isinf(col->d[row]))
		buf_addstr(out, col->d[row] > 0 ? "1e999" : "-1e999");
	else
		jsonrows_put_value(col, row, false, out);
}

static void put_tensor(const struct frame_column *col, int64_t rows, struct buf *out)
{
	const char *name = col->name;
	const struct frame_column title = { .type = FRAME_STRING, .s = &name };

	buf_addstr(out, "{\"name\":");
	jsonrows_put_value(&title, 0, false, out);
	buf_addf(out, ",\"datatype\":\"%s\",\"shape\":[%lld],\"data\":[", tensor_type(col->type),
		 (long long)rows);
	for (int64_t r = 0; r < rows; r++) {
		if (r)
			buf_addch(out, ',');
		put_value(col, r, out);
	}
	buf_addstr(out, "]}");
}

static int put_request(struct client *c, const struct frame *in)
{
	size_t n = 0;

	buf_reset(&c->body);
	buf_addstr(&c->body, "{\"inputs\":[");
	for (size_t i = 0; i < c->contract.n; i++) {
		const struct frame_column *col = frame_find(in, c->contract.cols[i].name);

		if (!col)
			return error_set(ERR_INPUT, "the rows have no column '%s'",
					 c->contract.cols[i].name);
		if (n++)
			buf_addch(&c->body, ',');
		put_tensor(col, in->rows, &c->body);
	}
	buf_addstr(&c->body, "]}");
	return 0;
}

int client_score(struct client *c, const struct frame *in, struct frame *out)
{
	char *path = xasprintf("%s/infer", c->path);
	int status = 0, rc;

	outputs_clear(&c->answer);
	rc = put_request(c, in);
	if (!rc)
		rc = wire_ask(c->wire, path, &c->body, &status, &c->text);
	if (!rc && status != 200) {
		rc = refused(c, status);
		error_wrap(rc, "rows %lld to %lld", (long long)c->asked + 1,
			   (long long)(c->asked + in->rows));
	}
	if (!rc)
		rc = outputs_read(&c->answer, c->text.data, c->text.len, in->rows);
	c->asked += in->rows;
	*out = (struct frame){ in->rows, c->answer.n, c->answer.cols };
	free(path);
	return rc;
}
