/* term.c - the terminal and the pager in front of it. */
#define _GNU_SOURCE
#include "lib/cli/term.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/buf.h"

static int columns(void)
{
	const char *set = getenv("COLUMNS");
	struct winsize w;
	long n = set ? strtol(set, NULL, 10) : 0;

	if (n > 0 && n < 10000)
		return (int)n;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
		return w.ws_col;
	return 80;
}

const struct term *term_stdout(void)
{
	static struct term t;
	static bool known;
	const char *no = getenv("NO_COLOR"), *kind = getenv("TERM");

	if (!known) {
		known = true;
		t.tty = isatty(STDOUT_FILENO) == 1;
		t.colour = t.tty && !(no && *no) && kind && strcmp(kind, "dumb") != 0;
		t.columns = t.tty ? columns() : 0;
	}
	return &t;
}

const char *term_style(enum term_style style)
{
	static const char *const codes[] = {
		[STYLE_PLAIN] = "\033[m",  [STYLE_BOLD] = "\033[1m",   [STYLE_DIM] = "\033[2m",
		[STYLE_RED] = "\033[31m",  [STYLE_GREEN] = "\033[32m", [STYLE_YELLOW] = "\033[33m",
		[STYLE_BLUE] = "\033[34m",
	};

	return term_stdout()->colour ? codes[style] : "";
}

/* `git config core.pager`, as git itself reads it; "" when it is not set. */
static void configured(struct buf *out)
{
	int fds[2], status;
	char chunk[256];
	ssize_t n;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		execlp("git", "git", "config", "core.pager", (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	while (pid > 0 && (n = read(fds[0], chunk, sizeof chunk)) > 0)
		buf_add(out, chunk, (size_t)n);
	close(fds[0]);
	if (pid > 0)
		waitpid(pid, &status, 0);
	while (out->len && out->data[out->len - 1] == '\n')
		out->data[--out->len] = '\0';
}

static void choose(struct buf *out)
{
	static const char *const before[] = { "MICH_PAGER", "GIT_PAGER" };
	const char *v;

	for (size_t i = 0; i < sizeof before / sizeof *before; i++)
		if ((v = getenv(before[i]))) {
			buf_addstr(out, v);
			return;
		}
	configured(out);
	if (out->len)
		return;
	v = getenv("PAGER");
	buf_addstr(out, v ? v : "less");
}

void pager_start(pid_t *pid_out)
{
	struct buf pager = BUF_INIT;
	int fds[2];

	*pid_out = 0;
	if (!term_stdout()->tty)
		return;
	choose(&pager);
	if (pager.len && strcmp(pager.data, "cat") != 0 && pipe2(fds, O_CLOEXEC) == 0) {
		pid_t pid = fork();

		if (pid == 0) {
			dup2(fds[0], STDIN_FILENO);
			setenv("LESS", "FRX", 0);
			setenv("LV", "-c", 0);
			execl("/bin/sh", "sh", "-c", pager.data, (char *)NULL);
			_exit(127);
		}
		if (pid > 0) {
			dup2(fds[1], STDOUT_FILENO);
			*pid_out = pid;
		}
		close(fds[0]);
		close(fds[1]);
	}
	buf_clear(&pager);
}

void pager_wait(pid_t pid)
{
	int status;

	fclose(stdout);
	signal(SIGINT, SIG_IGN); /* Ctrl-C is for the pager now */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
}
