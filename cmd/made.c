/* made.c - make one node and say what came of it. */
#include "cmd/cmd.h"
#include "cmd/live.h"
#include "cmd/made.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/cli/progress.h"
#include "lib/cli/term.h"
#include "lib/launch/process.h"
#include "lib/make/make.h"

/* The last whole line of the events, as JSON; NULL when there is none yet. New reference. */
static json_t *last_event(const char *path)
{
	char block[2048];
	FILE *f = fopen(path, "re");
	size_t n;
	char *end, *start;

	if (!f)
		return NULL;
	if (fseek(f, -(long)sizeof block, SEEK_END) < 0)
		rewind(f);
	n = fread(block, 1, sizeof block - 1, f);
	fclose(f);
	block[n] = '\0';
	end = strrchr(block, '\n');
	if (!end)
		return NULL;
	*end = '\0';
	start = strrchr(block, '\n');
	return json_loads(start ? start + 1 : block, 0, NULL);
}

static bool is_pace(const char *key)
{
	static const char *const names[] = {
		"step", "steps", "time_s", "epoch", "lr", "rows_per_s"
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(key, names[i]))
			return true;
	return false;
}

static void add_figure(struct buf *out, const char *key, const json_t *v)
{
	if (json_is_number(v))
		buf_addf(out, "%s%s %.6g", out->len ? ", " : "", key, json_number_value(v));
}

/* What a person waits for: the loss, the last figure of the validation split, and how fast it goes. */
static void figures(const json_t *event, struct buf *out)
{
	double speed = json_num(event, "rows_per_s", 0);
	const char *key, *best = NULL;
	json_t *v;

	json_object_foreach((json_t *)event, key, v)
		if (json_is_number(v) && !is_pace(key) && strcmp(key, "loss") &&
		    (!best || !strncmp(key, "validation.", 11)))
			best = key;
	add_figure(out, "loss", json_object_get(event, "loss"));
	if (best)
		add_figure(out, best, json_object_get(event, best));
	if (speed > 0)
		buf_addf(out, "%s%.0f rows/s", out->len ? ", " : "", speed);
}

/* Who watches while something is made. */
struct show {
	struct progress progress;
	struct live live;
};

static void watch(const struct step *s, const char *events_path, void *payload)
{
	struct show *show = payload;
	json_t *event = last_event(events_path);
	struct buf what = BUF_INIT, note = BUF_INIT;
	int64_t left = process_ending_ms();

	live_look(&show->live, s->name, events_path);
	buf_addf(&what, "%s/%s", s->kind, s->name);
	if (left >= 0) {
		buf_addf(&note, "told to end: killed in %lld s, at once by Ctrl-C",
			 (long long)(left + 999) / 1000);
	} else {
		figures(event, &note);
	}
	progress_step(&show->progress, what.data, json_int(event, "step", 0),
		      json_int(event, "steps", json_int(s->params, "rounds", 0)), note.data);
	buf_clear(&note);
	buf_clear(&what);
	json_decref(event);
}

/* Rows that a check does not hold for, cut to a line each. */
static void print_offenders(const json_t *rows, FILE *out)
{
	enum { LINE = 160 };
	struct buf b = BUF_INIT;
	json_t *row;
	size_t i;

	json_array_foreach((json_t *)rows, i, row) {
		buf_reset(&b);
		json_canonical(row, &b);
		fprintf(out, "        %.*s%s\n", LINE, b.data, b.len > LINE ? "..." : "");
	}
	buf_clear(&b);
}

void made_print_judged(const json_t *rows, FILE *out)
{
	json_t *row;
	size_t i;

	json_array_foreach((json_t *)rows, i, row) {
		const char *why = json_str(row, "why", ""), *state = json_str(row, "state", "");
		const char *mark = !json_bool(row, "ok", false)	      ? "FAIL"
				   : !strcmp(state, "not applicable") ? "n/a "
								      : "ok  ";

		fprintf(out, "  %s  %s%s%s\n", mark, json_str(row, "what", ""), *why ? "   " : "",
			why);
		print_offenders(json_object_get(row, "rows"), out);
	}
}

/* more: further members; may be NULL. */
static int print_json(struct plan *p, const struct plan_made *m, const json_t *more)
{
	json_t *metrics = NULL, *v;
	char *ref = version_ref(&m->version);
	int rc = version_metrics(plan_repo(p), &m->version, &metrics);

	v = json_pack("{s:s,s:s,s:s,s:s,s:b,s:o,s:o}", "ref", ref, "id", m->version.id, "content",
		      m->version.content, "action", m->made ? "made" : "current", "ok", m->ok,
		      "metrics", metrics ? metrics : json_object(), "judged",
		      m->judged ? json_incref(m->judged) : json_array());
	if (m->warnings)
		json_object_set(v, "warnings", m->warnings);
	if (more)
		json_object_update(v, (json_t *)more);
	free(ref);
	return rc ? rc : cmd_json(v);
}

/* The step's program failed, or it was stopped: what was recorded of it, and its own exit code. */
static int print_failure(const struct plan_made *m, const char *why)
{
	char *ref = version_ref(&m->version);
	json_t *v = json_pack("{s:s,s:s,s:s,s:b,s:s}", "ref", ref, "id", m->version.id, "action",
			      "failed", "ok", false, "why", why);

	if (m->exit_code)
		json_object_set_new(v, "exit", json_integer(m->exit_code));
	if (m->failed)
		json_object_update(v, m->failed);
	if (m->judged)
		json_object_set(v, "judged", m->judged);
	free(ref);
	return cmd_json(v);
}

static void talk_about(const struct plan_made *m, int64_t elapsed_ms)
{
	char *ref = version_ref(&m->version), span[40];

	clock_span(elapsed_ms, span, sizeof span);
	if (m->made)
		fprintf(stderr, "made %s in %s%s\n", ref, span,
			m->version.dirty ? " (dirty: not what HEAD says)" : "");
	else
		fprintf(stderr, "%s is current%s\n", ref,
			m->committed ? ", and is what HEAD says now" : "");
	made_print_judged(m->judged, stderr);
	free(ref);
}

void made_print_warnings(struct plan *p)
{
	const struct strlist *w = plan_warnings(p);

	for (size_t i = 0; i < w->n; i++)
		fprintf(stderr, "warning: %s\n", w->v[i]);
}

static void nothing(int sig)
{
	(void)sig;
}

/*
 * These two are for the step's program, whoever sends them cannot know when it begins and ends: before and after it
 * they end nothing. A handler, as a program would find them ignored.
 */
static void spare(void)
{
	static const int theirs[] = { SIGUSR1, SIGUSR2 };
	struct sigaction none = { .sa_handler = nothing, .sa_flags = SA_RESTART }, now;

	for (size_t i = 0; i < ARRAY_LEN(theirs); i++)
		if (!sigaction(theirs[i], NULL, &now) && now.sa_handler == SIG_DFL)
			sigaction(theirs[i], &none, NULL);
}

static int make(struct plan *p, const struct spec_node *node, const char *events, bool talk,
		struct plan_made *out)
{
	int64_t begun = clock_mono_us();
	struct plan_item *it = NULL;
	struct show show = { .live = { .dir = events, .file = TFEVENTS_INIT } };
	int rc = plan_item(p, node, &it);
	json_t *text;
	size_t i;

	made_print_warnings(p);
	if (rc)
		return rc;
	progress_start(&show.progress);
	plan_watch(p, watch, &show);
	rc = plan_make(p, it, node->command != NULL, out);
	progress_end(&show.progress);
	live_close(&show.live);
	if (rc && out->version.kind && strcmp(out->version.build, "good")) {
		char *ref = version_ref(&out->version);

		fprintf(stderr, "recorded as %s (%s)\n", ref, out->version.build);
		free(ref);
	}
	json_array_foreach(out->warnings, i, text)
		fprintf(stderr, "warning: %s\n", json_string_value(text));
	if (rc && talk)
		made_print_judged(out->judged, stderr);
	if (!rc && talk)
		talk_about(out, (clock_mono_us() - begun) / 1000);
	return rc;
}

int made_make(struct plan *p, const struct spec_node *node, bool talk, struct plan_made *out)
{
	return make(p, node, NULL, talk, out);
}

static void print_ref(const struct plan_made *m)
{
	char *ref = version_ref(&m->version);

	printf("%s\n", ref);
	free(ref);
}

int made_verdict(const struct plan_made *m)
{
	return m->ok ? 0
		     : error_set(ERR_NO, "%s/%s does not hold up", m->version.kind,
				 m->version.name);
}

int made_answer(struct plan *p, const struct plan_made *m, int rc, bool json, const json_t *more)
{
	if (rc && json && m->version.kind)
		print_failure(m, error_text());
	else if (!rc && json)
		rc = print_json(p, m, more);
	else if (!rc)
		print_ref(m);
	return rc ? rc : made_verdict(m);
}

int made_node(struct plan *p, const struct spec_node *node, bool json)
{
	struct plan_made made = { 0 };
	int rc = made_make(p, node, !json, &made);

	rc = made_answer(p, &made, rc, json, NULL);
	plan_made_clear(&made);
	return rc;
}

static int override(struct spec *s, const struct spec_node *node, const struct strlist *set)
{
	struct spec_node *own = spec_find(s, node->kind, node->name);

	for (size_t i = 0; i < set->n; i++) {
		char *doubt = spec_set_doubt(own, set->v[i]);

		if (doubt)
			fprintf(stderr, "warning: %s\n", doubt);
		free(doubt);
	}
	return spec_set(s, own, (const char *const *)set->v, set->n);
}

int made_named(struct repo *r, const char *kind, const char *name, const struct made_how *how)
{
	const struct strlist *set = how->set;
	const struct spec_node *node;
	struct plan_made made = { 0 };
	struct plan *p = NULL;
	int rc;

	spare();
	if (!(rc = plan_open(r, make_ops, &p)))
		rc = plan_find(p, kind, name, &node);
	if (!rc && set)
		rc = override(plan_spec(p), node, set);
	if (!rc) {
		rc = make(p, node, how->events, !how->json, &made);
		rc = made_answer(p, &made, rc, how->json, NULL);
	}
	plan_made_clear(&made);
	plan_close(p);
	return rc;
}
