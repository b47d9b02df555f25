/* job.c - submit, follow, cancel. */
#define _GNU_SOURCE
#include "lib/launch/cluster/job.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/launch/cluster/account.h"
#include "lib/launch/cluster/dispatch.h"
#include "lib/launch/env.h"
#include "lib/launch/cluster/warden.h"

enum {
	TALK_MS = 100,
	LOOK_FIRST_MS = 300, /* between two questions, which grow apart while nothing changes */
	LOOK_LAST_MS = 5000,
	DEAF_MS = 120000, /* an engine that has not answered for so long has lost the job */
	ASK_MS = 30000,
};

struct following {
	struct job *job;
	int signals;
	int64_t look_ms, pause_ms, heard_ms;
	int64_t since_ms; /* that it waits, or runs */
	enum job_state state;
	char why[JOB_WHY_BYTES];
	int over;   /* ERR_TIMEOUT, ERR_BUSY: we ended it, for its time; 0 */
	int agains; /* how often we had it queued again */
	bool told;  /* to end */
	bool stale; /* what accounts there are were left before it was queued again */
	bool accounted;
};

int job_ask(const struct strlist *argv, struct buf *said)
{
	return process_capture((const char *const *)argv->v, ASK_MS, said);
}

/* A line of our own in the log, which our stdout is. */
__attribute__((format(printf, 1, 2))) static void say(const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	buf_addstr(&b, "[mich] ");
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	buf_addch(&b, '\n');
	file_write_fd(STDOUT_FILENO, b.data, b.len);
	buf_clear(&b);
}

static int64_t now_ms(void)
{
	return clock_mono_us() / 1000;
}

static void cancel(struct following *f)
{
	if (!f->told)
		f->job->ops->cancel(f->job);
	f->told = true;
	f->look_ms = 0;
}

static void take_signals(struct following *f)
{
	struct signalfd_siginfo info;

	while (read(f->signals, &info, sizeof info) == (ssize_t)sizeof info) {
		int sig = (int)info.ssi_signo;

		if (sig != SIGUSR1 && sig != SIGUSR2)
			cancel(f);
		else if (f->job->ops->signal)
			f->job->ops->signal(f->job, sig);
	}
}

/* The first agent writes it at the end of all: the engine will soon know too. */
static bool has_account(const struct following *f)
{
	return !f->stale && account_look(f->job->plan->dir, 1) != ACCOUNT_NONE;
}

static void enter(struct following *f, enum job_state state)
{
	if (state == f->state)
		return;
	if (state == JOB_RUNS)
		say("job %s runs", f->job->id);
	if (state == JOB_WAITS) {
		f->stale = true;
		f->accounted = false;
	} else if (state == JOB_RUNS) {
		f->stale = false;
	}
	f->state = state;
	f->since_ms = now_ms();
	f->pause_ms = LOOK_FIRST_MS;
}

static int look(struct following *f)
{
	char why[JOB_WHY_BYTES] = "";
	enum job_state state = f->state;
	int rc = f->job->ops->look(f->job, &state, why);

	if (rc == ERR_INTERRUPT) { /* the signal came to the one we asked by */
		cancel(f);
		return 0;
	}
	if (rc < 0 && now_ms() - f->heard_ms > DEAF_MS)
		return rc;
	if (rc < 0)
		return 0;
	f->heard_ms = now_ms();
	if (state == JOB_WAITS && strcmp(why, f->why) != 0)
		say("job %s waits%s%s", f->job->id, *why ? ": " : "", why);
	f->pause_ms = f->pause_ms * 3 / 2;
	enter(f, state);
	if (!f->over) /* else what it waited for is the reason */
		memcpy(f->why, why, sizeof why);
	return 0;
}

/* Waiting and running have their limits, and each begins anew when the job is queued again. */
static void watch_clock(struct following *f)
{
	const struct cluster_plan *c = f->job->plan;
	int64_t time = f->state == JOB_RUNS ? c->ranks.process.time_limit_ms : c->wait_ms;

	if (f->told || f->state >= JOB_DONE || !time || now_ms() < f->since_ms + time)
		return;
	f->over = f->state == JOB_RUNS ? ERR_TIMEOUT : ERR_BUSY;
	cancel(f);
}

static int64_t next_pause(struct following *f)
{
	if (!f->accounted && has_account(f)) {
		f->accounted = true;
		f->pause_ms = LOOK_FIRST_MS;
	}
	if (f->pause_ms > LOOK_LAST_MS)
		f->pause_ms = LOOK_LAST_MS;
	return f->accounted || f->told ? LOOK_FIRST_MS : f->pause_ms;
}

static int follow(struct following *f)
{
	struct pollfd fd = { .fd = f->signals, .events = POLLIN };
	int rc = 0;

	while (!rc && f->state < JOB_DONE) {
		if (poll(&fd, 1, TALK_MS) > 0)
			take_signals(f);
		f->job->ops->talk(f->job, false);
		watch_clock(f);
		if (now_ms() < f->look_ms && (f->accounted || !has_account(f)))
			continue;
		rc = look(f);
		f->look_ms = now_ms() + next_pause(f);
	}
	f->job->ops->talk(f->job, true);
	return rc;
}

static int open_signals(void)
{
	static const int which[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(which); i++)
		sigaddset(&set, which[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* That it has ended, and nothing is to be taken back. */
static void mark_end(const struct job *j)
{
	char *path = path_join(j->plan->dir, "ended");

	file_write(path, "", 0);
	free(path);
}

static void take_env(const struct strlist *env)
{
	for (size_t i = 0; i < env->n; i++)
		putenv(env->v[i]);
}

static int agents_of(const struct job *j)
{
	return j->plan->slots * j->plan->nodes;
}

/*
 * Did its ranks ask for it, or has nothing of its own ended it? Agents miss a machine before Slurm does. Ranks of MPI
 * begin once in a job's run, so that after a failure of one it is the job that begins again.
 */
static bool wants_again(const struct following *f)
{
	enum account_end end;

	if (f->told || !f->job->ops->again || f->agains >= f->job->plan->ranks.max_restarts)
		return false;
	if (f->state == JOB_LATE || f->state == JOB_LOST)
		return true;
	end = account_look(f->job->plan->dir, agents_of(f->job));
	return f->state == JOB_FAILED && (end == ACCOUNT_AGAIN || end == ACCOUNT_LOST ||
					  (f->job->plan->mpi && end == ACCOUNT_FAILED));
}

static int follow_all(struct following *f)
{
	int rc = follow(f);

	while (!rc && wants_again(f) && f->job->ops->again(f->job) == 0) {
		say("job %s %s: queued again, %d of %d times", f->job->id, f->why, ++f->agains,
		    f->job->plan->ranks.max_restarts);
		account_forget_all(f->job->plan->dir, agents_of(f->job));
		enter(f, JOB_WAITS);
		rc = follow(f);
	}
	return rc;
}

static int verdict(const struct following *f)
{
	const char *id = f->job->id;
	char span[64];
	int rc = f->over;

	if (f->over == ERR_TIMEOUT) {
		clock_span(f->job->plan->ranks.process.time_limit_ms, span, sizeof span);
		error_set(rc, "stopped at its time limit of %s", span);
	} else if (f->over) {
		clock_span(f->job->plan->wait_ms, span, sizeof span);
		error_set(rc, "job %s had no machines after %s%s%s", id, span, *f->why ? ": " : "",
			  f->why);
		error_hint(rc, "git config mich.wait says how long it may wait");
	} else if (f->state != JOB_DONE) {
		rc = f->state == JOB_FAILED ? ERR_STEP
		     : f->state == JOB_LATE ? ERR_TIMEOUT
					    : ERR_BUSY;
		error_set(rc, "job %s %s", id,
			  f->state == JOB_GONE ? "is not known any more" : f->why);
	}
	return rc;
}

/* In a child of mich, below its guard. */
static int submit_and_follow(void *payload)
{
	struct job *j = payload;
	struct following f = { .job = j, .pause_ms = LOOK_FIRST_MS, .heard_ms = now_ms() };
	int rc;

	f.since_ms = f.heard_ms;

	take_env(j->env);
	f.signals = open_signals();
	if (f.signals < 0)
		return error_errno("cannot listen for signals");
	rc = j->ops->submit(j);
	if (rc)
		return rc;
	say("job %s", j->id);
	rc = follow_all(&f);
	if (!rc && j->ops->tidy)
		j->ops->tidy(j);
	if (!rc)
		mark_end(j);
	close(f.signals);
	return rc ? rc : verdict(&f);
}

static bool has_ended(const struct job *j)
{
	char *path = path_join(j->plan->dir, "ended");
	bool is = file_exists(path);

	free(path);
	return is;
}

int job_run(const struct cluster_plan *plan, const struct strlist *env, const struct job_ops *ops,
	    struct process_result *out)
{
	struct process_plan p = dispatch_process(plan);
	struct job j = {
		.plan = plan, .env = env, .ops = ops, .log = -1, .stamped.held = BUF_INIT
	};
	struct strlist words = STRLIST_INIT;
	struct warden warden = { .fd = -1 };
	int rc = dispatch_find(ops->program, ops->package);

	j.name = dispatch_name(plan);
	ops->cancel_words(&j, &words);
	if (!rc)
		rc = warden_start((const char *const *)words.v, &warden);
	p.body = submit_and_follow;
	p.payload = &j;
	p.time_limit_ms = 0; /* of the time that it runs, not of that in a queue */
	if (!rc)
		rc = process_run(&p, out);
	out->timed_out = rc == ERR_TIMEOUT;
	warden_end(&warden, !has_ended(&j));
	strlist_clear(&words);
	free(j.name);
	return rc;
}
