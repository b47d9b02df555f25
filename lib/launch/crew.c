/* crew.c - the launcher: rounds of ranks, and what came of them. */
#define _GNU_SOURCE
#include "lib/launch/crew.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/ctl.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/launch/resume.h"

enum {
	PORT_FIRST = 20000, /* below those that the system gives to whoever connects to somebody */
	PORT_COUNT = 12000,
	PORT_TRIES = 100,
	EXIT_AGAIN = 75,
};

void crew_say(struct crew *c, const char *fmt, ...)
{
	va_list ap;

	buf_addstr(&c->log, "[mich] ");
	va_start(ap, fmt);
	buf_vaddf(&c->log, fmt, ap);
	va_end(ap);
	buf_addch(&c->log, '\n');
}

static bool port_is_free(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	bool ok;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	ok = fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Another one for each run and round, so that nobody meets the store of a round before. */
static int choose_port(int restart)
{
	unsigned start = (unsigned)getpid() * 7919u + (unsigned)restart * 104729u +
			 (unsigned)clock_mono_us();

	for (unsigned i = 0; i < PORT_TRIES; i++) {
		int port = PORT_FIRST + (int)((start + i * 31) % PORT_COUNT);

		if (port_is_free(port))
			return port;
	}
	return error_set(ERR_FAIL, "no port is free for the ranks to meet at");
}

static int open_signals(struct crew *c)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	c->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	c->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (c->signals < 0 || c->epoll < 0)
		return error_errno("cannot listen to the ranks");
	return 0;
}

static int open_crew(struct crew *c)
{
	int rc;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_NAME, "mich-ranks");
	if ((rc = open_signals(c)) < 0)
		return rc;
	c->ranks = xcalloc((size_t)c->n, sizeof *c->ranks);
	if (c->plan->checkpoint && (rc = file_make_dirs(c->plan->checkpoint)) < 0)
		return rc;
	for (int i = 0; i < c->n; i++)
		if ((rc = rank_init(&c->ranks[i], c->plan, i)) < 0)
			return rc;
	return 0;
}

static void close_crew(struct crew *c)
{
	for (int i = 0; c->ranks && i < c->n; i++)
		rank_clear(&c->ranks[i]);
	free(c->ranks);
	buf_clear(&c->log);
	close(c->signals);
	close(c->epoll);
}

/* The message that PyTorch's @record, or a program that knows MICH_ERROR_FILE, left; caller frees. */
static char *error_message(const struct rank *r)
{
	json_t *said = NULL, *m;
	const char *text;
	char *copy = NULL;

	if (!file_exists(r->error_file) || json_read(r->error_file, &said) < 0) {
		error_clear();
		return NULL;
	}
	m = json_object_get(said, "message");
	text = json_is_object(m) ? json_str(m, "message", NULL) : json_str(said, "message", NULL);
	if (text && *text)
		copy = xstrdup(text);
	json_decref(said);
	return copy;
}

static void how_it_ended(const struct crew *c, const struct rank *r, struct buf *b)
{
	char span[64];

	if (c->end == RANKS_SILENT) {
		clock_span(c->plan->silence_ms, span, sizeof span);
		buf_addf(b, "showed no life for %s", span);
	} else if (c->end == RANKS_NOT_BEGUN) {
		clock_span(c->plan->begin_ms, span, sizeof span);
		buf_addf(b, "was not ready within %s", span);
	} else if (r->start_errno) {
		buf_addf(b, "could not be started: '%s': %s",
			 c->plan->process.command ? "/bin/sh" : c->plan->process.argv[0],
			 strerror(r->start_errno));
	} else if (WIFSIGNALED(r->status)) {
		buf_addf(b, "was killed by signal %d (%s)", WTERMSIG(r->status),
			 strsignal(WTERMSIG(r->status)));
	} else {
		buf_addf(b, "exited with code %d", WEXITSTATUS(r->status));
	}
}

/* "rank 1 of 4 exited with code 5 at step 30: ValueError: no such column" */
static void reason(const struct crew *c, const struct rank *r, struct buf *b)
{
	int world = c->plan->ranks * (c->plan->nodes ? c->plan->nodes : 1);
	char *message = error_message(r);
	const char *last = message ? message : lines_tail_last(&r->tail);

	buf_addf(b, "rank %d of %d ", r->rank, world);
	how_it_ended(c, r, b);
	if (r->step >= 0)
		buf_addf(b, " at step %lld", (long long)r->step);
	if (*last)
		buf_addf(b, ": %.*s", (int)strcspn(last, "\n"), last);
	free(message);
}

int crew_verdict(struct crew *c)
{
	const struct rank *r = &c->ranks[c->failed];
	struct buf b = BUF_INIT;
	int rc;

	c->report->failed = r->rank;
	c->report->end = (int)c->end;
	c->report->step = r->step;
	if (c->end == RANKS_FAILED) {
		c->report->exit_code = rank_exit_code(r);
		c->report->signal = WIFSIGNALED(r->status) ? WTERMSIG(r->status) : 0;
	}
	lines_tail_text(&r->tail, c->report->lines, sizeof c->report->lines);
	reason(c, r, &b);
	rc = error_set(c->report->exit_code == EXIT_AGAIN ? ERR_BUSY : ERR_STEP, "%s", b.data);
	buf_clear(&b);
	return rc;
}

static void say_restart(struct crew *c, const char *resume)
{
	struct buf b = BUF_INIT;

	reason(c, &c->ranks[c->failed], &b);
	crew_say(c, "%s", b.data);
	crew_say(c, "starting all ranks again, %d of %d times, from %s", c->round.restart + 1,
		 c->plan->max_restarts, resume ? path_base(resume) : "the beginning");
	buf_clear(&b);
}

static int run_rounds(struct crew *c)
{
	char *resume = NULL;
	int rc = 0;

	for (;;) {
		c->round.resume = resume;
		c->round.port = c->plan->port ? c->plan->port : choose_port(c->round.restart);
		rc = c->round.port < 0 ? c->round.port : crew_round(c);
		if (rc < 0 || c->told || c->failed < 0)
			break;
		if (c->round.restart >= c->plan->max_restarts) {
			rc = crew_verdict(c);
			break;
		}
		free(resume);
		resume = c->plan->checkpoint ? resume_find(c->plan->checkpoint) : NULL;
		say_restart(c, resume);
		c->report->restarts = ++c->round.restart;
	}
	free(resume);
	return rc;
}

int crew_main(void *crew_plan)
{
	const struct crew_plan *p = crew_plan;
	struct crew c = { .plan = p->plan,
			  .report = p->report,
			  .n = p->plan->ranks,
			  .epoll = -1,
			  .signals = -1,
			  .round = { .plan = p->plan },
			  .log = BUF_INIT };
	int rc = open_crew(&c);

	if (!rc)
		rc = run_rounds(&c);
	file_write_fd(STDOUT_FILENO, c.log.data, c.log.len);
	close_crew(&c);
	return rc;
}
