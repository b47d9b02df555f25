/* listener.c - opening sockets to listen on. */
#define _GNU_SOURCE
#include "lib/serve/http/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

enum { BACKLOG = 4096 };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
	struct sockaddr_storage room;
};

static bool is_loopback(const union address *a)
{
	if (a->any.sa_family == AF_UNIX)
		return true;
	if (a->any.sa_family == AF_INET)
		return (ntohl(a->v4.sin_addr.s_addr) >> 24) == 127;
	return a->any.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr);
}

static char *describe(const union address *a, socklen_t len)
{
	char host[64], port[16];

	if (a->any.sa_family == AF_UNIX)
		return xasprintf("unix:%s", a->local.sun_path);
	if (getnameinfo(&a->any, len, host, sizeof host, port, sizeof port,
			NI_NUMERICHOST | NI_NUMERICSERV))
		return xstrdup("?");
	return xasprintf(a->any.sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

int listener_adopt(int fd, struct listener *out)
{
	union address a = { .room = { 0 } };
	socklen_t len = sizeof a.room, size = sizeof(int);
	int listens = 0;

	*out = (struct listener)LISTENER_INIT;
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0 || !listens)
		return error_set(ERR_INPUT, "file descriptor %d is no socket that listens", fd);
	if (getsockname(fd, &a.any, &len) < 0)
		return error_errno("cannot name the socket %d", fd);
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ||
	    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
		return error_errno("cannot set up the socket %d", fd);
	out->fd = fd;
	out->address = describe(&a, len);
	out->loopback = is_loopback(&a);
	if (a.any.sa_family == AF_UNIX)
		out->path = xstrdup(a.local.sun_path);
	else
		out->port = ntohs(a.any.sa_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
	return 0;
}

static int refuse(const char *text)
{
	int rc = errno == EADDRINUSE ? ERR_EXISTS : ERR_IO;

	if (rc == ERR_IO)
		return error_errno("cannot listen on '%s'", text);
	error_set(rc, "cannot listen on '%s': something listens there already", text);
	return error_hint(rc, "another port, or 0 for any that is free: --listen 127.0.0.1:0");
}

/* A bound socket to one that listens, and describe it. Takes fd. */
static int start(int fd, const char *text, struct listener *out)
{
	int rc;

	if (listen(fd, BACKLOG) < 0)
		rc = refuse(text);
	else
		rc = listener_adopt(fd, out);
	if (rc)
		close(fd);
	return rc;
}

/* True where a Unix socket lies that nobody listens on. */
static bool is_stale(const union address *a)
{
	struct stat st;
	bool stale;
	int fd;

	if (lstat(a->local.sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	stale = fd >= 0 && connect(fd, &a->any, sizeof a->local) < 0 && errno == ECONNREFUSED;
	if (fd >= 0)
		close(fd);
	return stale;
}

static int open_unix(const char *text, struct listener *out)
{
	union address a = { .local = { .sun_family = AF_UNIX } };
	const char *path = text + strlen("unix:");
	int fd, rc;

	if (!*path || strlen(path) >= sizeof a.local.sun_path)
		return error_set(ERR_INPUT,
				 "the path of a Unix socket has 1 to %zu bytes, not %zu: '%s'",
				 sizeof a.local.sun_path - 1, strlen(path), text);
	memcpy(a.local.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return error_errno("cannot make a socket");
	if (is_stale(&a))
		unlink(path);
	if (bind(fd, &a.any, sizeof a.local) == 0)
		return start(fd, text, out);
	rc = refuse(text);
	close(fd);
	return rc;
}

static int open_tcp(const struct addrinfo *ai, const char *text, struct listener *out)
{
	int on = 1, rc;
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return error_errno("cannot make a socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* what it accepts inherits it */
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0)
		return start(fd, text, out);
	rc = refuse(text);
	close(fd);
	return rc;
}

/* "HOST:PORT" to its parts; the caller frees both. */
static int split(const char *text, char **host, char **port)
{
	const char *colon = strrchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : 0;
	char *end = NULL;
	long number = colon ? strtol(colon + 1, &end, 10) : -1;

	if (!colon || !colon[1] || *end || number < 0 || number > 65535)
		return error_set(ERR_INPUT,
				 "'%s' is no address to listen on; want ADDRESS:PORT or unix:PATH",
				 text);
	if (n >= 2 && text[0] == '[' && text[n - 1] == ']')
		*host = xstrndup(text + 1, n - 2);
	else
		*host = xstrndup(text, n);
	*port = xstrdup(colon + 1);
	return 0;
}

int listener_open(const char *text, struct listener *out)
{
	struct addrinfo want = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
				 .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	char *host = NULL, *port = NULL;
	int rc, why;

	*out = (struct listener)LISTENER_INIT;
	if (!strncmp(text, "unix:", 5))
		return open_unix(text, out);
	rc = split(text, &host, &port);
	if (!rc && (why = getaddrinfo(*host ? host : NULL, port, &want, &found)) != 0)
		rc = error_set(ERR_INPUT, "cannot listen on '%s': %s", text, gai_strerror(why));
	if (!rc)
		rc = open_tcp(found, text, out);
	if (found)
		freeaddrinfo(found);
	free(host);
	free(port);
	return rc;
}

void listener_close(struct listener *l, bool unlink_path)
{
	if (l->fd >= 0)
		close(l->fd);
	if (unlink_path && l->path)
		unlink(l->path);
	free(l->address);
	free(l->path);
	*l = (struct listener)LISTENER_INIT;
}
