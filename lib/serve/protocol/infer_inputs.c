/* infer_inputs.c - the inputs of a request: what they say of themselves, then their elements. */
#include <string.h>

#include "lib/base/error.h"
#include "lib/serve/desk/desking.h"
#include "lib/serve/protocol/tensor.h"

enum { RANKS = 8 };

/* One input while its members are read, in whatever order they come. */
struct input {
	char name[64]; /* for errors, cut off */
	bool named, typed, shaped, done;
	int64_t column; /* of the contract; -1: none has this name */
	enum tensor_type type;
	int64_t shape[RANKS];
	size_t rank;
	const char *data;     /* where its list begins, when it came too early to be read */
	int64_t binary_bytes; /* -1: none */
};

static int shape_read(struct desk *d, struct input *in)
{
	struct jsonscan_number v;
	int more, rc = jsonscan_open(&d->scan, '[');

	if (rc < 0)
		return rc;
	while ((more = jsonscan_item(&d->scan, in->rank)) > 0) {
		if ((rc = jsonscan_number(&d->scan, &v)) < 0)
			return rc;
		if (in->rank == RANKS || !v.whole || v.i < 0 || v.i > INT32_MAX)
			return desk_fault(d, METER_SHAPE, "input '%s' has a shape that cannot be",
					  in->name);
		in->shape[in->rank++] = v.i;
	}
	in->shaped = true;
	return more;
}

static int name_read(struct desk *d, size_t guess, struct input *in)
{
	struct jsonscan_text t;
	int rc = jsonscan_string(&d->scan, &t);

	if (rc < 0)
		return rc;
	in->column = card_column(d->out->served->card, guess, t.s, t.n);
	if (t.n >= sizeof in->name)
		t.n = sizeof in->name - 1;
	memcpy(in->name, t.s, t.n);
	in->name[t.n] = '\0';
	in->named = true;
	return 0;
}

static int type_read(struct desk *d, struct input *in)
{
	struct jsonscan_text t;
	int rc = jsonscan_string(&d->scan, &t);

	if (!rc && (rc = tensor_type_parse(t.s, t.n, &in->type)) < 0)
		d->fault = METER_UNSUPPORTED;
	in->typed = true;
	return rc;
}

static int input_parameters(struct desk *d, struct input *in)
{
	struct jsonscan_number v;
	struct jsonscan_text key;
	int more, rc = jsonscan_open(&d->scan, '{');

	for (size_t i = 0; !rc && (more = jsonscan_member(&d->scan, i, &key)) != 0; i++) {
		if (more < 0)
			return more;
		if (jsonscan_is(&key, "shared_memory_region"))
			return desk_fault(d, METER_UNSUPPORTED,
					  "shared memory is not offered: send the tensor's bytes");
		if (!jsonscan_is(&key, "binary_data_size")) {
			rc = jsonscan_skip(&d->scan);
			continue;
		}
		if ((rc = jsonscan_number(&d->scan, &v)) < 0)
			return rc;
		if (!v.whole || v.i < 0)
			return desk_fault(d, METER_SHAPE,
					  "input '%s' has a binary_data_size that cannot be",
					  in->name);
		in->binary_bytes = v.i;
	}
	return rc;
}

/*
 * Where the tensor's elements go: a column, or, as one tensor of (rows, columns) under any other
 * name, all of them. width 0: nowhere, the contract does not know it.
 */
static int input_place(struct desk *d, const struct input *in, struct tensor_place *to)
{
	size_t columns = d->out->served->card->contract->n;
	bool flat = in->rank == 1 || (in->rank == 2 && in->shape[1] == 1);

	*to = (struct tensor_place){ 0 };
	if (in->column >= 0 && !flat)
		return desk_fault(
			d, METER_SHAPE,
			"input '%s' is one column, so its shape is [rows], not of rank %zu",
			in->name, in->rank);
	if (in->column >= 0) {
		to->column = (size_t)in->column;
		to->width = 1;
	} else if (in->rank == 2 && (size_t)in->shape[1] == columns) {
		to->width = columns;
	} else {
		return 0;
	}
	to->rows = in->shape[0];
	return 0;
}

/* The columns of a place are opened, for as many rows as the others have. */
static int place_open(struct desk *d, const struct input *in, const struct tensor_place *to)
{
	int64_t room = (int64_t)d->q->body_n;
	int rc = 0;

	if (d->sheet.rows_known && d->sheet.rows != to->rows)
		return desk_fault(d, METER_SHAPE, "input '%s' has %lld rows, others have %lld",
				  in->name, (long long)to->rows, (long long)d->sheet.rows);
	if (to->rows && to->rows > room / (int64_t)to->width)
		return desk_fault(d, METER_SHAPE,
				  "input '%s' has a shape of more elements than the body has bytes",
				  in->name);
	d->sheet.rows_known = true;
	if ((rc = sheet_rows(&d->sheet, to->rows)) < 0)
		return rc;
	for (size_t k = 0; k < to->width && !rc; k++) {
		if (d->sheet.cols[to->column + k].here)
			return desk_fault(d, METER_SHAPE, "column '%s' is given twice",
					  d->sheet.contract->cols[to->column + k].name);
		rc = sheet_open(&d->sheet, to->column + k);
	}
	return rc;
}

/* Elements and shape that do not agree are told with the input's name. */
static int elements(struct desk *d, const struct input *in, int rc)
{
	if (rc != ERR_NO)
		return rc;
	d->fault = METER_SHAPE;
	return error_wrap(rc, "input '%s'", in->name);
}

static int binary_read(struct desk *d, struct input *in, const struct tensor_place *to,
		       struct infer_tail *tail)
{
	const char *from = tail->at;
	int rc = 0;

	if (in->binary_bytes > tail->end - tail->at)
		return desk_fault(d, METER_MALFORMED,
				  "input '%s' has %lld bytes, but the body ends before them",
				  in->name, (long long)in->binary_bytes);
	tail->at += in->binary_bytes;
	d->dialect = METER_BINARY;
	if (to->width)
		rc = tensor_bytes_put(in->type, from, (size_t)in->binary_bytes, to, &d->sheet);
	return elements(d, in, rc);
}

/* The data comes next in the scan; all else about the input is known. */
static int data_read(struct desk *d, struct input *in)
{
	struct tensor_place to;
	int rc = input_place(d, in, &to);

	if (rc < 0)
		return rc;
	in->done = true;
	if (!to.width)
		return jsonscan_skip(&d->scan);
	if ((rc = place_open(d, in, &to)) < 0)
		return rc;
	return elements(d, in, tensor_json_put(in->type, &d->scan, &to, &d->sheet));
}

static int input_member(struct desk *d, size_t guess, const struct jsonscan_text *key,
			struct input *in)
{
	if (jsonscan_is(key, "name") && !in->named)
		return name_read(d, guess, in);
	if (jsonscan_is(key, "shape") && !in->shaped)
		return shape_read(d, in);
	if (jsonscan_is(key, "datatype") && !in->typed)
		return type_read(d, in);
	if (jsonscan_is(key, "parameters") && in->binary_bytes < 0)
		return input_parameters(d, in);
	if (jsonscan_is(key, "data") && !in->data && !in->done) {
		if (in->named && in->shaped && in->typed)
			return data_read(d, in);
		if (jsonscan_kind(&d->scan) != JSONSCAN_ARRAY)
			return jsonscan_want(&d->scan, "a list");
		in->data = d->scan.at;
		return jsonscan_skip(&d->scan);
	}
	if (jsonscan_is(key, "name") || jsonscan_is(key, "shape") || jsonscan_is(key, "datatype") ||
	    jsonscan_is(key, "data") || jsonscan_is(key, "parameters"))
		return desk_fault(d, METER_MALFORMED, "an input has '%.*s' twice", (int)key->n,
				  key->s);
	return jsonscan_skip(&d->scan);
}

/* The object is read: what is still to do once all of it is known. */
static int input_finish(struct desk *d, struct input *in, struct infer_tail *tail)
{
	const char *behind = d->scan.at;
	struct tensor_place to;
	int rc;

	if (!in->named || !in->shaped || !in->typed)
		return desk_fault(d, METER_SHAPE, "an input%s%s%s has no %s", in->named ? " '" : "",
				  in->name, in->named ? "'" : "",
				  !in->named	? "name"
				  : !in->shaped ? "shape"
						: "datatype");
	if (in->binary_bytes >= 0 && (in->done || in->data))
		return desk_fault(d, METER_SHAPE, "input '%s' has both data and binary_data_size",
				  in->name);
	if (in->done)
		return 0;
	if (in->binary_bytes >= 0) {
		if ((rc = input_place(d, in, &to)) < 0 ||
		    (to.width && (rc = place_open(d, in, &to)) < 0))
			return rc;
		return binary_read(d, in, &to, tail);
	}
	if (!in->data)
		return desk_fault(d, METER_SHAPE, "input '%s' has no data", in->name);
	d->scan.at = in->data;
	rc = data_read(d, in);
	d->scan.at = behind;
	return rc;
}

int infer_inputs(struct desk *d, struct infer_tail *tail)
{
	size_t guess = 0;
	int more, rc = jsonscan_open(&d->scan, '[');

	for (size_t i = 0; !rc && (more = jsonscan_item(&d->scan, i)) != 0; i++) {
		struct input in = { .column = -1, .binary_bytes = -1 };
		struct jsonscan_text key;

		if (more < 0 || (rc = jsonscan_open(&d->scan, '{')) < 0)
			return more < 0 ? more : rc;
		for (size_t k = 0; (more = jsonscan_member(&d->scan, k, &key)) > 0; k++)
			if ((rc = input_member(d, guess, &key, &in)) < 0)
				return rc;
		if (more < 0)
			return more;
		rc = input_finish(d, &in, tail);
		guess = in.column >= 0 ? (size_t)in.column + 1 : guess;
	}
	return rc;
}
