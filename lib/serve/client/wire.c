/* wire.c - a small HTTP client: heads with Content-Length or chunks. */
#define _GNU_SOURCE
#include "lib/serve/client/wire.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/serve/client/reply.h"

enum { TIMEOUT_MS = 60000, PATIENCE_MS = 30000, LINES_MOST = 100 };

struct wire {
	char *url, *host, *port, *path; /* path: of a Unix socket, else NULL */
	char *token;
	int64_t timeout_ms, patience_ms;
	int fd;
	bool used;     /* the connection answered before */
	struct buf in; /* what was read and not used yet, from taken on */
	size_t taken;
};

static int parse(struct wire *w, const char *url)
{
	const char *at = url, *end, *colon;

	if (!strncmp(url, "unix:", 5) && url[5]) {
		w->path = xstrdup(url + 5);
		w->host = xstrdup("localhost");
		return 0;
	}
	if (!strncmp(url, "https://", 8)) {
		error_set(ERR_INPUT, "cannot ask '%s': TLS is not spoken on this side", url);
		return error_hint(ERR_INPUT,
				  "ask it with curl, or through a Unix socket or http://");
	}
	if (strncmp(url, "http://", 7))
		return error_set(ERR_INPUT, "'%s' is no server; want http://HOST:PORT or unix:PATH",
				 url);
	at += 7;
	end = strchrnul(at, '/');
	if (end == at || end[strspn(end, "/")])
		return error_set(ERR_INPUT, "'%s' is no server; want http://HOST:PORT", url);
	colon = memrchr(at, ':', (size_t)(end - at));
	if (colon && memchr(colon, ']', (size_t)(end - colon)))
		colon = NULL; /* of an address in brackets */
	w->port = colon ? xstrndup(colon + 1, (size_t)(end - colon - 1)) : xstrdup("80");
	end = colon ? colon : end;
	if (*at == '[' && end > at + 1 && end[-1] == ']')
		w->host = xstrndup(at + 1, (size_t)(end - at - 2));
	else
		w->host = xstrndup(at, (size_t)(end - at));
	return 0;
}

int wire_open(const char *url, const struct wire_opts *opts, struct wire **out)
{
	struct wire *w = xcalloc(1, sizeof *w);
	int rc;

	*w = (struct wire){ .url = xstrdup(url),
			    .token = opts->token ? xstrdup(opts->token) : NULL,
			    .timeout_ms = opts->timeout_ms ? opts->timeout_ms : TIMEOUT_MS,
			    .patience_ms = opts->patience_ms ? opts->patience_ms : PATIENCE_MS,
			    .fd = -1,
			    .in = BUF_INIT };
	rc = parse(w, url);
	if (rc) {
		wire_close(w);
		w = NULL;
	}
	*out = w;
	return rc;
}

static void hang_up(struct wire *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	w->used = false;
	w->taken = 0;
	buf_reset(&w->in);
}

void wire_close(struct wire *w)
{
	if (!w)
		return;
	hang_up(w);
	buf_clear(&w->in);
	free(w->url);
	free(w->host);
	free(w->port);
	free(w->path);
	free(w->token);
	free(w);
}

static int no_server(const struct wire *w)
{
	error_errno("cannot reach '%s'", w->url);
	return error_hint(ERR_IO, "is it running? mich serve MODEL");
}

static int try_connect(struct wire *w, int family, const struct sockaddr *to, socklen_t n)
{
	struct timeval t = { .tv_sec = w->timeout_ms / 1000,
			     .tv_usec = w->timeout_ms % 1000 * 1000 };
	int on = 1, why;

	w->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (w->fd < 0)
		return -1;
	setsockopt(w->fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
	setsockopt(w->fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
	setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(w->fd, to, n) == 0)
		return 0;
	why = errno;
	hang_up(w);
	errno = why;
	return -1;
}

static int call_up(struct wire *w)
{
	struct addrinfo want = { .ai_socktype = SOCK_STREAM }, *found = NULL;
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	int why, rc = -1;

	if (w->path) {
		if (strlen(w->path) >= sizeof local.sun_path)
			return error_set(ERR_INPUT, "the path '%s' is too long for a socket",
					 w->path);
		memcpy(local.sun_path, w->path, strlen(w->path) + 1);
		rc = try_connect(w, AF_UNIX, (struct sockaddr *)&local, sizeof local);
		return rc ? no_server(w) : 0;
	}
	why = getaddrinfo(w->host, w->port, &want, &found);
	if (why)
		return error_set(ERR_IO, "cannot reach '%s': %s", w->url, gai_strerror(why));
	for (struct addrinfo *a = found; a && rc; a = a->ai_next)
		rc = try_connect(w, a->ai_family, a->ai_addr, a->ai_addrlen);
	if (rc)
		no_server(w);
	freeaddrinfo(found);
	return rc ? ERR_IO : 0;
}

static int send_all(struct wire *w, const char *data, size_t n)
{
	while (n) {
		ssize_t k = send(w->fd, data, n, MSG_NOSIGNAL);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return ERR_IO;
		data += k;
		n -= (size_t)k;
	}
	return 0;
}

static int send_request(struct wire *w, const char *path, const struct buf *body)
{
	const bool v6 = strchr(w->host, ':') != NULL;
	struct buf head = BUF_INIT;
	int rc;

	buf_addf(&head, "%s %s HTTP/1.1\r\nHost: %s%s%s%s%s\r\nAccept: application/json\r\n",
		 body ? "POST" : "GET", path, v6 ? "[" : "", w->host, v6 ? "]" : "",
		 w->port ? ":" : "", w->port ? w->port : "");
	if (w->token)
		buf_addf(&head, "Authorization: Bearer %s\r\n", w->token);
	if (body)
		buf_addf(&head, "Content-Type: application/json\r\nContent-Length: %zu\r\n",
			 body->len);
	buf_addstr(&head, "\r\n");
	rc = send_all(w, head.data, head.len);
	if (!rc && body)
		rc = send_all(w, body->data, body->len);
	explicit_bzero(head.data, head.len);
	buf_clear(&head);
	return rc;
}

static void drop_taken(struct wire *w)
{
	w->in.len -= w->taken;
	memmove(w->in.data, w->in.data + w->taken, w->in.len);
	w->in.data[w->in.len] = '\0';
	w->taken = 0;
}

/* Some more bytes: how many; 0: the end. ERR_TIMEOUT, ERR_IO. */
static int more(struct wire *w)
{
	ssize_t k;

	if (w->taken >= 1 << 16)
		drop_taken(w);
	buf_grow(&w->in, 1 << 16);
	do
		k = recv(w->fd, w->in.data + w->in.len, 1 << 16, 0);
	while (k < 0 && errno == EINTR);
	if (k < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return error_set(ERR_TIMEOUT, "'%s' does not answer", w->url);
	if (k < 0)
		return ERR_IO;
	w->in.len += (size_t)k;
	w->in.data[w->in.len] = '\0';
	return (int)k;
}

/* What it answers is not to be believed: whose it is, and why. */
static int distrust(const struct wire *w, int rc)
{
	return rc == ERR_CORRUPT ? error_wrap(rc, "'%s'", w->url) : rc;
}

/*
 * After a parser: >0 bytes are taken; 0, it wants more, which is read. 1: taken, 0: call it again;
 * negative: no more comes, or it is not to be believed.
 */
static int step_on(struct wire *w, int parsed)
{
	int k;

	if (parsed < 0)
		return distrust(w, parsed);
	if (parsed > 0) {
		w->taken += (size_t)parsed;
		return 1;
	}
	k = more(w);
	return k > 0 ? 0 : k ? k : ERR_IO;
}

static const char *rest(const struct wire *w, size_t *n)
{
	*n = w->in.len - w->taken;
	return w->in.data + w->taken;
}

/* The head of the answer; those that say "go on" are passed over. */
static int read_head(struct wire *w, struct reply *out)
{
	size_t heads = 0;
	int rc;

	do {
		size_t n;
		const char *text = rest(w, &n);

		rc = step_on(w, reply_head(text, n, out));
		heads += rc > 0;
	} while (!rc || (rc > 0 && out->status < 200 && heads < LINES_MOST));
	return rc < 0 ? rc : 0;
}

static int check_body(const struct wire *w, size_t have, size_t more_bytes)
{
	if (have + more_bytes <= REPLY_BODY_BYTES)
		return 0;
	return error_set(ERR_CORRUPT, "'%s' answers with more than %d bytes", w->url,
			 REPLY_BODY_BYTES);
}

/* n bytes of what comes to out. */
static int take(struct wire *w, size_t n, struct buf *out)
{
	int rc = check_body(w, out->len, n), k;

	while (!rc && w->in.len - w->taken < n) {
		k = more(w);
		rc = k > 0 ? 0 : k ? k : ERR_IO;
	}
	if (rc)
		return rc;
	buf_add(out, w->in.data + w->taken, n);
	w->taken += n;
	return 0;
}

/* What stands behind a chunk. */
static int take_line_end(struct wire *w)
{
	struct buf end = BUF_INIT;
	int rc = take(w, 2, &end);

	if (!rc && memcmp(end.data, "\r\n", 2) != 0)
		rc = error_set(ERR_CORRUPT, "'%s' answers with a chunk that does not end", w->url);
	buf_clear(&end);
	return rc;
}

static int take_trailer(struct wire *w)
{
	size_t lines = 0;
	bool last = false;
	int rc;

	do {
		size_t n;
		const char *text = rest(w, &n);

		rc = step_on(w, reply_trailer(text, n, &last));
		lines += rc > 0;
	} while (rc >= 0 && !(rc > 0 && last) && lines < LINES_MOST);
	return rc < 0 ? rc : 0;
}

static int take_chunks(struct wire *w, struct buf *out)
{
	size_t size = 0;
	int rc;

	do {
		size_t n;
		const char *text = rest(w, &n);

		rc = step_on(w, reply_chunk(text, n, &size));
		if (rc > 0 && size) {
			rc = take(w, size, out);
			rc = rc ? rc : take_line_end(w);
		} else if (rc > 0) {
			return take_trailer(w);
		}
	} while (rc >= 0);
	return rc;
}

/* Up to the connection's end. */
static int take_all(struct wire *w, struct buf *out)
{
	int rc = 0, k;

	do {
		rc = take(w, w->in.len - w->taken, out);
		w->in.len = w->taken = 0;
		k = rc ? rc : more(w);
	} while (k > 0);
	return k;
}

static int read_answer(struct wire *w, struct reply *head, struct buf *out)
{
	int rc = read_head(w, head);

	if (!rc && head->chunked)
		rc = take_chunks(w, out);
	else if (!rc && head->length >= 0)
		rc = take(w, (size_t)head->length, out);
	else if (!rc) {
		rc = take_all(w, out);
		head->close = true;
	}
	if (rc)
		return rc;
	w->used = true;
	if (head->close) {
		hang_up(w);
		return 0;
	}
	drop_taken(w);
	return 0;
}

/* Once, over the connection that is there, or a new one. */
static int ask_once(struct wire *w, const char *path, const struct buf *body, struct reply *head,
		    struct buf *answer)
{
	int rc = w->fd >= 0 ? 0 : call_up(w);

	buf_reset(answer);
	if (rc)
		return rc;
	error_clear();
	rc = send_request(w, path, body);
	if (!rc || !w->used) /* a refusal may have come before all was sent */
		rc = read_answer(w, head, answer);
	if (rc && !*error_text())
		rc = error_set(ERR_IO, "'%s' closed the connection without an answer", w->url);
	return rc;
}

/* What Retry-After says, but a second at least and not past the end of our patience. */
static int64_t pause_s(const struct reply *head, int64_t left_us)
{
	int64_t most = left_us / 1000000 + 1;

	return head->retry_s < 1 ? 1 : head->retry_s < most ? head->retry_s : most;
}

int wire_ask(struct wire *w, const char *path, const struct buf *body, int *status_out,
	     struct buf *answer)
{
	int64_t end = clock_mono_us() + w->patience_ms * 1000;
	struct reply head = { 0 };
	int rc;

	for (;;) {
		bool kept = w->fd >= 0 && w->used;

		rc = ask_once(w, path, body, &head, answer);
		if (rc)
			hang_up(w);
		if (rc == ERR_IO && kept)
			continue;
		if (rc)
			return rc;
		*status_out = head.status;
		if ((head.status != 503 && head.status != 429) || clock_mono_us() >= end)
			return 0;
		nanosleep(&(struct timespec){ .tv_sec = pause_s(&head, end - clock_mono_us()) },
			  NULL);
	}
}
