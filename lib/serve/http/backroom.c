/* backroom.c - a bounded queue of copied requests, and the threads that answer them. */
#define _GNU_SOURCE
#include "lib/serve/http/backroom.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"
#include "lib/serve/desk/desk.h"

struct errand {
	h2o_multithread_message_t link;
	struct errand *next;
	struct loop *loop;
	h2o_req_t *req; /* of the loop's thread; NULL: the client left */
	struct errand **from_req;
	char *method, *path, *body, *client;
	struct strlist headers; /* name, value, name, value */
	size_t body_n;
	int64_t begun_us;
	struct answer answer;
};

struct backroom {
	struct server *s;
	pthread_mutex_t lock;
	pthread_cond_t come;
	struct errand *first, **last;
	size_t waiting;
	bool closing;
	pthread_t *threads;
	size_t n_threads;
};

/* A thread's own number, for its shard. */
struct clerk {
	struct backroom *b;
	int shard;
};

static void errand_free(struct errand *e)
{
	free(e->method);
	free(e->path);
	free(e->body);
	free(e->client);
	strlist_clear(&e->headers);
	exchange_clear(&e->answer);
	free(e);
}

static const char *header_of(void *ctx, const char *name, size_t *n)
{
	const struct errand *e = ctx;

	for (size_t i = 0; i + 1 < e->headers.n; i += 2)
		if (!strcmp(e->headers.v[i], name)) {
			*n = strlen(e->headers.v[i + 1]);
			return e->headers.v[i + 1];
		}
	return NULL;
}

static void errand_answer(struct errand *e, struct desk *d)
{
	const int64_t max_us = e->loop->s->o.queue_ms * 1000;
	struct ask q = { .method = e->method,
			 .method_n = strlen(e->method),
			 .path = e->path,
			 .path_n = strlen(e->path),
			 .body = e->body,
			 .body_n = e->body_n,
			 .header = header_of,
			 .ctx = e,
			 .waited_us = clock_mono_us() - e->begun_us,
			 .client = e->client };

	if (max_us && q.waited_us > max_us)
		request_shed(e->loop->s, &q, &e->answer, "too many large requests wait; try again");
	else
		desk_answer(d, &q, &e->answer);
	request_log(e->loop->s, &q, &e->answer, clock_mono_us() - e->begun_us);
	h2o_multithread_send_message(&e->loop->answers, &e->link);
}

static struct errand *next_errand(struct backroom *b)
{
	struct errand *e;

	pthread_mutex_lock(&b->lock);
	while (!b->first && !b->closing)
		pthread_cond_wait(&b->come, &b->lock);
	e = b->closing ? NULL : b->first;
	if (e) {
		b->first = e->next;
		b->waiting--;
		if (!b->first)
			b->last = &b->first;
	}
	pthread_mutex_unlock(&b->lock);
	return e;
}

static void *clerk_main(void *payload)
{
	struct clerk *c = payload;
	struct backroom *b = c->b;
	struct desk_opts o = { .shard = c->shard,
			       .max_body = b->s->o.max_body_bytes,
			       .lost = b->s->o.lost };
	struct desk *d = desk_new(b->s->fleet, &o);
	struct errand *e;

	free(c);
	while ((e = next_errand(b)))
		errand_answer(e, d);
	desk_free(d);
	return NULL;
}

int backroom_new(struct server *s, struct backroom **out)
{
	struct backroom *b = xcalloc(1, sizeof *b);
	int n = s->o.workers;

	b->s = s;
	b->last = &b->first;
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->come, NULL);
	b->threads = xcalloc((size_t)n, sizeof *b->threads);
	*out = b;
	for (int i = 0; i < n; i++) {
		struct clerk *c = xcalloc(1, sizeof *c);

		*c = (struct clerk){ b, n + i };
		if (pthread_create(&b->threads[i], NULL, clerk_main, c)) {
			free(c);
			return error_errno("cannot start a thread");
		}
		b->n_threads++;
	}
	return 0;
}

void backroom_close(struct backroom *b)
{
	if (!b)
		return;
	pthread_mutex_lock(&b->lock);
	b->closing = true;
	pthread_cond_broadcast(&b->come);
	pthread_mutex_unlock(&b->lock);
	for (size_t i = 0; i < b->n_threads; i++)
		pthread_join(b->threads[i], NULL);
	b->n_threads = 0;
}

void backroom_free(struct backroom *b)
{
	struct errand *e;

	if (!b)
		return;
	while ((e = b->first)) {
		b->first = e->next;
		errand_free(e);
	}
	pthread_cond_destroy(&b->come);
	pthread_mutex_destroy(&b->lock);
	free(b->threads);
	free(b);
}

size_t backroom_waiting(struct backroom *b)
{
	size_t n;

	pthread_mutex_lock(&b->lock);
	n = b->waiting;
	pthread_mutex_unlock(&b->lock);
	return n;
}

/* h2o lets go of the request: nobody waits for the answer any more. */
static void on_req_gone(void *payload)
{
	struct errand **slot = payload;

	if (*slot)
		(*slot)->req = NULL;
}

static struct errand *errand_new(struct loop *l, h2o_req_t *req, const struct ask *q)
{
	struct errand *e = xcalloc(1, sizeof *e);

	e->loop = l;
	e->req = req;
	e->method = xstrndup(q->method, q->method_n);
	e->path = xstrndup(q->path, q->path_n);
	e->client = q->client ? xstrdup(q->client) : NULL;
	e->body = malloc(q->body_n + 1);
	if (!e->body) {
		errand_free(e);
		return NULL;
	}
	memcpy(e->body, q->body, q->body_n);
	e->body[q->body_n] = '\0';
	e->body_n = q->body_n;
	for (size_t i = 0; i < req->headers.size; i++) {
		const h2o_header_t *h = &req->headers.entries[i];

		strlist_take(&e->headers, xstrndup(h->name->base, h->name->len));
		strlist_take(&e->headers, xstrndup(h->value.base, h->value.len));
	}
	e->answer = (struct answer)ANSWER_INIT;
	e->begun_us = clock_mono_us();
	return e;
}

bool backroom_take(struct backroom *b, struct loop *l, h2o_req_t *req, const struct ask *q)
{
	struct errand *e = NULL;
	bool taken;

	if (backroom_waiting(b) < b->s->o.queue)
		e = errand_new(l, req, q);
	if (!e)
		return false;
	e->from_req = h2o_mem_alloc_shared(&req->pool, sizeof *e->from_req, on_req_gone);
	*e->from_req = e;
	pthread_mutex_lock(&b->lock);
	taken = !b->closing;
	if (taken) {
		*b->last = e;
		b->last = &e->next;
		b->waiting++;
		pthread_cond_signal(&b->come);
	}
	pthread_mutex_unlock(&b->lock);
	if (!taken) {
		*e->from_req = NULL;
		errand_free(e);
	}
	return taken;
}

void errand_finish(h2o_linklist_t *message)
{
	struct errand *e = H2O_STRUCT_FROM_MEMBER(struct errand, link.link, message);

	h2o_linklist_unlink(message);
	if (e->req) {
		*e->from_req = NULL;
		request_send(e->req, &e->answer);
	}
	errand_free(e);
}
