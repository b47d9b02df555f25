/* crew.c - the launcher: rounds of ranks, and what came of them. */
#define _GNU_SOURCE
#include "lib/launch/ranks/crew.h"

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
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/ctl.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/launch/ranks/allies.h"
#include "lib/launch/ranks/resume.h"
#include "lib/launch/ranks/headroom.h"

enum {
	PORT_FIRST = 20000, /* below those that the system gives to whoever connects to somebody */
	PORT_COUNT = 12000,
	PORT_TRIES = 100,
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

/*
 * When our guard is killed we are told, and do its work: killed ourselves, as we would be, we could leave what the
 * ranks had started in sessions of their own.
 */
static int stand_for_guard(struct crew *c)
{
	c->guard = getppid();
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != c->guard)
		return error_set(ERR_FAIL, "the guard process is gone");
	return 0;
}

static int open_crew(struct crew *c)
{
	int rc;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_NAME, "mich-ranks");
	if ((rc = open_signals(c)) < 0 || (rc = stand_for_guard(c)) < 0)
		return rc;
	headroom_open(c->n, &c->round.files);
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

static void say_restart(struct crew *c)
{
	crew_say(c, "%s", c->report->reason);
	crew_say(c, "starting all ranks again, %d of %d times, from %s", c->round.restart + 1,
		 c->plan->max_restarts,
		 c->round.resume ? path_base(c->round.resume) : "the beginning");
}

/* Where the next round begins. */
static int begin(struct crew *c)
{
	c->round.port = c->plan->port ? c->plan->port : choose_port(c->round.restart);
	if (c->round.port < 0)
		return c->round.port;
	if (c->allies)
		allies_start(c);
	return 0;
}

/* Did the round fail, here or on another machine? Then the report says how. */
static bool is_lost(struct crew *c)
{
	c->report->failed = -1;
	if (c->failed >= 0)
		crew_report_fill(c, c->report);
	if (c->allies)
		allies_gather(c);
	return c->failed >= 0 || c->stopped;
}

static void find_resume(struct crew *c)
{
	free(c->resume);
	c->resume = c->plan->checkpoint ? resume_find(c->plan->checkpoint) : NULL;
	c->round.resume = c->resume;
}

/* 75: it has kept its work and is to be run again by whoever placed it, not by us now. */
static bool wants_to_end(const struct crew_report *r)
{
	return r->end == RANKS_FAILED && r->exit_code == EXIT_AGAIN;
}

static int run_rounds(struct crew *c)
{
	int rc;

	c->round.restart = c->report->restarts = c->plan->restart;
	if (c->round.restart)
		find_resume(c);
	for (;;) {
		rc = begin(c);
		if (!rc)
			rc = crew_round(c);
		if (rc < 0 || c->told || !is_lost(c))
			break;
		if (c->report->failed < 0 || c->round.restart >= c->plan->max_restarts ||
		    wants_to_end(c->report)) {
			rc = crew_report_code(c->report);
			break;
		}
		find_resume(c);
		say_restart(c);
		c->report->restarts = ++c->round.restart;
	}
	if (c->allies)
		allies_part(c);
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

	if (!rc && p->plan->link)
		rc = allies_open(&c);
	if (!rc)
		rc = c.allies && p->plan->node ? allies_follow(&c) : run_rounds(&c);
	allies_close(&c);
	file_write_fd(STDOUT_FILENO, c.log.data, c.log.len);
	free(c.resume);
	close_crew(&c);
	return rc;
}
