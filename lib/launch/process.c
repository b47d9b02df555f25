/* process.c - the side of mich: start the guard, take the log, keep the time, say how it went. */
#define _GNU_SOURCE
#include "lib/launch/running.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"

enum {
	TICK_MS = 100,
	GRACE_MS = 5000, /* between SIGTERM and SIGKILL */
	AGAIN_MS = 1000, /* until the next stop_signal: a program that begins may lose one */
	PIPE_BYTES = 1 << 16,
};

static int interrupted; /* the signal that ended a run */
static int64_t ends_ms; /* when what was told to end is killed; 0: nothing was told */

int process_interrupted(void)
{
	return interrupted;
}

void process_set_interrupted(int sig)
{
	interrupted = sig;
}

static int64_t now_ms(void)
{
	return clock_mono_us() / 1000;
}

static bool is_ignored(int sig)
{
	struct sigaction now;

	return sigaction(sig, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

/*
 * Take what asks us to end from a descriptor while the program runs; one that was ignored (nohup, &)
 * stays ignored. A reader of our stderr that went away shall not end us by SIGPIPE.
 */
static int signals_take(struct signals *s, bool forward)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t set;

	sigemptyset(&set);
	if (!is_ignored(SIGINT))
		sigaddset(&set, SIGINT);
	if (!is_ignored(SIGTERM))
		sigaddset(&set, SIGTERM);
	if (!is_ignored(SIGHUP))
		sigaddset(&set, SIGHUP);
	if (!is_ignored(SIGQUIT))
		sigaddset(&set, SIGQUIT);
	if (!is_ignored(SIGTSTP))
		sigaddset(&set, SIGTSTP);
	if (forward) {
		sigaddset(&set, SIGUSR1);
		sigaddset(&set, SIGUSR2);
	}
	sigprocmask(SIG_BLOCK, &set, &s->old_mask);
	sigaction(SIGPIPE, &ignore, &s->old_pipe);
	s->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->fd < 0 ? error_errno("cannot listen for signals") : 0;
}

static void signals_give_back(struct signals *s)
{
	if (s->fd >= 0)
		close(s->fd);
	sigaction(SIGPIPE, &s->old_pipe, NULL);
	sigprocmask(SIG_SETMASK, &s->old_mask, NULL);
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void wires_close(struct wires *w)
{
	for (int i = 0; i < 2; i++) {
		shut(&w->control[i]);
		shut(&w->status[i]);
		shut(&w->report[i]);
		shut(&w->out[i]);
		shut(&w->go[i]);
	}
}

static int wires_open(struct wires *w)
{
	if (pipe2(w->control, O_CLOEXEC) < 0 || pipe2(w->status, O_CLOEXEC) < 0 ||
	    pipe2(w->report, O_CLOEXEC) < 0 || pipe2(w->out, O_CLOEXEC) < 0 ||
	    pipe2(w->go, O_CLOEXEC) < 0)
		return error_errno("cannot open a pipe to the program");
	fcntl(w->report[0], F_SETFL, O_NONBLOCK); /* each end has flags of its own */
	fcntl(w->out[0], F_SETFL, O_NONBLOCK);
	return 0;
}

/* Should the guard be killed, what is below it becomes ours. */
static void stand_behind_guard(struct running *r)
{
	children_list(&r->others);
	prctl(PR_GET_CHILD_SUBREAPER, &r->was_reaper);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* What the guard would have done. */
static void clean_up(struct running *r)
{
	family_kill_since(&r->others);
	remains_remove(r->plan, &r->remains);
}

static void step_back(struct running *r)
{
	prctl(PR_SET_CHILD_SUBREAPER, r->was_reaper);
	children_clear(&r->others);
	remains_clear(&r->remains);
}

static int start(struct running *r)
{
	struct wires *w = &r->wires;

	fflush(NULL); /* or the body would write our buffers once more */
	remains_open(r->plan, &r->remains);
	r->guard = fork();
	if (r->guard == 0)
		guard_main(r->plan, w, &r->sink, &r->remains);
	if (r->guard < 0) {
		int rc = error_errno("cannot start a process");

		remains_remove(r->plan, &r->remains);
		return rc;
	}
	shut(&w->control[0]);
	shut(&w->status[1]);
	shut(&w->report[1]);
	shut(&w->out[1]);
	shut(&w->go[0]);
	shut(&w->go[1]);
	return 0;
}

/* A guard that somebody stopped is to hear it too. */
static void order(struct running *r, char what)
{
	while (write(r->wires.control[1], &what, 1) < 0 && errno == EINTR)
		;
	if (what == GUARD_TERM || what == GUARD_KILL)
		kill(r->guard, SIGCONT);
}

/*
 * Ctrl-Z: stop the tree, then ourselves as if nobody had caught the signal. When we go on so does the tree, and
 * the time between was nobody's.
 */
static void rest(struct running *r)
{
	int64_t from = now_ms(), gap;
	sigset_t one;

	order(r, GUARD_STOP);
	sigemptyset(&one);
	sigaddset(&one, SIGTSTP);
	kill(getpid(), SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &one, NULL); /* here we stop */
	sigprocmask(SIG_BLOCK, &one, NULL);
	order(r, GUARD_CONT);
	gap = now_ms() - from;
	r->start_ms += gap;
	if (r->term_ms) {
		r->term_ms += gap;
		ends_ms += gap;
	}
}

static int64_t grace_ms(const struct running *r)
{
	return r->plan->grace_ms ? r->plan->grace_ms : GRACE_MS;
}

int64_t process_ending_ms(void)
{
	int64_t left = ends_ms - now_ms();

	return !ends_ms ? -1 : left > 0 ? left : 0;
}

/* Ask the tree to end; its grace later it is killed. */
static void stop(struct running *r)
{
	if (!r->term_ms) {
		r->term_ms = now_ms();
		r->again_ms = r->term_ms + AGAIN_MS;
		ends_ms = r->term_ms + grace_ms(r);
		order(r, GUARD_TERM);
	}
}

/* Take what is in the pipe; false when there is nothing now. */
static bool take_output(struct running *r)
{
	char data[PIPE_BYTES];
	ssize_t n = read(r->wires.out[0], data, sizeof data);

	if (n < 0)
		return errno == EINTR;
	if (n == 0) {
		shut(&r->wires.out[0]);
		return false;
	}
	if (r->broken)
		return true;
	r->broken = sink_add(&r->sink, data, (size_t)n);
	if (r->broken)
		order(r, GUARD_KILL);
	return true;
}

static void take_status(struct running *r)
{
	ssize_t n = read(r->wires.status[0], &r->status, sizeof r->status);

	if (n < 0 && errno == EINTR)
		return;
	r->lost = n != (ssize_t)sizeof r->status;
	r->over = r->lost || r->status.ended;
}

static void take_signal(struct running *r)
{
	struct signalfd_siginfo info;

	if (read(r->signals.fd, &info, sizeof info) != (ssize_t)sizeof info)
		return;
	if (info.ssi_signo == SIGUSR1 || info.ssi_signo == SIGUSR2) {
		order(r, info.ssi_signo == SIGUSR1 ? GUARD_USR1 : GUARD_USR2);
		return;
	}
	if (info.ssi_signo == SIGTSTP) {
		rest(r);
		return;
	}
	if (r->term_ms)
		order(r, GUARD_KILL); /* it was told already: at once */
	r->interrupted = (int)info.ssi_signo;
	stop(r);
}

/* What the clock asks for; how long to sleep then. */
static int64_t attend(struct running *r)
{
	const struct process_plan *plan = r->plan;
	int64_t now = now_ms(), next = now + 60000;

	if (plan->time_limit_ms > 0 && !r->term_ms) {
		if (now >= r->start_ms + plan->time_limit_ms) {
			r->result->timed_out = true;
			stop(r);
		} else {
			next = r->start_ms + plan->time_limit_ms;
		}
	}
	if (r->term_ms && now >= r->term_ms + grace_ms(r))
		order(r, GUARD_KILL);
	else if (r->term_ms)
		next = r->term_ms + grace_ms(r);
	if (r->term_ms && plan->stop_signal && now >= r->again_ms) {
		order(r, GUARD_TERM);
		r->again_ms = now + 3 * (now - r->term_ms);
	}
	if (r->term_ms && plan->stop_signal && r->again_ms < next)
		next = r->again_ms;
	if (plan->tick && now >= r->tick_ms) {
		plan->tick(plan->tick_payload);
		r->tick_ms = now + TICK_MS;
	}
	if (plan->tick && r->tick_ms < next)
		next = r->tick_ms;
	return next > now ? next - now : 0;
}

static void follow(struct running *r)
{
	while (!r->over) {
		struct pollfd fds[3] = { { .fd = r->wires.status[0], .events = POLLIN },
					 { .fd = r->wires.out[0], .events = POLLIN },
					 { .fd = r->signals.fd, .events = POLLIN } };

		if (poll(fds, 3, (int)attend(r)) < 0)
			continue;
		if (fds[2].revents)
			take_signal(r);
		if (fds[1].revents)
			take_output(r);
		if (fds[0].revents)
			take_status(r);
	}
	if (r->lost)
		clean_up(r);
	while (r->wires.out[0] >= 0 && take_output(r))
		;
	if (!r->broken)
		r->broken = sink_flush(&r->sink);
}

/* From the pipes to the verdict; the sink is open, and closed by the caller. */
int running_go(struct running *r)
{
	int rc = signals_take(&r->signals, r->plan->forward);

	r->start_ms = r->tick_ms = now_ms();
	if (rc == 0)
		rc = wires_open(&r->wires);
	stand_behind_guard(r);
	if (rc == 0)
		rc = start(r);
	if (rc == 0) {
		follow(r);
		while (waitpid(r->guard, NULL, 0) < 0 && errno == EINTR)
			;
		r->result->elapsed_ms = now_ms() - r->start_ms;
		running_fill(r);
		rc = running_verdict(r);
	}
	if (r->interrupted)
		interrupted = r->interrupted;
	ends_ms = 0;
	step_back(r);
	wires_close(&r->wires);
	signals_give_back(&r->signals);
	return rc;
}

void running_init(struct running *r, const struct process_plan *plan, struct process_result *out)
{
	static const struct wires closed = { { -1, -1 }, { -1, -1 }, { -1, -1 },
					     { -1, -1 }, -1,	     { -1, -1 } };

	memset(out, 0, sizeof *out);
	*r = (struct running){ .plan = plan, .result = out, .wires = closed, .sink = SINK_INIT };
	r->sink.echo = plan->echo;
	r->sink.echo_ranks = plan->echo_ranks;
	r->sink.mask = plan->mask;
}

int process_run(const struct process_plan *plan, struct process_result *out)
{
	struct running r;
	int rc;

	running_init(&r, plan, out);
	if (plan->log_path && (rc = sink_open(&r.sink, plan->log_path)) < 0)
		return rc;
	rc = running_go(&r);
	sink_close(&r.sink);
	return rc;
}
