/* part_releases.c - under which names it is released, where it is, and how it came there. */
#define _GNU_SOURCE
#include "lib/page/part/part.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/page/digits.h"

enum { RELEASES_MAX = 100, MOVES_MAX = 200 };

static bool has(const json_t *doc, const struct digest *d)
{
	(void)d;
	return json_array_size(json_object_get(doc, "releases")) > 0;
}

static void put_person(struct html *h, const char *user)
{
	html_open(h, "td");
	html_attr(h, "class", "name");
	html_textn(h, user, strcspn(user, "<"));
	html_close(h);
}

static void put_time(struct html *h, const char *at)
{
	html_open(h, "td");
	html_attr(h, "class", "name");
	digits_put_time(h, at);
	html_close(h);
}

/* What was promoted although something did not hold is said wherever the release is. */
static void put_forced(struct html *h, const json_t *row, const char *reason)
{
	const char *forced = json_str(row, "forced", NULL);

	html_open(h, "td");
	html_attr(h, "class", "say");
	if (forced) {
		part_mark(h, "warn", "forced: ");
		html_short(h, forced, PART_TEXT);
	} else {
		html_short(h, reason, PART_TEXT);
	}
	html_close(h);
}

static void put_release(struct html *h, const json_t *row)
{
	const json_t *stage;
	size_t i;

	html_open(h, "tr");
	html_leaf(h, "th", NULL, json_str(row, "release", ""));
	html_open(h, "td");
	json_array_foreach(json_object_get(row, "stages"), i, stage) {
		html_text(h, i ? ", " : "");
		digits_put_value(h, stage, PART_NAME);
	}
	html_close(h);
	put_time(h, json_str(row, "at", ""));
	put_person(h, json_str(row, "user", ""));
	put_forced(h, row, "");
	html_close(h);
}

static void put_move(struct html *h, const json_t *row, const char *version)
{
	html_open(h, "tr");
	if (!strcmp(json_str(row, "version", ""), version))
		html_attr(h, "class", "strong");
	html_leaf(h, "th", NULL, json_str(row, "stage", ""));
	html_leaf(h, "td", "name", json_str(row, "action", ""));
	html_leaf(h, "td", "name", json_str(row, "release", ""));
	put_time(h, json_str(row, "at", ""));
	put_person(h, json_str(row, "user", ""));
	put_forced(h, row, json_str(row, "reason", ""));
	html_close(h);
}

static void put(struct html *h, const json_t *doc, const struct digest *d)
{
	static const char *const release[] = { "Release", "Stages now", "Made", "By", "" };
	static const char *const move[] = { "Stage", "Move", "To", "At", "By", "" };
	const json_t *moves = json_object_get(doc, "moves"), *row;
	size_t depth = h->depth, i;

	(void)d;
	part_table_of(h, release, ARRAY_LEN(release), 0);
	json_array_foreach(json_object_get(doc, "releases"), i, row)
		if (i < RELEASES_MAX)
			put_release(h, row);
	part_table_end(h, depth);
	if (!json_array_size(moves))
		return;
	html_leaf(h, "h3", NULL, "Moves of its stages");
	part_table_of(h, move, ARRAY_LEN(move), json_array_size(moves));
	json_array_foreach((json_t *)moves, i, row)
		if (i < MOVES_MAX)
			put_move(h, row, json_str(doc, "id", ""));
	part_table_end(h, depth);
}

const struct part part_releases = { "releases", "Releases", has, put };
