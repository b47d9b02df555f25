/* round.c - one round of a crew: start all ranks, listen to them, stop them all when one fails. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/ctl.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/launch/family.h"
#include "lib/launch/ranks/allies.h"
#include "lib/launch/ranks/blame.h"
#include "lib/launch/ranks/crew.h"
#include "lib/launch/ranks/silence.h"
#include "lib/launch/sid.h"

enum {
	TICK_MS = 200,
	GRACE_MS = 400,	  /* after a failure, between SIGTERM and SIGKILL */
	SPARED_MS = 5000, /* for the rank that failed first to end by itself */
	ASLEEP_MS =
		2000, /* a longer gap between two looks at the clock: we were stopped ourselves */
	READ_BYTES = 1 << 16,
	EVENTS = 64,
};

enum source { FROM_SIGNALS, FROM_LOG, FROM_OUT, FROM_ERR, FROM_CTL, FROM_END, FROM_ALLY };

static int64_t now_ms(void)
{
	return clock_mono_us() / 1000;
}

static void listen_to(struct crew *c, int fd, enum source source, int rank, uint32_t events)
{
	struct epoll_event e = { .events = events,
				 .data.u64 = (uint64_t)source << 32 | (uint32_t)rank };

	if (epoll_ctl(c->epoll, EPOLL_CTL_ADD, fd, &e) < 0 && errno == EEXIST)
		epoll_ctl(c->epoll, EPOLL_CTL_MOD, fd, &e);
}

static void listen_to_output(struct crew *c, bool on)
{
	for (int i = 0; i < c->n; i++) {
		if (c->ranks[i].out >= 0)
			listen_to(c, c->ranks[i].out, FROM_OUT, i, on ? EPOLLIN : 0);
		if (c->ranks[i].err >= 0)
			listen_to(c, c->ranks[i].err, FROM_ERR, i, on ? EPOLLIN : 0);
	}
}

static bool follows(const struct crew *c)
{
	return c->allies && c->plan->node > 0;
}

/* As much as mich takes now; what waits then. */
static size_t pass_to_mich(struct crew *c)
{
	ssize_t n = 0;

	if (c->log.len)
		n = write(STDOUT_FILENO, c->log.data, c->log.len);
	if (n > 0) {
		memmove(c->log.data, c->log.data + n, c->log.len - (size_t)n);
		c->log.len -= (size_t)n;
	}
	listen_to(c, STDOUT_FILENO, FROM_LOG, 0, c->log.len ? EPOLLOUT : 0);
	return c->log.len;
}

/* Give mich, or who leads, what waits. */
static void pass_log(struct crew *c)
{
	size_t waits = follows(c) ? allies_pass_log(c) : pass_to_mich(c);

	if (c->full != (waits > CREW_LOG_BYTES)) {
		c->full = !c->full;
		listen_to_output(c, !c->full);
	}
	if (c->allies)
		allies_watch(c);
}

/* What is in a rank's pipe; false when there is nothing now, or nothing comes any more. */
static bool take_output(struct crew *c, struct rank *r, bool error)
{
	int *fd = error ? &r->err : &r->out;
	struct lines *lines = error ? &r->complained : &r->said;
	char data[READ_BYTES];
	ssize_t n = *fd < 0 ? 0 : read(*fd, data, sizeof data);

	if (n < 0)
		return errno == EINTR;
	if (n == 0) {
		if (*fd >= 0)
			close(*fd);
		*fd = -1;
		return false;
	}
	r->alive_ms = now_ms();
	sink_add(&r->raw, data, (size_t)n); /* a full disk is noticed by mich, who has the log */
	lines_add(lines, data, (size_t)n, &c->log);
	return true;
}

void crew_watch(struct crew *c, int fd, int peer, uint32_t events)
{
	listen_to(c, fd, FROM_ALLY, peer, events);
}

/* What rank 0 tells all must know goes to the others. */
void crew_pass_id(struct crew *c, const char *packet, size_t n)
{
	for (int i = 0; i < c->n; i++)
		if (c->ranks[i].rank > 0 && c->ranks[i].ctl >= 0)
			send(c->ranks[i].ctl, packet, n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void pass_id(struct crew *c, const char *packet, size_t n)
{
	crew_pass_id(c, packet, n);
	if (c->allies)
		allies_tell_id(c, packet + 1, n - 1);
}

static void take_word(struct crew *c, struct rank *r)
{
	char packet[1 + CTL_ID_BYTES];
	ssize_t n = recv(r->ctl, packet, sizeof packet, MSG_DONTWAIT);

	if (n < 0)
		return;
	if (n == 0) {
		close(r->ctl);
		r->ctl = -1;
		return;
	}
	r->alive_ms = now_ms();
	r->speaks = true;
	if (packet[0] == CTL_READY)
		r->ready = true;
	else if (packet[0] == CTL_STEP && n == 1 + (ssize_t)sizeof r->step)
		memcpy(&r->step, packet + 1, sizeof r->step);
	else if (packet[0] == CTL_ID && r->rank == 0)
		pass_id(c, packet, (size_t)n);
}

/* Is anything of any rank alive, or not reaped? All that they leave becomes our own child. */
static bool has_children(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

static void end_rank(const struct rank *r)
{
	const char word = CTL_ABORT;

	if (r->ctl >= 0)
		send(r->ctl, &word, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	kill(-r->pid, SIGTERM);
	kill(-r->pid, SIGCONT);
}

static void end_others(struct crew *c)
{
	for (int i = 0; i < c->n; i++)
		if (!c->ranks[i].ended && c->ranks[i].pid > 0 &&
		    (i != c->spared || c->end != RANKS_FAILED))
			end_rank(&c->ranks[i]);
}

/*
 * The round is lost: tell those who listen, ask all to end, and kill them GRACE_MS later. The rank that
 * failed first is ending by itself; what it exits with is to be its own.
 */
static void stop(struct crew *c, int failed, enum ranks_end end)
{
	c->failed = c->spared = failed;
	c->end = end;
	c->failed_ms = now_ms();
	if (end == RANKS_FAILED)
		c->spared = blame_find(c, failed);
	team_file_abort(c->team, (uint32_t)c->ranks[c->spared].rank);
	end_others(c);
	if (c->allies)
		allies_tell_failure(c);
}

/* A rank of ours may have the reason for what happened elsewhere, or be the one that hangs. */
void crew_stop(struct crew *c, enum ranks_end end)
{
	c->stopped = true;
	c->end = end;
	c->failed_ms = now_ms();
	if (end == RANKS_FAILED)
		c->spared = blame_find_marked(c);
	else
		c->failed = silence_find(c->ranks, c->n, 0, c->failed_ms);
	team_file_abort(c->team, c->spared >= 0 ? (uint32_t)c->ranks[c->spared].rank : 0);
	end_others(c);
}

bool crew_is_stopping(const struct crew *c)
{
	return c->failed >= 0 || c->stopped;
}

static void take_end(struct crew *c, int i)
{
	struct rank *r = &c->ranks[i];
	pid_t pid;

	do
		pid = waitpid(r->pid, &r->status, WNOHANG);
	while (pid < 0 && errno == EINTR);
	if (pid == 0 || r->ended)
		return;
	r->ended = true;
	c->running--;
	epoll_ctl(c->epoll, EPOLL_CTL_DEL, r->pidfd, NULL);
	rank_look(r, now_ms());
	r->alive_ms = now_ms();
	if (c->told || !rank_failed(r))
		return;
	if (!crew_is_stopping(c))
		stop(c, i, RANKS_FAILED);
	else if (c->failed < 0 ? i == c->spared : blame_moves(c, r))
		c->failed = i;
}

/* What ranks left behind and has ended since; never a rank, whose end is taken in its turn. */
static void reap_others(struct crew *c)
{
	siginfo_t info;

	for (;;) {
		info.si_pid = 0;
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || !info.si_pid)
			return;
		for (int i = 0; i < c->n; i++)
			if (c->ranks[i].pid == info.si_pid)
				return;
		waitpid(info.si_pid, NULL, 0);
	}
}

/* To what catches it; a shell around the program, which does not, would end by it. */
static void signal_those_who_care(struct crew *c, int sig)
{
	for (int i = 0; i < c->n; i++)
		if (!c->ranks[i].ended)
			sid_signal(c->ranks[i].pid, sig);
}

void crew_take_signals(struct crew *c)
{
	struct signalfd_siginfo info;

	while (read(c->signals, &info, sizeof info) == (ssize_t)sizeof info) {
		int sig = (int)info.ssi_signo;

		if (sig == SIGUSR1 || sig == SIGUSR2)
			signal_those_who_care(c, sig);
		else if (sig != SIGCHLD)
			c->told = true; /* mich's guard has told the ranks as well */
	}
	if (c->told && getppid() != c->guard)
		c->orphan = true;
}

/* Time in which we did not run ourselves is nobody's silence. */
static void forgive(struct crew *c, int64_t now)
{
	int64_t gap = now - c->attended_ms;

	c->attended_ms = now;
	if (gap < ASLEEP_MS)
		return;
	c->start_ms += gap;
	for (int i = 0; i < c->n; i++)
		c->ranks[i].alive_ms += gap;
}

static void attend(struct crew *c)
{
	const struct ranks_plan *p = c->plan;
	int64_t now = now_ms();
	int found = -1;

	forgive(c, now);
	reap_others(c);
	for (int i = 0; i < c->n; i++)
		if (!c->ranks[i].ended) {
			rank_look(&c->ranks[i], now);
			c->ranks[i].waits = atomic_load(&c->team->cell[i].ticket) != 0;
		}
	if (c->told || crew_is_stopping(c))
		return;
	if (p->begin_ms &&
	    (found = silence_not_begun(c->ranks, c->n, p->begin_ms, now - c->start_ms)) >= 0)
		stop(c, found, RANKS_NOT_BEGUN);
	else if (p->silence_ms && !c->full &&
		 (found = silence_find(c->ranks, c->n, p->silence_ms, now)) >= 0)
		stop(c, found, RANKS_SILENT);
}

static void take(struct crew *c, const struct epoll_event *e)
{
	int i = (int)(uint32_t)e->data.u64;

	switch ((enum source)(e->data.u64 >> 32)) {
	case FROM_SIGNALS:
		crew_take_signals(c);
		break;
	case FROM_LOG:
		break; /* passed after every event */
	case FROM_OUT:
		take_output(c, &c->ranks[i], false);
		break;
	case FROM_ERR:
		take_output(c, &c->ranks[i], true);
		break;
	case FROM_CTL:
		if (c->ranks[i].ctl >= 0)
			take_word(c, &c->ranks[i]);
		break;
	case FROM_END:
		take_end(c, i);
		break;
	case FROM_ALLY:
		allies_take(c, i);
		break;
	}
}

static int64_t grace_ms(const struct crew *c)
{
	return c->end == RANKS_FAILED && c->spared >= 0 && !c->ranks[c->spared].ended ? SPARED_MS
										      : GRACE_MS;
}

/* Once told to end, what is below the ranks has the same time to save its work. */
static bool goes_on(const struct crew *c)
{
	bool stopping = crew_is_stopping(c);

	if (c->orphan)
		return false;
	if (stopping && now_ms() >= c->failed_ms + grace_ms(c))
		return false;
	if (c->running > 0 || ((c->told || stopping) && has_children()))
		return true;
	return c->allies && !c->told && !stopping && allies_are_busy(c);
}

/*
 * Until every rank has ended, or after a failure its grace has. Ends come through pidfds, since epoll
 * gives those in the order in which they came; waitpid would not.
 */
static void follow(struct crew *c)
{
	struct epoll_event events[EVENTS];
	int64_t looked = now_ms();

	while (goes_on(c)) {
		int n = epoll_wait(c->epoll, events, EVENTS,
				   !crew_is_stopping(c) && !c->told ? TICK_MS : 10);

		for (int i = 0; i < n; i++)
			take(c, &events[i]);
		pass_log(c);
		if (c->told || crew_is_stopping(c))
			reap_others(c);
		if (c->allies && !c->running && !c->told && !crew_is_stopping(c))
			allies_tell_done(c);
		if (now_ms() - looked >= TICK_MS) {
			attend(c);
			looked = now_ms();
		}
	}
}

static int start(struct crew *c)
{
	int rc = 0;

	c->start_ms = c->attended_ms = now_ms();
	listen_to(c, c->signals, FROM_SIGNALS, 0, EPOLLIN);
	for (int i = 0; !rc && i < c->n; i++) {
		struct rank *r = &c->ranks[i];

		rc = rank_start(r, &c->round);
		r->alive_ms = now_ms();
		if (rc)
			break;
		c->running++;
		listen_to(c, r->out, FROM_OUT, i, EPOLLIN);
		listen_to(c, r->err, FROM_ERR, i, EPOLLIN);
		listen_to(c, r->ctl, FROM_CTL, i, EPOLLIN);
		listen_to(c, r->pidfd, FROM_END, i, EPOLLIN);
	}
	return rc;
}

/* What a pipe cannot take now is waited for; who leads has to be patient. */
static void pass_all(struct crew *c)
{
	if (follows(c)) {
		allies_pass_log(c);
		return;
	}
	file_write_fd(STDOUT_FILENO, c->log.data, c->log.len);
	buf_reset(&c->log);
}

/* All that the ranks and their children wrote; whoever still held a pipe is dead. */
static void drain(struct crew *c)
{
	for (int i = 0; i < c->n; i++) {
		struct rank *r = &c->ranks[i];

		for (int error = 0; error < 2; error++)
			while (take_output(c, r, error))
				if (c->log.len > CREW_LOG_BYTES) {
					pass_all(c);
				}
		lines_end(&r->said, &c->log);
		lines_end(&r->complained, &c->log);
		rank_close(r);
	}
}

static void finish(struct crew *c)
{
	int status;

	family_kill(0, &status);
	fcntl(STDOUT_FILENO, F_SETFL, fcntl(STDOUT_FILENO, F_GETFL) & ~O_NONBLOCK);
	drain(c);
	if (crew_is_stopping(c))
		c->report->stop_ms = now_ms() - c->failed_ms;
}

int crew_round(struct crew *c)
{
	int rc = team_file_make((uint32_t)c->n, TEAM_FILE_SLOT_BYTES, &c->round.team, &c->team);

	if (rc)
		return rc;
	c->failed = c->spared = -1;
	c->running = 0;
	c->full = false;
	fcntl(STDOUT_FILENO, F_SETFL, fcntl(STDOUT_FILENO, F_GETFL) | O_NONBLOCK);
	rc = start(c);
	if (!rc && c->allies)
		allies_enter(c);
	if (!rc)
		follow(c);
	if (c->allies)
		allies_leave(c);
	finish(c);
	close(c->round.team);
	team_file_close(c->team);
	return rc;
}
