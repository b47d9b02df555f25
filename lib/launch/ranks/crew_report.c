/* crew_report.c - what is known of the rank that failed. */
#define _GNU_SOURCE
#include "lib/launch/ranks/crew_report.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/launch/ranks/blame.h"
#include "lib/launch/ranks/crew.h"

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

/* Into out of so many bytes, with the secrets masked, and nothing in it that a terminal obeys. */
static void put_masked(const struct crew *c, const char *text, char *out, size_t size)
{
	struct buf b = BUF_INIT;
	char *plain;

	sink_hide(c->plan->process.mask, text, &b);
	plain = process_plain(b.data);
	snprintf(out, size, "%s", plain);
	free(plain);
	buf_clear(&b);
}

void crew_report_fill(const struct crew *c, struct crew_report *out)
{
	const struct rank *r = &c->ranks[c->failed];
	char lines[RANKS_LINES_BYTES];
	struct buf b = BUF_INIT;

	out->failed = r->rank;
	out->end = (int)c->end;
	out->step = r->step;
	out->exit_code = c->end == RANKS_FAILED ? rank_exit_code(r) : 0;
	out->signal = c->end == RANKS_FAILED && WIFSIGNALED(r->status) ? WTERMSIG(r->status) : 0;
	out->follows = c->end == RANKS_FAILED && blame_only_follows(r);
	out->by_itself = blame_fell_over_nobody(r);
	out->error_ns = blame_file_time(r);
	lines_tail_text(&r->tail, lines, sizeof lines);
	put_masked(c, lines, out->lines, sizeof out->lines);
	reason(c, r, &b);
	put_masked(c, b.data, out->reason, sizeof out->reason);
	buf_clear(&b);
}

int crew_report_code(const struct crew_report *r)
{
	return error_set(r->exit_code == EXIT_AGAIN ? ERR_BUSY : ERR_STEP, "%s", r->reason);
}

bool crew_report_better(const struct crew_report *r, const struct crew_report *than)
{
	if (r->failed < 0 || than->failed < 0)
		return r->failed >= 0;
	if (r->end != than->end)
		return false;
	if (r->end != RANKS_FAILED) /* where one hangs the others wait for it, further on */
		return r->step < than->step;
	if (than->by_itself || r->follows)
		return false;
	return than->follows || (r->error_ns && than->error_ns && r->error_ns < than->error_ns);
}

static json_t *clean(const char *text)
{
	char *copy = xstrdup(text);
	json_t *v;

	utf8_clean(copy);
	v = json_string(copy);
	free(copy);
	return v;
}

json_t *crew_report_json(const struct crew_report *r)
{
	return json_pack("{s:i,s:i,s:i,s:i,s:b,s:b,s:I,s:I,s:o,s:o}", "failed", r->failed, "end",
			 r->end, "exit", r->exit_code, "signal", r->signal, "follows", r->follows,
			 "by_itself", r->by_itself, "error_ns", (json_int_t)r->error_ns, "step",
			 (json_int_t)r->step, "lines", clean(r->lines), "reason", clean(r->reason));
}

/* A number from least to most, else fallback. */
static int small(const json_t *v, const char *key, int least, int most, int fallback)
{
	int64_t n = json_int(v, key, fallback);

	return n < least || n > most ? fallback : (int)n;
}

int crew_report_parse(const char *data, size_t n, struct crew_report *out)
{
	json_t *v = NULL;

	*out = (struct crew_report){ .failed = -1, .step = -1 };
	if (json_parse(data, n, "the report of an agent", &v) < 0)
		return ERR_CORRUPT;
	out->failed = small(v, "failed", -1, RANKS_MAX * RANKS_MAX, -1);
	out->end = small(v, "end", RANKS_FAILED, RANKS_NOT_BEGUN, RANKS_FAILED);
	out->exit_code = small(v, "exit", 0, 255, 255);
	out->signal = small(v, "signal", 0, SIGRTMAX, 0);
	out->follows = json_bool(v, "follows", false);
	out->by_itself = json_bool(v, "by_itself", false);
	out->error_ns = json_int(v, "error_ns", 0);
	out->step = json_int(v, "step", -1);
	snprintf(out->lines, sizeof out->lines, "%s", json_str(v, "lines", ""));
	snprintf(out->reason, sizeof out->reason, "%s", json_str(v, "reason", ""));
	json_decref(v);
	return 0;
}
