/* child.c - set up the program's side, then exec or call the body. */
#define _GNU_SOURCE
#include "lib/launch/child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/launch/isolate.h"

enum { EXIT_REFUSED = 126, EXIT_ABSENT = 127 };

static void report(int fd, int code)
{
	struct child_report head = { .code = code,
				     .text_bytes = (uint32_t)strlen(error_text()),
				     .hint_bytes = (uint32_t)strlen(error_hint_text()) };
	struct buf b = BUF_INIT;

	buf_add(&b, &head, sizeof head);
	buf_addstr(&b, error_text());
	buf_addstr(&b, error_hint_text());
	file_write_fd(fd, b.data, b.len);
	buf_clear(&b);
}

static int read_all(int fd, void *out, size_t n)
{
	char *p = out;

	while (n) {
		ssize_t got = read(fd, p, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		p += got;
		n -= (size_t)got;
	}
	return 0;
}

int child_read_report(int fd)
{
	struct child_report head;
	char text[8192] = "";

	if (read_all(fd, &head, sizeof head) < 0 || head.code >= 0 ||
	    (size_t)head.text_bytes + head.hint_bytes >= sizeof text ||
	    read_all(fd, text, head.text_bytes + head.hint_bytes) < 0)
		return 0;
	error_set(head.code, "%.*s", (int)head.text_bytes, text);
	if (head.hint_bytes)
		error_hint(head.code, "%.*s", (int)head.hint_bytes, text + head.text_bytes);
	return head.code;
}

static void reset_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int redirect(const struct process_plan *plan, const struct wires *w)
{
	int null = plan->input ? plan->input : open("/dev/null", O_RDONLY | O_CLOEXEC);
	int errors = w->stderr_fd >= 0 ? w->stderr_fd : w->out[1];

	if (null < 0)
		return error_errno("cannot open '/dev/null'");
	if (dup2(null, STDIN_FILENO) < 0 || dup2(w->out[1], STDOUT_FILENO) < 0 ||
	    dup2(errors, STDERR_FILENO) < 0)
		return error_errno("cannot redirect the program's output");
	close(null);
	return 0;
}

static int limit_memory(const struct process_plan *plan, const struct wires *w)
{
	struct rlimit limit = { (rlim_t)plan->memory_bytes, (rlim_t)plan->memory_bytes };
	char go = GO_LOST;

	if (plan->memory_bytes <= 0)
		return 0;
	close(w->go[1]);
	if (read_all(w->go[0], &go, 1) < 0 || go == GO_LOST)
		return error_set(ERR_FAIL, "the guard process is gone");
	if (go == GO_RLIMIT && setrlimit(RLIMIT_AS, &limit) < 0)
		return error_errno("cannot limit the program's memory");
	return 0;
}

/* The binds come before chdir: a folder entered earlier would still show what lies under them. */
static int set_up(const struct process_plan *plan, const struct wires *w)
{
	int rc;

	setsid();
	reset_signals();
	syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
	if ((rc = redirect(plan, w)) < 0 || (rc = limit_memory(plan, w)) < 0)
		return rc;
	if ((rc = isolate_self(plan->binds, plan->n_binds, plan->no_network)) < 0)
		return rc;
	if (plan->dir && chdir(plan->dir) < 0)
		return error_errno("cannot enter '%s'", plan->dir);
	return 0;
}

static _Noreturn void run_body(const struct process_plan *plan, const struct wires *w)
{
	int rc;

	error_clear();
	rc = plan->body(plan->payload);
	fflush(NULL);
	if (rc < 0)
		report(w->report[1], rc);
	_exit(rc == 0 ? 0 : error_exit_status(rc));
}

static _Noreturn void run_program(const struct process_plan *plan, const struct wires *w)
{
	char *shell[] = { (char *)"/bin/sh", (char *)"-c", (char *)plan->command, NULL };
	char *const *argv = plan->command ? shell : (char *const *)(uintptr_t)plan->argv;
	static char *nothing[] = { NULL };
	int saved;

	if (plan->env)
		environ = plan->env->n ? plan->env->v : nothing;
	execvp(argv[0], argv); /* looks in the program's own PATH */
	saved = errno;
	if (saved == ENOENT)
		error_set(ERR_STEP, "command not found: '%s'", argv[0]);
	else
		error_set(ERR_STEP, "cannot run '%s': %s", argv[0], strerror(saved));
	report(w->report[1], ERR_STEP);
	_exit(saved == ENOENT ? EXIT_ABSENT : EXIT_REFUSED);
}

_Noreturn void child_main(const struct process_plan *plan, const struct wires *w, pid_t guard)
{
	int rc;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if ((rc = set_up(plan, w)) < 0) {
		report(w->report[1], rc);
		_exit(EXIT_REFUSED);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a new user namespace takes it away */
	if (getppid() != guard)
		_exit(EXIT_REFUSED);
	if (plan->body)
		run_body(plan, w);
	run_program(plan, w);
}
