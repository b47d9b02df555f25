/* successor.c - sockets through spawn: their numbers travel in the environment. */
#define _GNU_SOURCE
#include "lib/serve/http/successor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"

extern char **environ;

static const char SOCKETS[] = "MICH_SERVE_SOCKETS", READY[] = "MICH_SERVE_READY";

/* Our environment, with the numbers of the sockets and of the pipe that it answers through. */
static void surroundings(const struct listener *l, size_t n, int ready, struct strlist *env)
{
	struct buf fds = BUF_INIT;

	for (char **e = environ; *e; e++)
		if (strncmp(*e, SOCKETS, strlen(SOCKETS)) && strncmp(*e, READY, strlen(READY)) &&
		    strncmp(*e, "LISTEN_", 7))
			strlist_add(env, *e);
	for (size_t i = 0; i < n; i++)
		buf_addf(&fds, "%s%d", i ? "," : "", l[i].fd);
	strlist_addf(env, "%s=%s", SOCKETS, fds.data);
	strlist_addf(env, "%s=%d", READY, ready);
	buf_clear(&fds);
}

int successor_start(const char *program, char *const *argv, const struct listener *l, size_t n,
		    struct successor *out)
{
	struct strlist env = STRLIST_INIT;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t none;
	int ends[2], why;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno("cannot make a pipe");
	surroundings(l, n, ends[1], &env);
	sigemptyset(&none);
	posix_spawnattr_init(&how);
	posix_spawnattr_setsigmask(&how, &none);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&files); /* a descriptor onto itself: kept open across exec */
	for (size_t i = 0; i < n; i++)
		posix_spawn_file_actions_adddup2(&files, l[i].fd, l[i].fd);
	posix_spawn_file_actions_adddup2(&files, ends[1], ends[1]);
	why = posix_spawn(&out->pid, program, &files, &how, argv, env.v);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&how);
	strlist_clear(&env);
	close(ends[1]);
	out->ready_fd = ends[0];
	if (!why)
		return 0;
	close(ends[0]);
	out->pid = 0;
	errno = why;
	return error_errno("cannot start '%s'", program);
}

int successor_look(struct successor *h)
{
	struct pollfd p = { .fd = h->ready_fd, .events = POLLIN };
	int status = 0;
	char word;

	if (poll(&p, 1, 0) <= 0)
		return 0;
	if (read(h->ready_fd, &word, 1) == 1) {
		close(h->ready_fd);
		return 1;
	}
	close(h->ready_fd);
	waitpid(h->pid, &status, 0);
	h->pid = 0;
	return error_set(ERR_FAIL, "the new server ended before it was ready%s",
			 WIFSIGNALED(status) ? ", by a signal" : "");
}

static int add(const char *number, struct listener **v, size_t *n, size_t *cap)
{
	char *end;
	long fd = strtol(number, &end, 10);

	if (*end || fd < 3 || fd > 1 << 20)
		return error_set(ERR_INPUT, "'%s' is no file descriptor", number);
	ARRAY_GROW(*v, *n, *cap);
	return listener_adopt((int)fd, &(*v)[(*n)++]);
}

/* systemd's socket activation: so many from 3 on, for this process. */
static void from_systemd(struct strlist *out)
{
	const char *n = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");

	if (n && pid && strtol(pid, NULL, 10) == getpid())
		for (long i = 0; i < strtol(n, NULL, 10) && i < 64; i++)
			strlist_addf(out, "%ld", 3 + i);
}

int successor_sockets(struct listener **out, size_t *n_out)
{
	const char *given = getenv(SOCKETS);
	struct strlist numbers = STRLIST_INIT;
	size_t cap = 0;
	int rc = 0;

	*out = NULL;
	*n_out = 0;
	if (given)
		strlist_split(&numbers, given, ",");
	else
		from_systemd(&numbers);
	for (size_t i = 0; i < numbers.n && !rc; i++)
		rc = add(numbers.v[i], out, n_out, &cap);
	unsetenv(SOCKETS);
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	strlist_clear(&numbers);
	return rc;
}

void successor_ready(void)
{
	const char *given = getenv(READY);
	int fd = given ? (int)strtol(given, NULL, 10) : -1;

	if (fd < 3)
		return;
	if (write(fd, "r", 1) < 0)
		errno = 0; /* the one before has gone: then nobody waits */
	close(fd);
	unsetenv(READY);
}
