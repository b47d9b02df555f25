/* wire.h - HTTP/1.1 to one server, from the asking side: one connection, one request at a time. */
#ifndef MICH_SERVE_CLIENT_WIRE_H
#define MICH_SERVE_CLIENT_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

struct wire;

struct wire_opts {
	const char *token;   /* sent as a bearer token; NULL: none */
	int64_t timeout_ms;  /* without a byte; 0: 60 s */
	int64_t patience_ms; /* to try again while the server says that it is busy; 0: 30 s */
};

/*
 * "http://HOST[:PORT]" or "unix:PATH". Connects with the first request. ERR_INPUT: neither. https is
 * refused by name: mich has no TLS of its own.
 */
int wire_open(const char *url, const struct wire_opts *opts, struct wire **out);
void wire_close(struct wire *w);

/*
 * Ask; body NULL: GET, else POST of JSON. *status_out and answer (emptied first) say what came. A request
 * that a kept connection lost is sent once more; 503 and 429 are asked again after what
 * Retry-After says. ERR_IO: no server there, or it went away; ERR_TIMEOUT; ERR_CORRUPT: no HTTP.
 */
int wire_ask(struct wire *w, const char *path, const struct buf *body, int *status_out,
	     struct buf *answer);

#endif
