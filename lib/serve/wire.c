/* wire.c - a small HTTP client: heads with Content-Length or chunks. */
#define _GNU_SOURCE
#include "lib/serve/wire.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"

enum { TIMEOUT_MS = 60000, PATIENCE_MS = 30000, HEAD_BYTES = 64 << 10 };

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
	struct buf head = BUF_INIT;
	int rc;

	buf_addf(&head, "%s %s HTTP/1.1\r\nHost: %s\r\nAccept: application/json\r\n",
		 body ? "POST" : "GET", path, w->host);
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

/* Some more bytes: how many; 0: the end. ERR_TIMEOUT, ERR_IO. */
static int more(struct wire *w)
{
	ssize_t k;

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

/* What a head says. */
struct head {
	int status;
	int64_t length; /* -1: not said */
	bool chunked, close;
	int64_t retry_s;
};

/* The value of a line "name: value", NULL when it is another's. */
static const char *value_of(const char *line, const char *name)
{
	size_t n = strlen(name);

	if (strncasecmp(line, name, n) != 0 || line[n] != ':')
		return NULL;
	line += n + 1;
	return line + strspn(line, " \t");
}

static int read_head_text(const struct wire *w, const char *text, struct head *out)
{
	const char *v;

	*out = (struct head){ .length = -1, .retry_s = 1 };
	if (strncmp(text, "HTTP/1.", 7) || strlen(text) < 12)
		return error_set(ERR_CORRUPT, "'%s' does not answer in HTTP", w->url);
	out->status = (int)strtol(text + 9, NULL, 10);
	for (const char *line = strstr(text, "\r\n"); line; line = strstr(line, "\r\n")) {
		line += 2;
		if ((v = value_of(line, "content-length")))
			out->length = strtoll(v, NULL, 10);
		else if ((v = value_of(line, "transfer-encoding")))
			out->chunked = !strncasecmp(v, "chunked", 7);
		else if ((v = value_of(line, "connection")))
			out->close = !strncasecmp(v, "close", 5);
		else if ((v = value_of(line, "retry-after")))
			out->retry_s = strtoll(v, NULL, 10);
	}
	return 0;
}

static int read_head(struct wire *w, struct head *out)
{
	char *end;
	int k, rc;

	while (!(end = strstr(w->in.data + w->taken, "\r\n\r\n"))) {
		if (w->in.len - w->taken > HEAD_BYTES)
			return error_set(ERR_CORRUPT, "'%s' answers with an endless head", w->url);
		k = more(w);
		if (k <= 0)
			return k ? k : ERR_IO;
	}
	end[2] = '\0';
	rc = read_head_text(w, w->in.data + w->taken, out);
	w->taken = (size_t)(end + 4 - w->in.data);
	return rc;
}

/* n bytes of what comes to out. */
static int take(struct wire *w, size_t n, struct buf *out)
{
	int k;

	while (w->in.len - w->taken < n) {
		k = more(w);
		if (k <= 0)
			return k ? k : ERR_IO;
	}
	buf_add(out, w->in.data + w->taken, n);
	w->taken += n;
	return 0;
}

static int take_chunks(struct wire *w, struct buf *out)
{
	struct buf skip = BUF_INIT;
	unsigned long long n = 1;
	int rc = 0, k;

	while (!rc && n) {
		char *end;

		while (!(end = strstr(w->in.data + w->taken, "\r\n")))
			if ((k = more(w)) <= 0)
				return k ? k : ERR_IO;
		n = strtoull(w->in.data + w->taken, NULL, 16);
		w->taken = (size_t)(end + 2 - w->in.data);
		if (n > 1ULL << 32)
			return error_set(ERR_CORRUPT, "'%s' answers with an endless chunk", w->url);
		rc = take(w, (size_t)n, out);
		if (!rc)
			rc = take(w, 2, &skip);
	}
	buf_clear(&skip);
	return rc;
}

static int read_answer(struct wire *w, struct head *head, struct buf *out)
{
	int rc = read_head(w, head), k;

	if (!rc && head->chunked)
		rc = take_chunks(w, out);
	else if (!rc && head->length >= 0)
		rc = take(w, (size_t)head->length, out);
	else if (!rc) {
		while ((k = more(w)) > 0)
			;
		rc = k;
		buf_add(out, w->in.data + w->taken, w->in.len - w->taken);
		head->close = true;
	}
	if (rc)
		return rc;
	w->used = true;
	if (head->close) {
		hang_up(w);
		return 0;
	}
	memmove(w->in.data, w->in.data + w->taken, w->in.len - w->taken);
	w->in.len -= w->taken;
	w->in.data[w->in.len] = '\0';
	w->taken = 0;
	return 0;
}

/* Once, over the connection that is there, or a new one. */
static int ask_once(struct wire *w, const char *path, const struct buf *body, struct head *head,
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

int wire_ask(struct wire *w, const char *path, const struct buf *body, int *status_out,
	     struct buf *answer)
{
	int64_t end = clock_mono_us() + w->patience_ms * 1000;
	struct head head = { 0 };
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
		nanosleep(&(struct timespec){ .tv_sec = head.retry_s > 0 && head.retry_s < 60
								? head.retry_s
								: 1 },
			  NULL);
	}
}
