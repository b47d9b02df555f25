/* part_checks.c - gates and checks, each with what it was judged on. */
#include "lib/page/part/part.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/page/digits.h"

static bool has(const json_t *doc, const struct digest *d)
{
	(void)doc;
	return d->held + d->failed + d->open > 0;
}

static void put_state(struct html *h, const json_t *row)
{
	bool ok = json_bool(row, "ok", false), open = ok && digest_is_open(row);

	html_open(h, "td");
	part_mark(h,
		  open ? "plain"
		  : ok ? "good"
		       : "bad",
		  open ? json_str(row, "state", "not applicable")
		  : ok ? "holds"
		       : "fails");
	html_close(h);
}

/* Conditions as they were typed; what validation looks at is said in words. */
static void put_what(struct html *h, const json_t *row)
{
	const char *what = json_str(row, "what", "");
	bool typed = strcmp(json_str(row, "kind", ""), "validation") != 0 || strpbrk(what, "<>=(");

	html_open(h, typed ? "code" : "span");
	html_short(h, what, PART_TEXT);
	html_close(h);
}

static void put_check(struct html *h, const json_t *row)
{
	html_open(h, "tr");
	put_state(h, row);
	html_open(h, "td");
	put_what(h, row);
	html_close(h);
	html_open(h, "td");
	html_attr(h, "class", "say");
	html_short(h, json_str(row, "why", ""), 2 * PART_TEXT);
	html_close(h);
	html_open(h, "td");
	html_attr(h, "class", "soft name");
	html_textf(h, "%s of ", json_str(row, "kind", ""));
	html_short(h, json_str(row, "of", ""), PART_NAME);
	html_close(h);
	html_close(h);
}

/* What fails comes first. */
static void put(struct html *h, const json_t *doc, const struct digest *d)
{
	static const char *const headings[] = { "", "Check", "Finding", "" };
	const json_t *checks = json_object_get(doc, "checks"), *row;
	size_t i, depth = h->depth;

	(void)d;
	part_table(h, headings, ARRAY_LEN(headings));
	json_array_foreach((json_t *)checks, i, row)
		if (!json_bool(row, "ok", false))
			put_check(h, row);
	json_array_foreach((json_t *)checks, i, row)
		if (json_bool(row, "ok", false))
			put_check(h, row);
	part_table_end(h, depth);
}

const struct part part_checks = { "checks", "Gates and checks", has, put };
