/* loop.c - accepting connections, watching over them, draining. */
#define _GNU_SOURCE
#include "lib/serve/http/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/serve/desk/desk.h"
#include "lib/serve/http/backroom.h"
#include "lib/serve/http/refusal.h"

/* A handler of h2o that knows its loop. */
struct door {
	h2o_handler_t super;
	struct loop *loop;
};

static int on_request(h2o_handler_t *self, h2o_req_t *req)
{
	return request_serve(((struct door *)self)->loop, req);
}

static void on_connection_closed(void *payload)
{
	struct server *s = payload;

	atomic_fetch_sub_explicit(&s->tally.connections, 1, memory_order_relaxed);
}

/* One more than there may be: say so where it can be said, and close. */
static void turn_away(struct loop *l, h2o_socket_t *sock, bool secure)
{
	static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
				   "Retry-After: 1\r\nContent-Type: application/json\r\n"
				   "Content-Length: 32\r\n\r\n{\"error\":\"too many connections\"}";

	atomic_fetch_add_explicit(&l->s->tally.turned_away, 1, memory_order_relaxed);
	if (!secure && send(h2o_socket_get_fd(sock), busy, sizeof busy - 1, MSG_NOSIGNAL) < 0)
		secure = true; /* it left already */
	h2o_socket_close(sock);
}

static void listening_pause(struct loop *l);

static void on_accept(h2o_socket_t *listening, const char *err)
{
	struct loop *l = listening->data;
	size_t i = 0;
	bool secure;
	h2o_socket_t *sock;

	if (err)
		return;
	sock = h2o_evloop_socket_accept(listening);
	if (!sock) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			listening_pause(l);
		return;
	}
	while (l->listening[i] != listening)
		i++;
	secure = l->s->ssl && !l->s->local[i];
	sock->on_close.cb = on_connection_closed;
	sock->on_close.data = l->s;
	atomic_fetch_add_explicit(&l->s->tally.accepted, 1, memory_order_relaxed);
	if (atomic_fetch_add_explicit(&l->s->tally.connections, 1, memory_order_relaxed) >=
	    l->s->o.max_connections)
		turn_away(l, sock, secure);
	else
		h2o_accept(secure ? &l->secure : &l->plain, sock);
}

static void on_retry(h2o_timeout_entry_t *entry)
{
	struct loop *l = H2O_STRUCT_FROM_MEMBER(struct loop, retry, entry);

	for (size_t i = 0; i < l->s->o.n_listeners; i++)
		if (l->listening[i])
			h2o_socket_read_start(l->listening[i], on_accept);
}

/* No descriptors are left: look again in a while, not at once. */
static void listening_pause(struct loop *l)
{
	for (size_t i = 0; i < l->s->o.n_listeners; i++)
		if (l->listening[i])
			h2o_socket_read_stop(l->listening[i]);
	if (!h2o_timeout_is_linked(&l->retry))
		h2o_timeout_link(l->ctx.loop, &l->ctx.hundred_ms_timeout, &l->retry);
}

static void listening_close(struct loop *l)
{
	for (size_t i = 0; i < l->s->o.n_listeners; i++) {
		if (l->listening[i])
			h2o_socket_close(l->listening[i]);
		l->listening[i] = NULL;
	}
}

static int listening_open(struct loop *l)
{
	l->listening = xcalloc(l->s->o.n_listeners, sizeof(h2o_socket_t *));
	for (size_t i = 0; i < l->s->o.n_listeners; i++) {
		int fd = fcntl(l->s->o.listeners[i].fd, F_DUPFD_CLOEXEC, 0);

		if (fd < 0)
			return error_errno("cannot share a listening socket");
		l->listening[i] =
			h2o_evloop_socket_create(l->ctx.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
		l->listening[i]->data = l;
		h2o_socket_read_start(l->listening[i], on_accept);
	}
	return 0;
}

static int64_t ms_of(const struct timeval *t)
{
	return (int64_t)t->tv_sec * 1000 + t->tv_usec / 1000;
}

/*
 * A connection that waits for a request is closed while draining; one whose answer is not read, at any
 * time. Ending the socket makes h2o see an error and clean up.
 */
static int look_at(h2o_req_t *req, void *payload)
{
	struct loop *l = payload;
	h2o_socket_t *sock = req->conn->callbacks->get_socket(req->conn);
	int64_t now = ms_of(h2o_get_timestamp(&l->ctx, NULL, NULL));
	bool idle = !req->timestamps.request_begin_at.tv_sec && !sock->input->size;
	bool stuck = req->timestamps.response_start_at.tv_sec &&
		     now - ms_of(&req->timestamps.response_start_at) > l->s->o.request_ms;

	if (stuck)
		atomic_fetch_add_explicit(&l->s->tally.stuck, 1, memory_order_relaxed);
	if (stuck || (idle && l->close_idle_at && clock_mono_us() >= l->close_idle_at))
		shutdown(h2o_socket_get_fd(sock), SHUT_RDWR);
	return 0;
}

/* Ten times a second while draining, else once. */
static void on_tick(h2o_timeout_entry_t *entry)
{
	struct loop *l = H2O_STRUCT_FROM_MEMBER(struct loop, tick, entry);

	desk_sync(l->desk);
	l->conf.http1.callbacks.foreach_request(&l->ctx, look_at, l);
	h2o_timeout_link(l->ctx.loop,
			 l->close_idle_at ? &l->ctx.hundred_ms_timeout : &l->ctx.one_sec_timeout,
			 &l->tick);
}

static void drain(struct loop *l, int64_t grace_ms)
{
	if (l->close_idle_at)
		return;
	for (size_t i = 0; i < l->s->o.n_listeners; i++) /* those that wait to be let in */
		if (l->listening[i])
			on_accept(l->listening[i], NULL);
	listening_close(l);
	l->ctx.shutdown_requested = 1;
	l->close_idle_at = clock_mono_us() + grace_ms * 1000 + 1;
	h2o_timeout_unlink(&l->tick);
	h2o_timeout_link(l->ctx.loop, &l->ctx.hundred_ms_timeout, &l->tick);
}

static void on_orders(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
	struct loop *l = H2O_STRUCT_FROM_MEMBER(struct loop, orders, receiver);

	while (!h2o_linklist_is_empty(messages)) {
		struct order *o = H2O_STRUCT_FROM_MEMBER(struct order, link.link, messages->next);

		h2o_linklist_unlink(&o->link.link);
		if (o->type == ORDER_STOP)
			l->stop = true;
		else
			drain(l, o->grace_ms);
		free(o);
	}
}

static void on_answers(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
	(void)receiver;
	while (!h2o_linklist_is_empty(messages))
		errand_finish(messages->next);
}

void loop_order(struct loop *l, enum order_type type, int64_t grace_ms)
{
	struct order *o = xcalloc(1, sizeof *o);

	o->type = type;
	o->grace_ms = grace_ms;
	h2o_multithread_send_message(&l->orders, &o->link);
}

static void configure(struct loop *l)
{
	const struct server_opts *o = &l->s->o;
	h2o_hostconf_t *host;
	h2o_pathconf_t *path;
	struct door *door;

	h2o_config_init(&l->conf);
	l->conf.server_name = h2o_iovec_init(H2O_STRLIT("mich"));
	l->conf.max_request_entity_size = o->max_body_bytes;
	l->conf.http1.req_timeout = (uint64_t)o->request_ms;
	l->conf.http1.upgrade_to_http2 = 0;
	l->conf.handshake_timeout = (uint64_t)o->request_ms;
	host = h2o_config_register_host(&l->conf, h2o_iovec_init(H2O_STRLIT("default")), 65535);
	path = h2o_config_register_path(host, "/", 0);
	refusal_register(path, l);
	refusal_register(&host->fallback_path, l); /* of heads that are no request */
	door = (struct door *)h2o_create_handler(path, sizeof *door);
	door->super.on_req = on_request;
	door->loop = l;
}

/* All that h2o allocates is the thread's own, so the loop is made and unmade in its thread. */
static int set_up(struct loop *l)
{
	struct desk_opts d = { .shard = l->number,
			       .max_body = l->s->o.max_body_bytes,
			       .lost = l->s->o.lost };

	configure(l);
	h2o_context_init(&l->ctx, h2o_evloop_create(), &l->conf);
	l->plain = (h2o_accept_ctx_t){ .ctx = &l->ctx, .hosts = l->conf.hosts };
	l->secure = l->plain;
	l->secure.ssl_ctx = l->s->ssl;
	h2o_multithread_register_receiver(l->ctx.queue, &l->orders, on_orders);
	h2o_multithread_register_receiver(l->ctx.queue, &l->answers, on_answers);
	l->answer = (struct answer)ANSWER_INIT;
	l->desk = desk_new(l->s->fleet, &d);
	l->tick.cb = on_tick;
	l->retry.cb = on_retry;
	h2o_timeout_link(l->ctx.loop, &l->ctx.one_sec_timeout, &l->tick);
	return listening_open(l);
}

/* h2o has no way to end a connection from outside: with one open, the loop's memory stays. */
static void take_down(struct loop *l)
{
	listening_close(l);
	free(l->listening);
	desk_free(l->desk);
	exchange_clear(&l->answer);
	if (atomic_load_explicit(&l->s->tally.connections, memory_order_relaxed))
		return;
	h2o_timeout_unlink(&l->tick);
	h2o_timeout_unlink(&l->retry);
	h2o_multithread_unregister_receiver(l->ctx.queue, &l->orders);
	h2o_multithread_unregister_receiver(l->ctx.queue, &l->answers);
	h2o_context_dispose(&l->ctx);
	h2o_config_dispose(&l->conf);
}

static void *loop_main(void *payload)
{
	struct loop *l = payload;

	if (set_up(l) < 0) {
		l->why = xstrdup(error_text());
		l->stop = true;
	}
	sem_post(&l->ready);
	while (!l->stop && (h2o_evloop_run(l->ctx.loop, 1000) == 0 || errno == EINTR))
		; /* interrupted: the process was stopped and goes on */
	take_down(l);
	return NULL;
}

int loop_start(struct loop *l)
{
	sem_init(&l->ready, 0, 0);
	if (pthread_create(&l->thread, NULL, loop_main, l))
		return error_errno("cannot start a worker");
	l->started = true;
	while (sem_wait(&l->ready) < 0)
		;
	return l->why ? error_set(ERR_IO, "%s", l->why) : 0;
}

void loop_stop(struct loop *l)
{
	if (!l->started)
		return;
	if (!l->why)
		loop_order(l, ORDER_STOP, 0);
	pthread_join(l->thread, NULL);
	sem_destroy(&l->ready);
	free(l->why);
	l->started = false;
}
