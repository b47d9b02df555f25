/*
 * server.h - HTTP/1.1 in front of the desks, through libh2o's event loop: one loop and one desk a
 * worker thread, all on the same listening sockets. A request is answered in its loop as soon as it
 * is read; large ones are handed to a back room of as many threads, whose queue is bounded.
 *
 * Every function but server_start is for the thread that started it.
 */
#ifndef MICH_SERVE_HTTP_SERVER_H
#define MICH_SERVE_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/serve/http/listener.h"

struct accesslog;
struct fleet;
struct meter;
struct predlog;
struct server;
struct tokens;

struct server_opts {
	const struct listener *listeners; /* (n_listeners) read by server_start alone */
	size_t n_listeners;
	int workers;
	size_t max_body_bytes;	 /* more: 413 */
	size_t max_header_bytes; /* more: the connection is closed */
	size_t max_connections;	 /* more: 503, closed */
	int64_t request_ms;	 /* to read one request, to wait for one, to send an answer */
	size_t queue;		 /* large requests that wait; more: 503 */
	int64_t queue_ms;	 /* a request that waited longer for its turn: 503; 0: never */
	const char *tls_cert, *tls_key; /* PEM; NULL: plain HTTP. Unix sockets are always plain */
	struct tokens *tokens;		/* NULL: anybody may ask */
	struct accesslog *access;	/* NULL: none */
	struct predlog *predlog;	/* NULL: none */
	struct meter *lost;		/* of workers * 2 shards; see desk.h */
};

/* ERR_INPUT: certificate or key; ERR_IO: threads, descriptors. Serves from its return on. */
int server_start(struct fleet *f, const struct server_opts *opts, struct server **out);

/*
 * Take no more connections, say `Connection: close` to those that ask on, and close those that are
 * idle once grace_ms is over.
 */
void server_drain(struct server *s, int64_t grace_ms);
size_t server_connections(const struct server *s); /* open now */

/* End now, whatever is open. */
void server_free(struct server *s);

/* Its own families for /metrics, appended. */
void server_render(const struct server *s, struct buf *out);

#endif
