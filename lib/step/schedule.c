/* schedule.c - steps in dependency order, as children, several at a time. */
#define _GNU_SOURCE
#include "lib/step/schedule.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/record/repo.h"

enum job_state { WAITING, RUNNING, ENDED };

struct job {
	const struct spec_node *node;
	enum job_state state;
	bool good; /* ended, and current now */
	pid_t pid;
	int pipe;
	int64_t started_us;
	json_t *row;
};

struct schedule {
	struct plan *plan;
	const struct schedule_opts *opts;
	struct job *jobs; /* (n) in dependency order */
	size_t n;
	int running, worst;
};

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	stopped = sig;
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

static void note(struct schedule *s, int rc)
{
	if (rc == ERR_INTERRUPT || (rc == ERR_STEP && s->worst != ERR_INTERRUPT) || (rc && !s->worst))
		s->worst = rc == ERR_STEP || rc == ERR_INTERRUPT ? rc : ERR_NO;
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
	json_t *row = json_pack("{s:s,s:s,s:i,s:s}", "ref", ref, "action", action, "code", code, "why", why);

	free(ref);
	return row;
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
	row = make_row(node, rc ? "failed" : !made.ok ? "refused" : made.made ? "made" : "current",
		       rc ? rc : made.ok ? 0 : ERR_NO, rc ? error_text() : "");
	if (rc && *error_hint_text())
		json_object_set_new(row, "hint", json_string(error_hint_text()));
	set_version(row, &made.version);
	if (made.judged)
		json_object_set(row, "judged", made.judged);
	return row;
}

static int start(struct schedule *s, struct job *j)
{
	struct buf b = BUF_INIT;
	int fds[2];

	if (pipe(fds) < 0)
		return error_errno("cannot make a pipe");
	if (s->opts->on_start)
		s->opts->on_start(j->node, s->opts->payload);
	j->started_us = clock_mono_us();
	j->pid = fork();
	if (j->pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return error_errno("cannot start a process");
	}
	if (j->pid == 0) {
		close(fds[0]);
		json_canonical(work(s->plan, j->node, s->opts->echo), &b);
		_exit(file_write_fd(fds[1], b.data, b.len) ? 1 : 0);
	}
	close(fds[1]);
	j->pipe = fds[0];
	j->state = RUNNING;
	s->running++;
	return 0;
}

static json_t *read_row(struct job *j, int status)
{
	struct buf b = BUF_INIT;
	char block[4096];
	json_t *row = NULL;
	ssize_t n;

	while ((n = read(j->pipe, block, sizeof block)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			buf_add(&b, block, (size_t)n);
	close(j->pipe);
	if (!b.len || json_parse(b.data, b.len, "a child's answer", &row)) {
		char *why = WIFSIGNALED(status) ? xasprintf("its process was killed by signal %d", WTERMSIG(status))
						: xasprintf("its process ended with %d", WEXITSTATUS(status));

		row = make_row(j->node, "failed", ERR_FAIL, why);
		free(why);
	}
	buf_clear(&b);
	return row;
}

/* Wait for one child to end and take its row. */
static int reap(struct schedule *s)
{
	int status = 0;
	pid_t pid = waitpid(-1, &status, 0);

	if (pid < 0)
		return errno == EINTR ? 0 : error_errno("cannot wait for a step");
	for (size_t i = 0; i < s->n; i++) {
		struct job *j = &s->jobs[i];
		json_t *row;

		if (j->state != RUNNING || j->pid != pid)
			continue;
		row = read_row(j, status);
		json_object_set_new(row, "elapsed_ms",
				    json_integer((clock_mono_us() - j->started_us) / 1000));
		s->running--;
		plan_forget(s->plan, j->node);
		end_job(s, j, row, json_int(row, "code", 0) == 0);
	}
	return 0;
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

	if (!settled(it)) {
		rc = plan_make(s->plan, it, false, &made);
		row = make_row(j->node, rc ? "failed" : made.ok ? "current" : "refused",
			       rc ? rc : made.ok ? 0 : ERR_NO, rc ? error_text() : "");
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
	if (can < 0 || stopped) {
		char *why = can < 0 ? xasprintf("%s did not come good", blocker) : xstrdup("interrupted");

		end_job(s, j, make_row(j->node, "skipped", 0, why), false);
		free(why);
		return 0;
	}
	rc = plan_item(s->plan, j->node, &it);
	if (rc) {
		json_t *row = make_row(j->node, "failed", rc, error_text());

		json_object_set_new(row, "hint", json_string(error_hint_text()));
		end_job(s, j, row, false);
		return 0;
	}
	if (s->opts->dry_run && (it->state != PLAN_CURRENT || it->force)) {
		end_dry(s, j, it);
		return 0;
	}
	if (it->state == PLAN_CURRENT && !it->force)
		return s->opts->dry_run || settled(it)
			       ? (end_job(s, j, make_row(j->node, "current", 0, ""), true),
				  set_version(j->row, &it->version), 0)
			       : settle(s, j, it);
	return s->running < s->opts->jobs ? start(s, j) : 0;
}

static size_t ended(const struct schedule *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->jobs[i].state == ENDED;
	return n;
}

static void stop_children(struct schedule *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->jobs[i].state == RUNNING)
			kill(s->jobs[i].pid, SIGTERM);
}

static int loop(struct schedule *s)
{
	bool told = false;
	int rc = 0;

	while (!rc && ended(s) < s->n) {
		size_t before = ended(s);

		for (size_t i = 0; !rc && i < s->n; i++)
			if (s->jobs[i].state == WAITING)
				rc = advance(s, &s->jobs[i]);
		if (stopped && !told) {
			stop_children(s);
			told = true;
		}
		if (!rc && s->running && ended(s) == before)
			rc = reap(s);
	}
	while (s->running && reap(s) == 0)
		;
	return rc;
}

int schedule_run(struct plan *p, const struct spec_node *const *targets, size_t n,
		 const struct schedule_opts *opts, json_t **rows_out)
{
	struct schedule s = { .plan = p, .opts = opts };
	struct sigaction act = { .sa_handler = on_signal }, old_int, old_term;
	int rc = collect(&s, targets, n);

	*rows_out = json_array();
	stopped = 0;
	sigaction(SIGINT, &act, &old_int);
	sigaction(SIGTERM, &act, &old_term);
	if (!rc)
		rc = loop(&s);
	sigaction(SIGINT, &old_int, NULL);
	sigaction(SIGTERM, &old_term, NULL);
	for (size_t i = 0; i < s.n; i++)
		if (s.jobs[i].row)
			json_array_append_new(*rows_out, s.jobs[i].row);
	free(s.jobs);
	if (!rc && stopped)
		rc = error_set(ERR_INTERRUPT, "interrupted");
	if (!rc && s.worst)
		rc = error_set(s.worst, "not everything could be brought up to date");
	return rc;
}
