/* warden.c - wait at a pipe for the end of mich. */
#define _GNU_SOURCE
#include "lib/launch/cluster/warden.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/launch/process.h"

enum { TIMES = 3, BETWEEN_MS = 1000, LIMIT_MS = 30000 };

static void run(const char *const *argv)
{
	struct buf said = BUF_INIT;

	process_capture(argv, LIMIT_MS, &said);
	buf_clear(&said);
	error_clear();
}

/* Nobody waits for what we would say, nor shall anybody wait for us to close it. */
static void let_go(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	for (int fd = 0; fd <= STDERR_FILENO && null >= 0; fd++)
		dup2(null, fd);
}

static _Noreturn void watch(const char *const *argv, int fd)
{
	char word = 0;
	ssize_t n;

	let_go();
	prctl(PR_SET_NAME, "mich-warden");
	do
		n = read(fd, &word, 1);
	while (n < 0 && errno == EINTR);
	if (n > 0 && word == 'r')
		run(argv);
	for (int i = 0; n <= 0 && i < TIMES; i++) {
		if (i)
			poll(NULL, 0, BETWEEN_MS);
		run(argv);
	}
	_exit(0);
}

int warden_start(const char *const *argv, struct warden *out)
{
	int ends[2];

	*out = (struct warden){ .fd = -1 };
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno("cannot open a pipe to a process that watches this one");
	out->pid = fork();
	if (out->pid == 0) {
		close(ends[1]);
		watch(argv, ends[0]);
	}
	close(ends[0]);
	out->fd = ends[1];
	if (out->pid < 0) {
		close(ends[1]);
		*out = (struct warden){ .fd = -1 };
		return error_errno("cannot start a process that watches this one");
	}
	return 0;
}

void warden_end(struct warden *w, bool run_it)
{
	char word = run_it ? 'r' : 'x';

	if (!w->pid)
		return;
	while (write(w->fd, &word, 1) < 0 && errno == EINTR)
		;
	close(w->fd);
	while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*w = (struct warden){ .fd = -1 };
}
