/* request.c - one request of h2o's to a desk, and the answer back. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/serve/desk/desk.h"
#include "lib/serve/http/backroom.h"
#include "lib/serve/http/loop.h"
#include "lib/serve/http/tokens.h"
#include "lib/serve/log/accesslog.h"
#include "lib/serve/log/predlog.h"

enum {
	LARGE_BYTES = 256 << 10, /* of a body: some 3 ms in a loop */
	MOST_INFLATED = 1032,	 /* bytes that deflate makes of one, at most */
};

static const char *header_of(void *ctx, const char *name, size_t *n)
{
	const h2o_req_t *req = ctx;
	ssize_t at = h2o_find_header_by_str(&req->headers, name, strlen(name), -1);

	if (at < 0)
		return NULL;
	*n = req->headers.entries[at].value.len;
	return req->headers.entries[at].value.base;
}

static const char *reason_of(int status)
{
	static const struct {
		int status;
		const char *reason;
	} all[] = { { 200, "OK" },
		    { 204, "No Content" },
		    { 400, "Bad Request" },
		    { 401, "Unauthorized" },
		    { 403, "Forbidden" },
		    { 404, "Not Found" },
		    { 405, "Method Not Allowed" },
		    { 409, "Conflict" },
		    { 413, "Content Too Large" },
		    { 415, "Unsupported Media Type" },
		    { 422, "Unprocessable Content" },
		    { 429, "Too Many Requests" },
		    { 500, "Internal Server Error" },
		    { 501, "Not Implemented" },
		    { 503, "Service Unavailable" } };

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i].status == status)
			return all[i].reason;
	return "Unknown";
}

static h2o_generator_t whole; /* of every answer that is ours */

bool request_is_ours(const h2o_req_t *req)
{
	return req->_generator == &whole;
}

void request_send(h2o_req_t *req, struct answer *a)
{
	const bool head = h2o_memis(req->method.base, req->method.len, H2O_STRLIT("HEAD"));
	h2o_iovec_t body = h2o_strdup(&req->pool, a->body.data, a->body.len);

	req->res.status = a->status;
	req->res.reason = reason_of(a->status);
	req->res.content_length = a->body.len;
	if (a->type)
		h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, a->type,
			       strlen(a->type));
	for (size_t i = 0; i < a->n_headers; i++) /* written out before h2o_send returns */
		h2o_add_header_by_str(&req->pool, &req->res.headers, a->headers[i].name,
				      strlen(a->headers[i].name), 0, NULL, a->headers[i].value,
				      strlen(a->headers[i].value));
	h2o_start_response(req, &whole);
	h2o_send(req, &body, head || !body.len ? 0 : 1, H2O_SEND_STATE_FINAL);
}

/* What a probe asks needs no token. */
static bool is_probe(const struct ask *q)
{
	static const char *const open[] = { "/v2/health/live", "/v2/health/ready", "/ping",
					    "/health" };
	const char *end = memchr(q->path, '?', q->path_n);
	size_t n = end ? (size_t)(end - q->path) : q->path_n;

	for (size_t i = 0; i < ARRAY_LEN(open); i++)
		if (n == strlen(open[i]) && !memcmp(q->path, open[i], n))
			return true;
	return false;
}

static bool may_ask(struct loop *l, const struct ask *q)
{
	const char *value;
	size_t n = 0;

	if (!l->s->o.tokens || is_probe(q))
		return true;
	value = header_of(q->ctx, "authorization", &n);
	return value && tokens_admit(l->s->o.tokens, value, n);
}

/* Did this request wait too long while its loop answered others? */
static bool waited_too_long(struct loop *l, int64_t now_us)
{
	uint64_t pass = h2o_now(l->ctx.loop);

	if (pass != l->pass) {
		l->pass = pass;
		l->pass_us = now_us;
	}
	return l->s->o.queue_ms && now_us - l->pass_us > l->s->o.queue_ms * 1000;
}

/* "127.0.0.1:40312"; "unix" where there is no address. */
static const char *client_of(h2o_req_t *req, char *out, size_t n)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_storage room;
	} a;
	char host[INET6_ADDRSTRLEN];
	socklen_t len = req->conn->callbacks->get_peername(req->conn, &a.any);

	if (len && a.any.sa_family == AF_INET &&
	    inet_ntop(AF_INET, &a.v4.sin_addr, host, sizeof host))
		snprintf(out, n, "%s:%d", host, ntohs(a.v4.sin_port));
	else if (len && a.any.sa_family == AF_INET6 &&
		 inet_ntop(AF_INET6, &a.v6.sin6_addr, host, sizeof host))
		snprintf(out, n, "[%s]:%d", host, ntohs(a.v6.sin6_port));
	else
		snprintf(out, n, "unix");
	return out;
}

void request_log(struct server *s, const struct ask *q, struct answer *a, int64_t took_us)
{
	char id[PREDLOG_ID_BYTES];

	if (s->o.predlog && a->rows_in && predlog_wants(s->o.predlog)) {
		if (!a->id) { /* the client has to learn under which name its rows were logged */
			predlog_new_id(s->o.predlog, id);
			exchange_header(a, "x-request-id", id, strlen(id));
			a->id = id;
		}
		predlog_put(s->o.predlog, q, a);
	}
	if (s->o.access)
		accesslog_put(s->o.access, q, a, took_us);
	if (a->id == id)
		a->id = NULL;
}

/* /metrics of the desk, then those of the server. */
static void add_metrics(struct loop *l, const struct ask *q, struct answer *a)
{
	static const char path[] = "/metrics";

	if (a->status == 200 && q->path_n >= sizeof path - 1 &&
	    !memcmp(q->path, path, sizeof path - 1))
		server_render(l->s, &a->body);
}

/* Would it keep a loop from its other connections? By what it may be once it is unpacked. */
static bool is_large(const h2o_req_t *req)
{
	size_t n = req->entity.len;

	if (n >= LARGE_BYTES)
		return true;
	return n > LARGE_BYTES / MOST_INFLATED &&
	       h2o_find_header(&req->headers, H2O_TOKEN_CONTENT_ENCODING, -1) >= 0;
}

/* What h2o read, which may be less than a request. */
static void ask_of(struct loop *l, h2o_req_t *req, char *client, size_t n, struct ask *q)
{
	const bool head = h2o_memis(req->method.base, req->method.len, H2O_STRLIT("HEAD"));
	const bool logs = l->s->o.access || l->s->o.predlog;

	*q = (struct ask){ .method = head		? "GET"
				     : req->method.base ? req->method.base
							: "",
			   .method_n = head ? 3 : req->method.len,
			   .path = req->path.base ? req->path.base : "",
			   .path_n = req->path.len,
			   .body = req->entity.base ? req->entity.base : "",
			   .body_n = req->entity.len,
			   .header = header_of,
			   .ctx = req,
			   .client = logs ? client_of(req, client, n) : NULL };
}

static void refuse(struct answer *a, const struct ask *q, int status, const char *kind,
		   const char *text)
{
	exchange_refuse(a, q, status, kind, text);
	if (status == 503)
		exchange_header(a, "retry-after", "1", 1);
	if (status == 401)
		exchange_header(a, "www-authenticate", "Bearer", 6);
}

void request_refuse(struct loop *l, h2o_req_t *req, int status, const char *kind, const char *text)
{
	char client[64];
	struct ask q;

	ask_of(l, req, client, sizeof client, &q);
	refuse(&l->answer, &q, status, kind, text);
	if (l->s->o.access)
		request_log(l->s, &q, &l->answer, 0);
}

void request_shed(struct server *s, const struct ask *q, struct answer *a, const char *text)
{
	atomic_fetch_add_explicit(&s->tally.shed, 1, memory_order_relaxed);
	refuse(a, q, 503, "busy", text);
}

int request_serve(struct loop *l, h2o_req_t *req)
{
	const int64_t begun_us = clock_mono_us();
	struct answer *a = &l->answer;
	char client[64];
	struct ask q;

	ask_of(l, req, client, sizeof client, &q);
	if (!may_ask(l, &q)) {
		atomic_fetch_add_explicit(&l->s->tally.unauthorized, 1, memory_order_relaxed);
		refuse(a, &q, 401, "unauthorized",
		       "a token is wanted: Authorization: Bearer TOKEN");
	} else if (waited_too_long(l, begun_us)) {
		request_shed(l->s, &q, a, "too many requests wait; try again");
	} else if (is_large(req)) {
		if (backroom_take(l->s->backroom, l, req, &q))
			return 0;
		request_shed(l->s, &q, a, "too many large requests wait; try again");
	} else {
		desk_answer(l->desk, &q, a);
		add_metrics(l, &q, a);
	}
	if (l->s->o.access || l->s->o.predlog)
		request_log(l->s, &q, a, clock_mono_us() - begun_us);
	request_send(req, a);
	return 0;
}
