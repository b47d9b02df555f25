/* report_junit.c - checks as test cases, for CI: the format that Jenkins and GitLab read. */
#define _GNU_SOURCE
#include "lib/page/report.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/page/digest.h"
#include "lib/page/digits.h"
#include "lib/page/html.h"

enum { KINDS_MAX = 16, CASES_MAX = 10000 };

struct suite {
	struct html h;
	const json_t *doc;
	const char *ref;
};

static void put_case(struct suite *s, const json_t *row)
{
	struct html *h = &s->h;
	bool ok = json_bool(row, "ok", false);
	const char *why = json_str(row, "why", "");

	html_open(h, "testcase");
	html_attrf(h, "classname", "%s.%s", json_str(row, "of", s->ref),
		   json_str(row, "kind", "check"));
	html_attr(h, "name", json_str(row, "what", ""));
	if (!ok) {
		html_open(h, "failure");
		html_attr(h, "message", *why ? why : "fails");
		html_text(h, why);
		html_close(h);
	} else if (digest_is_open(row)) {
		html_open(h, "skipped");
		html_attr(h, "message", *why ? why : json_str(row, "state", ""));
		html_close(h);
	} else if (*why) {
		html_leaf(h, "system-out", NULL, why);
	}
	html_close(h);
	buf_addch(h->out, '\n');
}

static bool is_of(const json_t *row, const char *kind)
{
	return !strcmp(json_str(row, "kind", "check"), kind);
}

static void put_suite(struct suite *s, const json_t *checks, const char *kind)
{
	size_t i, tests = 0, failures = 0, skipped = 0;
	const json_t *row;

	json_array_foreach((json_t *)checks, i, row) {
		bool ok = json_bool(row, "ok", false);

		if (i >= CASES_MAX || !is_of(row, kind))
			continue;
		tests++;
		failures += !ok;
		skipped += ok && digest_is_open(row);
	}
	html_open(&s->h, "testsuite");
	html_attrf(&s->h, "name", "%s %s", s->ref, kind);
	html_attrf(&s->h, "tests", "%zu", tests);
	html_attrf(&s->h, "failures", "%zu", failures);
	html_attr(&s->h, "errors", "0");
	html_attrf(&s->h, "skipped", "%zu", skipped);
	html_attr(&s->h, "timestamp", json_str(s->doc, "finished", ""));
	html_text(&s->h, "\n");
	json_array_foreach((json_t *)checks, i, row)
		if (i < CASES_MAX && is_of(row, kind))
			put_case(s, row);
	html_close(&s->h);
	buf_addch(s->h.out, '\n');
}

/* A metric that got worse is a failure. */
static void add_compared(json_t *checks, const json_t *comparison)
{
	const char *against = json_str(json_object_get(comparison, "a"), "ref", "the other");
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(comparison, "metrics"), i, row) {
		const char *verdict = json_str(row, "verdict", "");
		char *what = xasprintf("%s is not worse than that of %s",
				       json_str(row, "metric", ""), against);
		struct buf why = BUF_INIT;
		bool ok = strcmp(verdict, "worse") != 0;

		digits_text(digits_of(json_object_get(row, "b")), &why);
		buf_addstr(&why, ", not ");
		digits_text(digits_of(json_object_get(row, "a")), &why);
		buf_addf(&why, ": %s", *verdict ? verdict : "not tested");
		json_array_append_new(checks,
				      json_pack("{s:s,s:s,s:s,s:b,s:s,s:s}", "of", against, "kind",
						"comparison", "what", what, "ok", ok, "state",
						!*verdict ? "not tested"
						: ok	  ? "holds"
							  : "fails",
						"why", why.data));
		buf_clear(&why);
		free(what);
	}
}

/* The build itself is the first case: a failed one has no checks to fail. */
static json_t *all_checks(const json_t *doc)
{
	const json_t *state = json_object_get(doc, "state");
	const char *build = json_str(state, "build", "good");
	const char *reason = json_str(json_object_get(doc, "manifest"), "reason", "");
	bool good = !strcmp(build, "good");
	json_t *checks = json_array();
	json_t *row = json_pack("{s:s,s:s,s:s,s:b,s:s,s:s}", "of", json_str(doc, "ref", ""), "kind",
				"build", "what", "build is good", "ok", good, "state",
				good ? "holds" : "fails", "why",
				good	  ? ""
				: *reason ? reason
					  : build);

	json_array_append_new(checks, row);
	json_array_extend(checks, json_object_get(doc, "checks"));
	add_compared(checks, json_object_get(doc, "comparison"));
	return checks;
}

void report_junit(const json_t *doc, struct buf *out)
{
	struct suite s = { .doc = doc, .ref = json_str(doc, "ref", "") };
	json_t *checks = all_checks(doc), *row;
	const char *kinds[KINDS_MAX];
	size_t n = 0, i;

	html_begin(&s.h, out);
	buf_addstr(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	html_open(&s.h, "testsuites");
	html_attr(&s.h, "name", s.ref);
	html_text(&s.h, "\n");
	json_array_foreach(checks, i, row) {
		const char *kind = json_str(row, "kind", "check");
		size_t k = 0;

		while (k < n && strcmp(kinds[k], kind) != 0)
			k++;
		if (k < n || n == KINDS_MAX)
			continue;
		kinds[n++] = kind;
		put_suite(&s, checks, kind);
	}
	html_end(&s.h);
	buf_addch(out, '\n');
	json_decref(checks);
}
