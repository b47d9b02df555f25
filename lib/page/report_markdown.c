/* report_markdown.c - a report as the comment on a merge request: verdict, figures, checks, comparison. */
#define _GNU_SOURCE
#include "lib/page/report.h"

#include <math.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/page/digest.h"
#include "lib/page/digits.h"
#include "lib/page/markdown_cell.h"
#include "lib/page/speed.h"

enum { ROWS_MAX = 100, KEYS_MAX = 24 };

static void add_interval(const json_t *interval, struct buf *out)
{
	if (json_array_size(interval) != 2)
		return;
	markdown_figure(json_array_get(interval, 0), out);
	buf_addstr(out, " to ");
	markdown_figure(json_array_get(interval, 1), out);
}

static void add_metrics(const struct digest *d, struct buf *out)
{
	const json_t *intervals = json_object_get(d->document, "intervals");
	const json_t *rows = json_object_get(d->metrics, "rows");
	const char *keys[KEYS_MAX];
	size_t n = digest_keys(d, keys, KEYS_MAX);

	if (!n)
		return;
	buf_addstr(out, "| ");
	markdown_text(d->split, out);
	buf_addstr(out, intervals ? " | | 95 % |\n|---|--:|---|\n" : " | |\n|---|--:|\n");
	for (size_t i = 0; i < n; i++) {
		buf_addstr(out, "| ");
		markdown_text(digest_title(keys[i]), out);
		buf_addstr(out, " | ");
		markdown_figure(json_object_get(d->metrics, keys[i]), out);
		if (intervals) {
			buf_addstr(out, " | ");
			add_interval(json_object_get(intervals, keys[i]), out);
		}
		buf_addstr(out, " |\n");
	}
	if (json_is_number(rows)) {
		buf_addstr(out, "| rows | ");
		markdown_figure(rows, out);
		buf_addstr(out, intervals ? " | |\n" : " |\n");
	}
	buf_addch(out, '\n');
}

static void add_check(const json_t *row, struct buf *out)
{
	bool ok = json_bool(row, "ok", false);

	buf_addstr(out, ok && digest_is_open(row) ? "| open | "
			: ok			  ? "| holds | "
						  : "| **fails** | ");
	markdown_text(json_str(row, "what", ""), out);
	buf_addstr(out, " | ");
	markdown_text(json_str(row, "why", ""), out);
	buf_addstr(out, " |\n");
}

static void add_checks(const json_t *doc, struct buf *out)
{
	const json_t *checks = json_object_get(doc, "checks"), *row;
	size_t i;

	if (!json_array_size(checks))
		return;
	buf_addstr(out, "| | check | finding |\n|---|---|---|\n");
	for (int ok = 0; ok < 2; ok++)
		json_array_foreach((json_t *)checks, i, row)
			if (i < ROWS_MAX && json_bool(row, "ok", false) == ok)
				add_check(row, out);
	buf_addch(out, '\n');
}

static void add_row(const char *name, const json_t *row, struct buf *out)
{
	bool defined = json_is_number(json_object_get(row, "difference"));
	const char *verdict = json_str(row, "verdict", defined ? "too few rows" : "not defined");
	bool worse = !strcmp(verdict, "worse");

	buf_addstr(out, "| ");
	markdown_text(name, out);
	buf_addstr(out, " | ");
	markdown_figure(json_object_get(row, "a"), out);
	buf_addstr(out, " | ");
	markdown_figure(json_object_get(row, "b"), out);
	buf_addstr(out, " | ");
	add_interval(json_object_get(row, "interval"), out);
	buf_addstr(out, worse ? " | **" : " | ");
	markdown_text(verdict, out);
	buf_addstr(out, worse ? "** |\n" : " |\n");
}

/* "carrier = UA, origin = JFK" */
static void slice_name(const json_t *by, const json_t *values, struct buf *out)
{
	for (size_t i = 0; i < json_array_size(by) && i < 2; i++) {
		buf_addstr(out, i ? ", " : "");
		digits_value_text(json_array_get(by, i), out);
		buf_addstr(out, " = ");
		digits_value_text(json_array_get(values, i), out);
	}
}

/* Slices where there is something to say: those that got better or worse. */
static void add_changed(const json_t *slice, struct buf *out, size_t *left)
{
	const json_t *group;
	size_t i;

	json_array_foreach(json_object_get(slice, "groups"), i, group) {
		const char *verdict = json_str(group, "verdict", "");
		struct buf name = BUF_INIT;

		if (!*left || (strcmp(verdict, "worse") != 0 && strcmp(verdict, "better") != 0))
			continue;
		--*left;
		slice_name(json_object_get(slice, "by"), json_object_get(group, "values"), &name);
		add_row(name.data, group, out);
		buf_clear(&name);
	}
}

static void add_comparison(const json_t *doc, struct buf *out)
{
	const json_t *comparison = json_object_get(doc, "comparison"), *row;
	size_t i, left = ROWS_MAX;

	if (!json_array_size(json_object_get(comparison, "metrics")))
		return;
	buf_addstr(out, "| | ");
	markdown_text(json_str(json_object_get(comparison, "a"), "ref", "a"), out);
	buf_addstr(out, " | ");
	markdown_text(json_str(json_object_get(comparison, "b"), "ref", "b"), out);
	buf_addstr(out, " | difference, 95 % | |\n|---|--:|--:|---|---|\n");
	json_array_foreach(json_object_get(comparison, "metrics"), i, row)
		if (i < KEYS_MAX)
			add_row(digest_title(json_str(row, "metric", "")), row, out);
	json_array_foreach(json_object_get(comparison, "slices"), i, row)
		add_changed(row, out, &left);
	buf_addch(out, '\n');
}

static void add_batches(const json_t *row, struct buf *out)
{
	struct speed_batch v[SPEED_BATCHES_MAX];
	size_t n = speed_batches(row, v);

	buf_addstr(out, "| rows a call | median, \xc2\xb5s | 95 %, \xc2\xb5s | 99 %, \xc2\xb5s "
			"| rows a second |\n|--:|--:|--:|--:|--:|\n");
	for (size_t i = 0; i < n; i++) {
		buf_addstr(out, "| ");
		digits_text(v[i].rows, out);
		for (size_t k = 0; k < SPEED_FIGURES; k++) {
			buf_addstr(out, " | ");
			digits_text(json_num(v[i].of, speed_keys[k], NAN), out);
		}
		buf_addstr(out, " |\n");
	}
	buf_addch(out, '\n');
}

/* How fast it answers, on which machine. */
static void add_speed(const json_t *doc, struct buf *out)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(doc, "benches"), i, row) {
		struct buf text = BUF_INIT;

		if (i == SPEED_BENCHES_MAX)
			break;
		buf_addf(&text, "%s", json_str(row, "ref", ""));
		speed_circumstances(row, &text);
		if (!isnan(speed_memory(row))) {
			buf_addstr(&text, "; ");
			digits_bytes_text(speed_memory(row), &text);
			buf_addstr(&text, " of memory");
		}
		buf_addstr(out, "Speed: ");
		markdown_text(text.data, out);
		buf_addstr(out, "\n\n");
		add_batches(row, out);
		buf_clear(&text);
	}
}

static void add_parameters(const json_t *doc, struct buf *out)
{
	const json_t *params = json_object_get(doc, "params"), *value;
	const char *key;
	size_t n = 0;

	if (!json_object_size(params))
		return;
	buf_addstr(out, "Parameters: ");
	json_object_foreach((json_t *)params, key, value) {
		if (n++ == KEYS_MAX)
			break;
		buf_addstr(out, n > 1 ? ", " : "");
		markdown_text(key, out);
		buf_addstr(out, " = ");
		markdown_figure(value, out);
	}
	buf_addstr(out, n > KEYS_MAX ? ", \xe2\x80\xa6\n" : "\n");
}

/* "Released as maps/eta@2.1, in production." and whatever was forced. */
static void add_releases(const json_t *doc, struct buf *out)
{
	const json_t *row, *stage;
	size_t i, k;

	json_array_foreach(json_object_get(doc, "releases"), i, row) {
		const char *forced = json_str(row, "forced", NULL);

		if (i == KEYS_MAX)
			break;
		buf_addstr(out, "Released as ");
		markdown_text(json_str(row, "release", ""), out);
		json_array_foreach(json_object_get(row, "stages"), k, stage) {
			buf_addstr(out, k ? ", " : ", in ");
			markdown_figure(stage, out);
		}
		buf_addstr(out, forced ? ", **by force**: " : ".");
		markdown_text(forced ? forced : "", out);
		buf_addstr(out, "\n\n");
	}
}

void report_markdown(const json_t *doc, struct buf *out)
{
	static const char *const marks[] = { "\xe2\x97\x8b", "\xe2\x9c\x85",
					     "\xe2\x9a\xa0\xef\xb8\x8f", "\xe2\x9d\x8c" };
	struct digest d;

	digest_read(doc, &d);
	buf_addstr(out, "### ");
	markdown_text(json_str(doc, "ref", ""), out);
	buf_addf(out, "\n\n%s **", marks[d.tone]);
	markdown_text(d.headline, out);
	buf_addstr(out, "**");
	if (d.detail) {
		buf_addstr(out, ": ");
		markdown_text(d.detail, out);
	}
	buf_addstr(out, "\n\n");
	if (d.compared) {
		buf_addf(out, "%s ", marks[d.compared_tone]);
		markdown_text(d.compared, out);
		buf_addstr(out, "\n\n");
	}
	add_releases(doc, out);
	add_checks(doc, out);
	add_comparison(doc, out);
	add_metrics(&d, out);
	add_speed(doc, out);
	add_parameters(doc, out);
	buf_addstr(out, "\nid ");
	markdown_text(json_str(doc, "id", ""), out);
	buf_addch(out, '\n');
	digest_clear(&d);
}
