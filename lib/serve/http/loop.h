/* loop.h - one worker: an event loop of libh2o, its connections and its desk. */
#ifndef MICH_SERVE_HTTP_LOOP_H
#define MICH_SERVE_HTTP_LOOP_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define H2O_USE_LIBUV 0 /* its own event loop */
#include <h2o.h>

#include "lib/serve/exchange.h"
#include "lib/serve/http/server.h"

struct backroom;
struct desk;
struct loop;

/* What a server counts beside its models, of all loops. */
struct tally_http {
	_Atomic size_t connections;   /* open now */
	_Atomic int64_t accepted;     /* ever */
	_Atomic int64_t turned_away;  /* closed at once: too many */
	_Atomic int64_t unauthorized; /* 401 */
	_Atomic int64_t shed;	      /* 503: waited too long, or the queue was full */
	_Atomic int64_t stuck;	      /* closed: the answer was not read */
};

struct server {
	struct fleet *fleet;
	struct server_opts o;
	SSL_CTX *ssl;
	bool *local;	    /* (o.n_listeners) a Unix socket: never TLS */
	struct loop *loops; /* (o.workers) */
	struct backroom *backroom;
	struct tally_http tally;
};

/* An order to a loop. */
enum order_type { ORDER_DRAIN, ORDER_STOP };
struct order {
	h2o_multithread_message_t link;
	enum order_type type;
	int64_t grace_ms;
};

struct loop {
	struct server *s;
	int number;
	pthread_t thread;
	sem_t ready; /* set up, or failed: why */
	char *why;
	bool started, stop;
	h2o_globalconf_t conf; /* of its own, so that loops share nothing */
	h2o_context_t ctx;
	h2o_accept_ctx_t plain, secure;
	h2o_multithread_receiver_t orders, answers;
	h2o_socket_t **listening; /* (o.n_listeners); NULL: closed */
	h2o_timeout_entry_t tick, retry;
	struct desk *desk;
	struct answer answer;
	uint64_t pass;	       /* h2o_now() of the turn of the loop that runs */
	int64_t pass_us;       /* when its first request was begun */
	int64_t close_idle_at; /* clock_mono_us(); 0: does not drain */
};

/* Answer a request or hand it on. For a handler of h2o: 0. */
int request_serve(struct loop *l, h2o_req_t *req);

/* Into the loop's answer: an error that no desk gives. It is logged, not sent. */
void request_refuse(struct loop *l, h2o_req_t *req, int status, const char *kind, const char *text);

/* 503 into a, counted: there is too much to do. */
void request_shed(struct server *s, const struct ask *q, struct answer *a, const char *text);

/* Did request_send answer it? If not, libh2o does by itself. */
bool request_is_ours(const h2o_req_t *req);

/* Send what is in a: nothing of it is needed afterwards. */
void request_send(h2o_req_t *req, struct answer *a);

/* Log a request that is answered: for the thread whose desk answered it. */
void request_log(struct server *s, const struct ask *q, struct answer *a, int64_t took_us);

int loop_start(struct loop *l);
void loop_order(struct loop *l, enum order_type type, int64_t grace_ms);
void loop_stop(struct loop *l); /* ended when it returns */

/*
 * libh2o 2.2.5 reads heads of 400 KiB and takes a request with two lengths: this stands before its
 * parser. The limit is the process's.
 */
void headguard_set(size_t max_header_bytes);

#endif
