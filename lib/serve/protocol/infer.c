/*
 * infer.c - POST /v2/models/M/infer: the Open Inference Protocol, with the extension for binary
 * tensors (Triton's extension_binary_data).
 */
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/model/rows/cell.h"
#include "lib/serve/desk/desking.h"

static int output_parameters(struct desk *d, bool *binary)
{
	struct jsonscan_text key;
	int more, rc = jsonscan_open(&d->scan, '{');

	for (size_t i = 0; !rc && (more = jsonscan_member(&d->scan, i, &key)) != 0; i++) {
		if (more < 0)
			return more;
		if (jsonscan_is(&key, "shared_memory_region") ||
		    jsonscan_is(&key, "classification"))
			return desk_fault(d, METER_UNSUPPORTED,
					  "'%.*s' of an output is not offered", (int)key.n, key.s);
		rc = jsonscan_is(&key, "binary_data") ? jsonscan_bool(&d->scan, binary)
						      : jsonscan_skip(&d->scan);
	}
	return rc;
}

static int output_read(struct desk *d)
{
	struct jsonscan_text key, name;
	struct pick p = { 0 };
	int64_t output = -1;
	int more, rc = jsonscan_open(&d->scan, '{');

	for (size_t i = 0; !rc && (more = jsonscan_member(&d->scan, i, &key)) != 0; i++) {
		if (more < 0)
			return more;
		if (jsonscan_is(&key, "parameters")) {
			rc = output_parameters(d, &p.binary);
		} else if (!jsonscan_is(&key, "name")) {
			rc = jsonscan_skip(&d->scan);
		} else if (!(rc = jsonscan_string(&d->scan, &name))) {
			output = card_output(d->out->served->card, name.s, name.n);
			if (output < 0)
				return desk_fault(d, METER_SHAPE, "the model has no output '%.*s'",
						  name.n > 60 ? 60 : (int)name.n, name.s);
		}
	}
	if (rc < 0)
		return rc;
	if (output < 0)
		return desk_fault(d, METER_SHAPE, "an output has no name");
	p.output = (size_t)output;
	ARRAY_GROW(d->picks, d->n_picks, d->cap_picks);
	d->picks[d->n_picks++] = p;
	return 0;
}

static int outputs_read(struct desk *d)
{
	int more, rc = jsonscan_open(&d->scan, '[');

	d->n_picks = 0;
	for (size_t i = 0; !rc && (more = jsonscan_item(&d->scan, i)) != 0; i++) {
		if (more < 0)
			return more;
		if (i == 4096)
			return desk_fault(d, METER_SHAPE, "more than 4096 outputs are asked for");
		rc = output_read(d);
	}
	return rc;
}

static int parameters_read(struct desk *d, bool *binary)
{
	struct jsonscan_text key;
	int more, rc = jsonscan_open(&d->scan, '{');

	for (size_t i = 0; !rc && (more = jsonscan_member(&d->scan, i, &key)) != 0; i++) {
		if (more < 0)
			return more;
		rc = jsonscan_is(&key, "binary_data_output") ? jsonscan_bool(&d->scan, binary)
							     : jsonscan_skip(&d->scan);
	}
	return rc;
}

/* The request's own name for itself: kept as it is for the logs, with its quotes for the answer. */
static int id_read(struct desk *d)
{
	struct jsonscan_text t;
	const char *from;
	int rc;

	jsonscan_kind(&d->scan);
	from = d->scan.at;
	if ((rc = jsonscan_string(&d->scan, &t)) < 0)
		return rc;
	buf_reset(&d->id);
	buf_add(&d->id, t.s, t.n);
	d->id_json = (struct jsonscan_text){ from, (size_t)(d->scan.at - from) };
	return 0;
}

/* Members of the whole request, each at most once. */
enum { HAS_ID = 1, HAS_PARAMETERS = 2, HAS_INPUTS = 4, HAS_OUTPUTS = 8 };

static int member_of(const struct jsonscan_text *key)
{
	return jsonscan_is(key, "inputs")	? HAS_INPUTS
	       : jsonscan_is(key, "outputs")	? HAS_OUTPUTS
	       : jsonscan_is(key, "id")		? HAS_ID
	       : jsonscan_is(key, "parameters") ? HAS_PARAMETERS
						: 0;
}

static int request_read(struct desk *d, struct infer_tail *tail, bool *binary)
{
	struct jsonscan_text key;
	int more, rc = jsonscan_open(&d->scan, '{'), seen = 0, is;

	for (size_t i = 0; !rc && (more = jsonscan_member(&d->scan, i, &key)) != 0; i++) {
		if (more < 0)
			return more;
		is = member_of(&key);
		if (seen & is)
			return desk_fault(d, METER_MALFORMED, "the request has '%.*s' twice",
					  (int)key.n, key.s);
		seen |= is;
		rc = is == HAS_INPUTS	    ? infer_inputs(d, tail)
		     : is == HAS_OUTPUTS    ? outputs_read(d)
		     : is == HAS_ID	    ? id_read(d)
		     : is == HAS_PARAMETERS ? parameters_read(d, binary)
					    : jsonscan_skip(&d->scan);
	}
	if (!rc)
		rc = jsonscan_end(&d->scan);
	if (!rc && !(seen & HAS_INPUTS))
		rc = desk_fault(d, METER_SHAPE, "the request has no inputs");
	return rc;
}

/* How much of the body is JSON: all of it, but where the header says less. */
static int json_length(struct desk *d, size_t *out)
{
	size_t n;
	int64_t length;
	const char *v = d->q->header(d->q->ctx, "inference-header-content-length", &n);

	*out = d->q->body_n;
	if (!v)
		return 0;
	if (!cell_int(v, n, &length) || length < 0 || (size_t)length > d->q->body_n)
		return desk_fault(d, METER_MALFORMED,
				  "the header 'Inference-Header-Content-Length' is '%.*s', but the "
				  "body has %zu bytes",
				  n > 40 ? 40 : (int)n, v, d->q->body_n);
	*out = (size_t)length;
	return 0;
}

static void pick_all(struct desk *d, bool binary)
{
	for (size_t i = 0; i < d->out->served->card->n_outputs; i++) {
		ARRAY_GROW(d->picks, d->n_picks, d->cap_picks);
		d->picks[d->n_picks++] = (struct pick){ i, binary };
	}
}

static int infer_read(struct desk *d)
{
	struct infer_tail tail;
	bool binary = false;
	size_t json;
	int rc = json_length(d, &json);

	if (rc < 0)
		return rc;
	tail = (struct infer_tail){ d->q->body + json, d->q->body + d->q->body_n };
	d->n_picks = 0;
	jsonscan_init(&d->scan, d->q->body, json);
	if ((rc = request_read(d, &tail, &binary)) < 0)
		return rc;
	if (tail.at != tail.end)
		return desk_fault(d, METER_MALFORMED, "the body has %zu bytes that no input takes",
				  (size_t)(tail.end - tail.at));
	if (!d->n_picks)
		pick_all(d, binary);
	return 0;
}

const struct desk_work infer_work = { METER_OIP, infer_read, infer_write };
