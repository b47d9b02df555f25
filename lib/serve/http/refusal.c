/*
 * refusal.c - libh2o answers a body that is too large, or not in the chunks that it should be in, by
 * itself and in plain text. A filter on its answers sends what the asked-for protocol has for errors
 * in its place. A head that is none is beyond it: libh2o writes that 400 to the socket as it is.
 */
#include "lib/serve/http/refusal.h"

#include <string.h>

#include "lib/serve/meter.h"

struct refusal_filter {
	h2o_filter_t super;
	struct loop *loop;
};

struct refusal_stream {
	h2o_ostream_t super;
	h2o_iovec_t text;
};

static const struct refusal {
	int status;
	enum meter_error error;
	const char *text;
} refusals[] = {
	{ 413, METER_TOO_LARGE, "the body is larger than this server takes" },
	{ 400, METER_MALFORMED, "this is no request of HTTP/1.1" },
	{ 0, METER_INTERNAL, "the request cannot be answered" },
};

static const struct refusal *refusal_of(int status)
{
	const struct refusal *r = refusals;

	while (r->status && r->status != status)
		r++;
	return r;
}

static void send_other(h2o_ostream_t *self, h2o_req_t *req, h2o_iovec_t *bufs, size_t n,
		       h2o_send_state_t state)
{
	struct refusal_stream *s = (struct refusal_stream *)self;

	(void)bufs;
	h2o_ostream_send_next(self, req, &s->text, n && s->text.len ? 1 : 0, state);
	s->text.len = 0;
}

static void count(struct loop *l, enum meter_error error)
{
	struct meter_event e = { .error = error };

	meter_begin(l->s->o.lost, l->number);
	meter_end(l->s->o.lost, l->number, &e);
}

static void on_answer(h2o_filter_t *self, h2o_req_t *req, h2o_ostream_t **slot)
{
	struct loop *l = ((struct refusal_filter *)self)->loop;
	const struct refusal *r = refusal_of(req->res.status);
	struct answer *a = &l->answer;
	struct refusal_stream *s;

	if (!request_is_ours(req)) {
		request_refuse(l, req, req->res.status, meter_error_name(r->error), r->text);
		count(l, r->error);
		s = (struct refusal_stream *)h2o_add_ostream(req, sizeof *s, slot);
		s->super.do_send = send_other;
		s->text = h2o_strdup(&req->pool, a->body.data, a->body.len);
		req->res.content_length = s->text.len;
		h2o_set_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, a->type,
			       strlen(a->type), 1);
		slot = &s->super.next;
	}
	h2o_setup_next_ostream(req, slot);
}

void refusal_register(h2o_pathconf_t *conf, struct loop *l)
{
	struct refusal_filter *f = (struct refusal_filter *)h2o_create_filter(conf, sizeof *f);

	f->super.on_setup_ostream = on_answer;
	f->loop = l;
}
