/* schedule.c - steps in dependency order, as children, several at a time. */
#define _GNU_SOURCE
#include "lib/step/schedule.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/launch/process.h"
#include "lib/record/repo.h"

enum job_state { WAITING, RUNNING, ENDED };

struct job {
	const struct spec_node *node;
	enum job_state state;
	bool good; /* ended, and current now */
	pid_t pid;
	int pipe;
	struct buf said; /* its answer, as far as it came */
	int64_t started_us;
	json_t *row;
};

struct schedule {
	struct plan *plan;
	const struct schedule_opts *opts;
	struct job *jobs; /* (n) in dependency order */
	size_t n;
	int running, worst;
	int stopped; /* the signal that came; 0: none */
	int signals; /* -1: not taken */
	sigset_t mask;
};

/*
 * While steps run, SIGINT and SIGTERM are read from a descriptor and handed on; else they end us as
 * they would. One that was ignored (nohup, &) stays ignored.
 */
static int signals_take(struct schedule *s)
{
	static const int both[] = { SIGINT, SIGTERM };
	struct sigaction now;
	sigset_t set;

	if (s->signals >= 0)
		return 0;
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(both); i++)
		if (sigaction(both[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(&set, both[i]);
	sigprocmask(SIG_BLOCK, &set, &s->mask);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals < 0 ? error_errno("cannot listen for signals") : 0;
}

static void signals_give_back(struct schedule *s)
{
	if (s->signals < 0)
		return;
	close(s->signals);
	s->signals = -1;
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
}

/*
 * A step has a group of its own, so that a Ctrl-C reaches it once, from us, and it ends with us,
 * however we die.
 */
static void be_child(const struct schedule *s, pid_t parent)
{
	setpgid(0, 0);
	signal(SIGTTOU, SIG_IGN); /* to write on the terminal is allowed */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(s->signals);
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
	if (getppid() != parent)
		raise(SIGKILL);
}

static void need(const struct spec_node *node, struct strlist *needed)
{
	char *key = xasprintf("%p", (const void *)node);

	if (strlist_has(needed, key)) {
		free(key);
		return;
	}
	strlist_take(needed, key);
	for (size_t i = 0; i < node->n_ref; i++)
		if (node->ref[i].node && !node->ref[i].rev)
			need(node->ref[i].node, needed);
}

static int collect(struct schedule *s, const struct spec_node *const *targets, size_t n)
{
	const struct spec *spec = plan_spec(s->plan);
	const struct spec_node **order = NULL;
	struct strlist needed = STRLIST_INIT;
	int rc = spec_order(spec, &order);

	for (size_t i = 0; i < n; i++)
		need(targets[i], &needed);
	s->jobs = xcalloc(spec->n + 1, sizeof *s->jobs);
	for (size_t i = 0; !rc && i < spec->n; i++) {
		char *key = xasprintf("%p", (const void *)order[i]);

		if (!n || strlist_has(&needed, key))
			s->jobs[s->n++].node = order[i];
		free(key);
	}
	strlist_clear(&needed);
	free(order);
	return rc;
}

static struct job *job_of(struct schedule *s, const struct spec_node *node)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->jobs[i].node == node)
			return &s->jobs[i];
	return NULL;
}

/*
 * What all came to is what the worst step came to. Whoever calls again after "later", or after a time limit, shall
 * find nothing else in the way.
 */
static int gravity(int rc)
{
	switch (rc) {
	case 0:
		return 0;
	case ERR_NO:
		return 1;
	case ERR_BUSY:
		return 2;
	case ERR_TIMEOUT:
		return 3;
	case ERR_STEP:
		return 5;
	case ERR_INTERRUPT:
		return 6;
	default:
		return 4;
	}
}

static void note(struct schedule *s, int rc)
{
	if (gravity(rc) > gravity(s->worst))
		s->worst = rc;
}

/* A row is complete: the job has ended. Takes row. */
static void end_job(struct schedule *s, struct job *j, json_t *row, bool good)
{
	j->row = row;
	j->state = ENDED;
	j->good = good;
	note(s, (int)json_int(row, "code", 0));
	if (s->opts->on_row)
		s->opts->on_row(row, s->opts->payload);
}

static json_t *make_row(const struct spec_node *node, const char *action, int code, const char *why)
{
	char *ref = xasprintf("%s/%s", spec_kind_name(node->kind), node->name);
	json_t *row = json_pack("{s:s,s:s,s:i,s:s}", "ref", ref, "action", action, "code", code,
				"why", why);

	free(ref);
	return row;
}

static void set_hint(json_t *row)
{
	if (*error_hint_text())
		json_object_set_new(row, "hint", json_string(error_hint_text()));
}

static void set_version(json_t *row, const struct version *v)
{
	char *ref;

	if (!v->kind)
		return;
	ref = version_ref(v);
	json_object_set_new(row, "ref", json_string(ref));
	json_object_set_new(row, "id", json_string(v->id));
	free(ref);
}

/* In the child: make it and describe what came of it. */
static json_t *work(struct plan *parent, const struct spec_node *node, bool echo)
{
	struct plan_made made = { 0 };
	struct plan *p = NULL;
	struct plan_item *it = NULL;
	struct repo *r = NULL;
	json_t *row;
	int rc = plan_reopen(parent, &r, &p);

	if (!rc) {
		node = spec_find(plan_spec(p), node->kind, node->name);
		rc = plan_item(p, node, &it);
	}
	if (!rc)
		rc = plan_make(p, it, echo, &made);
	row = make_row(node,
		       rc	   ? "failed"
		       : !made.ok  ? "refused"
		       : made.made ? "made"
				   : "current",
		       rc	 ? rc
		       : made.ok ? 0
				 : ERR_NO,
		       rc ? error_text() : "");
	if (rc)
		set_hint(row);
	set_version(row, &made.version);
	if (made.exit_code)
		json_object_set_new(row, "exit", json_integer(made.exit_code));
	if (made.failed)
		json_object_update(row, made.failed);
	if (made.judged)
		json_object_set(row, "judged", made.judged);
	if (made.warnings)
		json_object_set(row, "warnings", made.warnings);
	return row;
}

static _Noreturn void child(struct schedule *s, const struct job *j, int fd, pid_t parent)
{
	struct buf b = BUF_INIT;

	be_child(s, parent);
	json_canonical(work(s->plan, j->node, s->opts->echo), &b);
	_exit(file_write_fd(fd, b.data, b.len) ? 1 : 0);
}

static int start(struct schedule *s, struct job *j)
{
	pid_t parent = getpid();
	int fds[2], rc = signals_take(s);

	if (rc)
		return rc;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return error_errno("cannot make a pipe");
	if (s->opts->on_start)
		s->opts->on_start(j->node, s->opts->payload);
	j->started_us = clock_mono_us();
	fflush(NULL);
	j->pid = fork();
	if (j->pid == 0)
		child(s, j, fds[1], parent);
	close(fds[1]);
	if (j->pid < 0) {
		close(fds[0]);
		return error_errno("cannot start a process");
	}
	j->pipe = fds[0];
	j->said = (struct buf)BUF_INIT;
	j->state = RUNNING;
	s->running++;
	return 0;
}

/* What a child leaves that does not answer: stopped before its program ran, or a fault of ours. */
static json_t *silent_row(const struct schedule *s, const struct job *j, int status)
{
	char *why;
	json_t *row;

	if (s->stopped && WIFSIGNALED(status))
		return make_row(j->node, "failed", ERR_INTERRUPT, "interrupted");
	why = WIFSIGNALED(status)
		      ? xasprintf("its process was killed by signal %d", WTERMSIG(status))
		      : xasprintf("its process ended with %d", WEXITSTATUS(status));
	row = make_row(j->node, "failed", ERR_FAIL, why);
	free(why);
	return row;
}

/* Its pipe has ended, so the child has. */
static void finish(struct schedule *s, struct job *j)
{
	json_t *row = NULL;
	int status = 0;

	close(j->pipe);
	while (waitpid(j->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!j->said.len || json_parse(j->said.data, j->said.len, "a child's answer", &row))
		row = silent_row(s, j, status);
	buf_clear(&j->said);
	json_object_set_new(row, "elapsed_ms",
			    json_integer((clock_mono_us() - j->started_us) / 1000));
	s->running--;
	plan_forget(s->plan, j->node);
	end_job(s, j, row, json_int(row, "code", 0) == 0);
	if (!s->running)
		signals_give_back(s);
}

static void take_answer(struct schedule *s, struct job *j)
{
	char block[4096];
	ssize_t n = read(j->pipe, block, sizeof block);

	if (n > 0)
		buf_add(&j->said, block, (size_t)n);
	else if (n == 0 || errno != EINTR)
		finish(s, j);
}

/* Hand a signal on to every step; the second one tells it to end at once. */
static void take_signal(struct schedule *s)
{
	struct signalfd_siginfo info;

	if (read(s->signals, &info, sizeof info) != (ssize_t)sizeof info)
		return;
	s->stopped = (int)info.ssi_signo;
	for (size_t i = 0; i < s->n; i++)
		if (s->jobs[i].state == RUNNING)
			kill(s->jobs[i].pid, SIGTERM);
}

/* Wait until a step has something to say, or a signal comes. */
static void attend(struct schedule *s)
{
	struct pollfd *fds = xcalloc(s->n + 1, sizeof *fds);

	fds[s->n] = (struct pollfd){ .fd = s->signals, .events = POLLIN };
	for (size_t i = 0; i < s->n; i++)
		fds[i] = (struct pollfd){ .fd = s->jobs[i].state == RUNNING ? s->jobs[i].pipe : -1,
					  .events = POLLIN };
	if (poll(fds, s->n + 1, -1) > 0) {
		if (fds[s->n].revents)
			take_signal(s);
		for (size_t i = 0; i < s->n; i++)
			if (fds[i].revents)
				take_answer(s, &s->jobs[i]);
	}
	free(fds);
}

/* 1: everything it reads is there; 0: not yet; -1: something it reads did not come good. */
static int ready(struct schedule *s, const struct job *j, const char **blocker)
{
	for (size_t i = 0; i < j->node->n_ref; i++) {
		const struct spec_ref *ref = &j->node->ref[i];
		struct job *on = ref->node && !ref->rev ? job_of(s, ref->node) : NULL;

		if (on && on->state == ENDED && !on->good) {
			*blocker = json_str(on->row, "ref", "");
			return -1;
		}
		if (on && on->state != ENDED)
			return 0;
	}
	return 1;
}

/* Nothing to run for a current node, unless its verdict or its dirty mark may have changed. */
static bool settled(const struct plan_item *it)
{
	return it->state == PLAN_CURRENT && !it->force && !json_object_size(it->node->json.check) &&
	       !(it->version.dirty && !it->step.code.dirty);
}

/* A current node whose verdict may have changed is judged here: it reads the record, no more. */
static int settle(struct schedule *s, struct job *j, struct plan_item *it)
{
	struct plan_made made = { 0 };
	json_t *row;
	int rc = 0;

	if (!s->opts->dry_run && !settled(it)) {
		rc = plan_make(s->plan, it, false, &made);
		row = make_row(j->node,
			       rc	 ? "failed"
			       : made.ok ? "current"
					 : "refused",
			       rc	 ? rc
			       : made.ok ? 0
					 : ERR_NO,
			       rc ? error_text() : "");
		if (rc)
			set_hint(row);
		if (made.judged)
			json_object_set(row, "judged", made.judged);
	} else {
		row = make_row(j->node, "current", 0, "");
	}
	set_version(row, &it->version);
	end_job(s, j, row, !rc && json_int(row, "code", 0) == 0);
	plan_made_clear(&made);
	return 0;
}

static void end_dry(struct schedule *s, struct job *j, const struct plan_item *it)
{
	struct buf why = BUF_INIT;
	json_t *text;
	size_t i;

	json_array_foreach(it->because, i, text)
		buf_addf(&why, "%s%s", i ? "; " : "", json_string_value(text));
	if (it->state == PLAN_NEVER && !why.len)
		buf_addstr(&why, "never made");
	end_job(s, j, make_row(j->node, "would make", 0, why.data), true);
	buf_clear(&why);
}

static int advance(struct schedule *s, struct job *j)
{
	const char *blocker = "";
	struct plan_item *it = NULL;
	int can = ready(s, j, &blocker), rc;

	if (can == 0)
		return 0;
	if (can < 0 || s->stopped) {
		char *why = can < 0 ? xasprintf("%s did not come good", blocker)
				    : xstrdup("interrupted");

		end_job(s, j, make_row(j->node, "skipped", 0, why), false);
		free(why);
		return 0;
	}
	rc = plan_item(s->plan, j->node, &it);
	if (rc) {
		json_t *row = make_row(j->node, "failed", rc, error_text());

		set_hint(row);
		end_job(s, j, row, false);
		return 0;
	}
	if (s->opts->dry_run && (it->state != PLAN_CURRENT || it->force)) {
		end_dry(s, j, it);
		return 0;
	}
	if (it->state == PLAN_CURRENT && !it->force)
		return settle(s, j, it);
	return s->running < s->opts->jobs ? start(s, j) : 0;
}

static size_t ended(const struct schedule *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->jobs[i].state == ENDED;
	return n;
}

static int loop(struct schedule *s)
{
	int rc = 0;

	while (!rc && ended(s) < s->n) {
		size_t before = ended(s);

		for (size_t i = 0; !rc && i < s->n; i++)
			if (s->jobs[i].state == WAITING)
				rc = advance(s, &s->jobs[i]);
		if (!rc && s->running && ended(s) == before)
			attend(s);
	}
	while (s->running)
		attend(s);
	return rc;
}

/* To the outside, a code is the exit status that the step alone would have had. */
static json_t *told(json_t *row)
{
	int code = (int)json_int(row, "code", 0);

	json_object_set_new(row, "code", json_integer(code < 0 ? error_exit_status(code) : 0));
	return row;
}

int schedule_run(struct plan *p, const struct spec_node *const *targets, size_t n,
		 const struct schedule_opts *opts, json_t **rows_out)
{
	struct schedule s = { .plan = p, .opts = opts, .signals = -1 };
	int rc = collect(&s, targets, n);

	*rows_out = json_array();
	if (!rc)
		rc = loop(&s);
	if (s.stopped)
		process_set_interrupted(s.stopped);
	for (size_t i = 0; i < s.n; i++)
		if (s.jobs[i].row)
			json_array_append_new(*rows_out, told(s.jobs[i].row));
	free(s.jobs);
	if (!rc && s.stopped)
		rc = error_set(ERR_INTERRUPT, "interrupted");
	if (!rc && s.worst)
		rc = error_set(s.worst, "not everything could be brought up to date");
	return rc;
}
