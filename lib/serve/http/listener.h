/*
 * listener.h - where a server listens: "127.0.0.1:8000", "[::1]:8000", ":8000" (every address),
 * "localhost:0" (any free port), "unix:PATH".
 */
#ifndef MICH_SERVE_HTTP_LISTENER_H
#define MICH_SERVE_HTTP_LISTENER_H

#include <stdbool.h>
#include <stddef.h>

struct listener {
	int fd;	       /* listening, non-blocking, close-on-exec; -1: not open */
	char *address; /* as it is reached: "127.0.0.1:8000" with the true port, "unix:PATH" */
	char *path;    /* of a Unix socket, NULL: TCP */
	int port;      /* 0: a Unix socket */
	bool loopback; /* nobody outside this machine can reach it */
};

#define LISTENER_INIT    \
	{                \
		.fd = -1 \
	}

/*
 * Open text. ERR_EXISTS: something listens there already; ERR_INPUT: not an address; ERR_IO. A Unix
 * socket that nobody listens on any more is replaced.
 */
int listener_open(const char *text, struct listener *out);

/* The same of a socket that was handed over. ERR_INPUT: fd does not listen. */
int listener_adopt(int fd, struct listener *out);

/* unlink: remove the path of a Unix socket, which nobody else shall go on with. */
void listener_close(struct listener *l, bool unlink_path);

#endif
