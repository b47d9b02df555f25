/*
 * successor.h - a server's listening sockets on their way to its successor: the new process has them
 * from the start, so that no connection is refused between the two.
 */
#ifndef MICH_SERVE_HTTP_SUCCESSOR_H
#define MICH_SERVE_HTTP_SUCCESSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/serve/http/listener.h"

/* A successor that was started and is not ready yet. */
struct successor {
	pid_t pid; /* 0: there is none */
	int ready_fd;
};

/* Start program with argv and the sockets. ERR_IO. */
int successor_start(const char *program, char *const *argv, const struct listener *l, size_t n,
		    struct successor *out);

/* 1: it answers requests now, end; 0: not yet; ERR_FAIL: it ended before, *out is as before. */
int successor_look(struct successor *h);

/*
 * In the successor: the sockets that it was given, in the order of its own --listen (or of systemd's
 * LISTEN_FDS); 0 when it was given none. The caller closes each and frees the array.
 */
int successor_sockets(struct listener **out, size_t *n_out);

/* In the successor: say that requests are answered. Nothing where nobody waits. */
void successor_ready(void);

#endif
