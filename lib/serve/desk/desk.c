/* desk.c - one request from its beginning to its end; what its dialects share. */
#include "lib/serve/desk/desk.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/serve/desk/desking.h"
#include "lib/serve/desk/inflate.h"

enum { KEPT_FLOATS = 1 << 20, KEPT_BODY = 4 << 20 };

struct desk *desk_new(struct fleet *f, const struct desk_opts *opts)
{
	struct desk *d = xcalloc(1, sizeof *d);

	d->fleet = f;
	d->view = fleet_view_new(f);
	d->opts = *opts;
	d->scan = (struct jsonscan)JSONSCAN_INIT;
	d->sheet = (struct sheet)SHEET_INIT;
	d->sheet.max_rows = opts->max_rows > 0 ? opts->max_rows : 1000000;
	if (!d->opts.max_body)
		d->opts.max_body = 64 << 20;
	d->sheet.max_cells = opts->max_cells > 0 ? opts->max_cells : 1 << 24;
	d->scores = (struct scores)SCORES_INIT;
	d->id = d->error = d->plain = (struct buf)BUF_INIT;
	return d;
}

void desk_free(struct desk *d)
{
	if (!d)
		return;
	fleet_view_free(d->view);
	jsonscan_clear(&d->scan);
	sheet_clear(&d->sheet);
	scores_clear(&d->scores);
	buf_clear(&d->id);
	buf_clear(&d->error);
	buf_clear(&d->plain);
	free(d->picks);
	free(d);
}

void desk_sync(struct desk *d)
{
	fleet_view_sync(d->view);
}

int64_t desk_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

bool desk_pick(struct desk *d, const struct desk_name *name, const struct desk_name *version)
{
	const struct served *s = fleet_find(d->view, name->text, name->n, version->text,
					    version->n),
			    *any;

	if (s && s->model) {
		d->out->served = s;
		return true;
	}
	any = version->n ? fleet_find(d->view, name->text, name->n, NULL, 0) : NULL;
	if (any)
		desk_lose(d, METER_NOT_FOUND, "model '%s' is served in version %s, not '%s'",
			  name->text, any->version, version->text);
	else
		desk_lose(d, METER_NOT_FOUND, "no model '%s' is served here", name->text);
	return false;
}

static int score(struct desk *d)
{
	const struct model *m = d->out->served->model;
	int rc = sheet_frame(&d->sheet, &d->in);

	if (!rc)
		rc = model_score(m, &d->in, d->opts.threads > 1 ? d->opts.threads : 1, &d->scores);
	if (!rc)
		rc = model_frame(m, &d->scores, &d->said);
	return rc;
}

/* What was out of contract goes to the meter; rows are numbered from 1 in the next request. */
static void count(struct desk *d)
{
	struct counts *k = &d->scores.counts;

	if (k->n != d->sheet.n || !k->cols)
		return;
	sheet_casts(&d->sheet, k);
	k->rows = 0;
	if (meter_counts(d->out->served->meter, k))
		memset(k->cols, 0, k->n * sizeof *k->cols);
}

/* After a large request memory is given back. */
static void trim(struct desk *d)
{
	if ((size_t)d->scores.cap * d->scores.x_width > KEPT_FLOATS)
		scores_clear(&d->scores);
	if (d->out->body.cap > KEPT_BODY)
		buf_clear(&d->out->body);
	if (d->plain.cap > KEPT_BODY)
		buf_clear(&d->plain);
}

/* The body as it is meant: *plain takes the place of d->q where it came compressed. */
static int uncompress(struct desk *d, struct ask *plain)
{
	size_t n = 0;
	const char *coding = d->q->header(d->q->ctx, "content-encoding", &n);
	int rc;

	if (!coding || (n == 8 && !strncasecmp(coding, "identity", n)))
		return 0;
	if (!(n == 4 && !strncasecmp(coding, "gzip", n)) &&
	    !(n == 7 && !strncasecmp(coding, "deflate", n))) {
		d->media = true;
		return desk_fault(d, METER_UNSUPPORTED,
				  "the body may be compressed as gzip or deflate, not '%.*s'",
				  n > 40 ? 40 : (int)n, coding);
	}
	*plain = *d->q;
	rc = inflate_bytes(d->q->body, d->q->body_n, d->opts.max_body, &d->plain);
	plain->body = d->plain.data;
	plain->body_n = d->plain.len;
	d->q = plain;
	return rc;
}

static void shown(struct desk *d)
{
	d->out->status = 200;
	d->out->rows = d->said.rows;
	d->out->rows_in = &d->in;
	d->out->rows_out = &d->said;
	d->out->floats = d->out->served->card->floats;
}

void desk_run(struct desk *d, const struct desk_work *work)
{
	struct meter *meter = d->out->served->meter;
	struct meter_event e = { .error = METER_OK };
	const struct ask *q = d->q;
	struct ask plain;
	int rc;

	meter_begin(meter, d->opts.shard);
	d->dialect = work->dialect;
	sheet_begin(&d->sheet, d->out->served->card->contract);
	rc = uncompress(d, &plain);
	if (!rc)
		rc = work->read(d);
	d->parsed = d->scored = desk_clock();
	if (!rc) {
		rc = score(d);
		count(d);
		d->scored = desk_clock();
	}
	if (!rc)
		rc = work->write(d);
	d->q = q;
	if (rc) {
		desk_refuse(d, rc);
		e.error = d->fault;
	} else {
		shown(d);
	}
	e.dialect = d->dialect;
	e.rows = d->out->rows;
	e.wait_ns = d->q->waited_us * 1000;
	e.parse_ns = d->parsed - d->began;
	e.score_ns = d->scored - d->parsed;
	e.write_ns = desk_clock() - d->scored;
	meter_end(meter, d->opts.shard, &e);
}

/* The caller's own name for the request goes back to it. */
static void echo(struct desk *d)
{
	size_t n = 0;
	const char *v = d->q->header(d->q->ctx, "x-request-id", &n);

	if (!v)
		return;
	exchange_header(d->out, "x-request-id", v, n);
	if (!d->id.len)
		buf_add(&d->id, v, n < 256 ? n : 256);
}

void desk_answer(struct desk *d, const struct ask *q, struct answer *out)
{
	d->began = desk_clock();
	fleet_view_sync(d->view);
	d->q = q;
	d->out = out;
	trim(d);
	exchange_reset(out);
	d->dialect = METER_OIP;
	d->fault = METER_OK;
	d->media = false;
	d->id_json.s = NULL;
	buf_reset(&d->id);
	route_answer(d);
	echo(d);
	out->id = d->id.len ? d->id.data : NULL;
	d->q = NULL;
}
