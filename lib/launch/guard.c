/* guard.c - fork the program, watch mich and it, leave nothing behind. */
#define _GNU_SOURCE
#include "lib/launch/guard.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/launch/family.h"
#include "lib/launch/sid.h"

struct watch {
	struct guard_status *status;
	int control, signals, stop_signal;
	bool ended; /* the program itself */
	bool empty; /* and all that it started */
	bool told;  /* to end: what is below the program has the same time for it */
	bool alone; /* mich is gone */
	bool ours;  /* the program is a function of ours, which passes signals on itself */
};

static void reap(struct watch *w)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != w->status->pid)
			continue;
		w->status->wait_status = status;
		w->ended = true;
	}
	w->empty = pid < 0 && errno == ECHILD;
}

/* To those of the program that have a handler: it would end the others. */
static void pass_on(const struct watch *w, int sig)
{
	if (w->ended)
		return;
	if (w->ours)
		kill(w->status->pid, sig);
	else
		sid_signal(w->status->pid, sig);
}

/* Do what mich orders; false when the tree is to be killed now: by order, or because mich is gone. */
static bool obey(struct watch *w)
{
	char orders[16];
	ssize_t n = read(w->control, orders, sizeof orders);

	if (n < 0 && errno == EINTR)
		return true;
	w->alone = n <= 0;
	if (w->alone)
		return false;
	if (memchr(orders, GUARD_KILL, (size_t)n))
		return false;
	if (memchr(orders, GUARD_USR1, (size_t)n))
		pass_on(w, SIGUSR1);
	if (memchr(orders, GUARD_USR2, (size_t)n))
		pass_on(w, SIGUSR2);
	if (memchr(orders, GUARD_STOP, (size_t)n))
		family_signal(getpid(), SIGSTOP);
	if (memchr(orders, GUARD_CONT, (size_t)n))
		family_signal(getpid(), SIGCONT);
	if (!memchr(orders, GUARD_TERM, (size_t)n))
		return true;
	if (!w->stop_signal)
		family_signal(getpid(), SIGTERM);
	else if (!w->ended)
		kill(w->status->pid, w->stop_signal);
	if (!w->told)
		family_signal(getpid(), SIGCONT); /* a stopped process ends only when it goes on */
	w->told = true;
	return true;
}

/* Until the program has ended, or, once told to end, all of the tree: it may be saving its work. */
static void watch(struct watch *w)
{
	struct pollfd fds[2] = { { .fd = w->control, .events = POLLIN },
				 { .fd = w->signals, .events = POLLIN } };
	struct signalfd_siginfo info;

	while (!w->empty && (w->told || !w->ended)) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return;
		if (fds[1].revents && read(w->signals, &info, sizeof info) > 0)
			reap(w);
		if (fds[0].revents && !obey(w))
			return;
	}
}

static int64_t milliseconds(struct timeval t)
{
	return (int64_t)t.tv_sec * 1000 + t.tv_usec / 1000;
}

static void account(struct guard_status *st, const struct cgroup *g)
{
	struct rusage use;

	getrusage(RUSAGE_CHILDREN, &use);
	st->user_ms = milliseconds(use.ru_utime);
	st->system_ms = milliseconds(use.ru_stime);
	st->peak_bytes = (int64_t)use.ru_maxrss * 1024;
	if (cgroup_peak_bytes(g) > 0)
		st->peak_bytes = cgroup_peak_bytes(g);
	st->hit_limit = cgroup_hit_limit(g);
}

static void keep_own_ends(struct wires *w)
{
	close(w->control[1]); /* ours would keep it open when mich dies */
	close(w->status[0]);
	close(w->report[0]);
}

/* Fork the program; it waits for the byte that says how its memory is limited. */
static void start(const struct process_plan *plan, struct wires *w, struct cgroup *g,
		  struct guard_status *st)
{
	pid_t guard = getpid();
	char go = GO_RLIMIT;

	st->pid = fork();
	if (st->pid == 0) {
		close(w->control[0]);
		close(w->status[1]);
		close(w->out[0]);
		child_main(plan, w, guard);
	}
	if (st->pid < 0) {
		st->fork_errno = errno;
		return;
	}
	st->cgroup = g->dir[0] && cgroup_join(g, st->pid) == 0;
	if (st->cgroup)
		go = GO_CGROUP;
	if (plan->memory_bytes > 0)
		file_write_fd(w->go[1], &go, 1);
}

static int block_signals(void)
{
	sigset_t all, child;

	signal(SIGCHLD, SIG_DFL); /* ignored, it would take the exit status away */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	return signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The end of the log, which mich would have written. */
static void save_log(int out, struct sink *log)
{
	char data[4096];
	ssize_t n;

	log->echo = false;
	while (!log->capture && (n = read(out, data, sizeof data)) > 0)
		if (sink_add(log, data, (size_t)n) < 0)
			return;
	sink_flush(log);
}

_Noreturn void guard_main(const struct process_plan *plan, struct wires *w, struct sink *log,
			  struct remains *remains)
{
	struct guard_status st = { 0 };
	struct watch watching = { .status = &st,
				  .control = w->control[0],
				  .signals = block_signals(),
				  .stop_signal = plan->stop_signal,
				  .ours = plan->body != NULL };

	setpgid(0, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_NAME, "mich-guard");
	keep_own_ends(w);
	start(plan, w, &remains->group, &st);
	close(w->out[1]);
	close(w->report[1]);
	if (st.pid > 0) {
		file_write_fd(w->status[1], &st, sizeof st);
		watch(&watching);
	}
	family_kill(st.pid, &st.wait_status);
	if (watching.alone)
		save_log(w->out[0], log);
	account(&st, &remains->group);
	remains_remove(plan, remains);
	st.ended = 1;
	file_write_fd(w->status[1], &st, sizeof st);
	_exit(0);
}
