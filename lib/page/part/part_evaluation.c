/* part_evaluation.c - how well it does: every figure with its interval, and the curves of its task. */
#define _GNU_SOURCE
#include "lib/page/part/part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/page/chart/charts.h"
#include "lib/page/digits.h"

enum { EVALUATIONS_MAX = 8, METRICS_MAX = 64 };

static bool has(const json_t *doc, const struct digest *d)
{
	if (json_array_size(json_object_get(doc, "benches")) && !d->evaluation)
		return false; /* told by the part on speed */
	return d->main || json_object_size(d->document) > 0;
}

static void put_interval(struct html *h, const json_t *interval)
{
	for (size_t i = 0; i < 2; i++) {
		html_open(h, "td");
		html_attr(h, "class", "n soft");
		if (json_array_size(interval) == 2)
			digits_put_even(h, digits_of(json_array_get(interval, i)));
		html_close(h);
	}
}

static void put_metric(struct html *h, const struct digest *d, const char *key, bool intervals)
{
	const json_t *all = json_object_get(d->document, "intervals");
	const json_t *value = json_object_get(d->metrics, key);

	html_open(h, "tr");
	if (d->main && !strcmp(key, d->main))
		html_attr(h, "class", "strong");
	html_open(h, "th");
	html_attr(h, "scope", "row");
	html_short(h, digest_title(key), PART_NAME);
	html_close(h);
	html_open(h, "td");
	html_attr(h, "class", "n");
	if (json_is_number(value))
		digits_put_even(h, json_number_value(value));
	else
		digits_put_value(h, value, PART_NAME);
	html_close(h);
	if (intervals)
		put_interval(h, json_object_get(all, key));
	html_close(h);
}

/* "threshold 0.5, rows 20,000" */
static void put_asides(struct html *h, const struct digest *d)
{
	const json_t *value;
	const char *key;
	bool first = true;

	html_open(h, "p");
	html_attr(h, "class", "soft asides");
	json_object_foreach((json_t *)d->metrics, key, value) {
		if (!digest_is_aside(key) || !json_is_number(value))
			continue;
		html_textf(h, "%s%s ", first ? "" : ", ", key);
		digits_put(h, json_number_value(value));
		first = false;
	}
	html_close(h);
}

/* All of them, those that matter first. */
static void put_metrics(struct html *h, const struct digest *d)
{
	static const char *const headings[] = { "Metric", "#Value", "#95 % from", "#to" };
	bool intervals = json_object_size(json_object_get(d->document, "intervals")) > 0;
	const char *keys[METRICS_MAX], *key;
	size_t n = digest_keys(d, keys, METRICS_MAX), depth = h->depth, i;
	const json_t *value;

	html_open(h, "div");
	part_table(h, headings, intervals ? 4 : 2);
	for (i = 0; i < n; i++)
		put_metric(h, d, keys[i], intervals);
	json_object_foreach((json_t *)d->metrics, key, value) {
		for (i = 0; i < n && strcmp(keys[i], key) != 0;)
			i++;
		if (i == n && !digest_is_aside(key) && !json_is_object(value))
			put_metric(h, d, key, intervals);
	}
	html_close_to(h, depth + 1);
	put_asides(h, d);
	html_close_to(h, depth);
}

/* "bootstrap of 1000 samples, seed 0" */
static void put_method(struct html *h, const json_t *document)
{
	const json_t *bootstrap = json_object_get(document, "bootstrap");

	if (!json_is_object(bootstrap))
		return;
	html_open(h, "p");
	html_attr(h, "class", "soft");
	html_textf(h, "Intervals: bootstrap of %lld samples, seed %lld, level %g",
		   (long long)json_int(bootstrap, "samples", 0),
		   (long long)json_int(bootstrap, "seed", 0), json_num(bootstrap, "level", 0.95));
	if (json_object_get(bootstrap, "rows")) {
		html_text(h, ", ");
		digits_put(h, json_num(bootstrap, "rows", NAN));
		html_text(h, " rows in each");
	}
	html_text(h, ".");
	html_close(h);
}

static void put_subject(struct html *h, const char *tag, const struct digest *d)
{
	html_open(h, tag);
	html_leaf(h, "b", NULL, json_str(d->evaluation, "ref", ""));
	html_text(h, ", split ");
	html_short(h, d->split, PART_NAME);
	html_text(h, " of ");
	html_short(h, json_str(d->evaluation, "dataset", "no recorded data set"), PART_NAME);
	html_text(h, ", ");
	digits_put_time(h, json_str(d->evaluation, "finished", ""));
	html_close(h);
}

/* {"matching":{"matching":"IoU","iou":0.5}} as "Matched by: matching IoU, iou 0.5." */
static void put_matching(struct html *h, const json_t *document)
{
	const json_t *matching =
		json_object_get(json_object_get(document, "detections"), "matching");
	const json_t *value;
	const char *key;
	bool first = true;

	if (!json_object_size(matching))
		return;
	html_open(h, "p");
	html_attr(h, "class", "soft");
	html_text(h, "Matched by: ");
	json_object_foreach((json_t *)matching, key, value) {
		html_text(h, first ? "" : ", ");
		html_short(h, key, PART_NAME);
		html_text(h, " ");
		digits_put_value(h, value, PART_NAME);
		first = false;
	}
	html_text(h, ".");
	html_close(h);
}

/* The first stands open, the others are folded. */
static void put_split(struct html *h, const struct digest *d, bool first)
{
	size_t depth = h->depth;

	if (!first) {
		html_open(h, "details");
		html_attr(h, "class", "more");
	}
	put_subject(h, first ? "p" : "summary", d);
	html_open(h, "div");
	html_attr(h, "class", "charts");
	put_metrics(h, d);
	if (d->document)
		charts_put(h, d->document, d->metrics);
	html_close(h);
	put_matching(h, d->document);
	put_method(h, d->document);
	html_close_to(h, depth);
}

static void put_row(struct html *h, const json_t *row, bool first)
{
	const json_t *document = json_object_get(row, "evaluation"), *value;
	const char *split;
	size_t n = 0;

	json_object_foreach(json_object_get(row, "metrics"), split, value) {
		bool own = !strcmp(json_str(document, "split", split), split);
		struct digest d = { .evaluation = row,
				    .document = own ? document : NULL,
				    .split = split,
				    .metrics = value };

		if (!json_is_object(value) || n++ >= EVALUATIONS_MAX)
			continue;
		digest_find_main(&d);
		put_split(h, &d, first && n == 1);
	}
}

static void put(struct html *h, const json_t *doc, const struct digest *d)
{
	const json_t *row, *rows = json_object_get(doc, "evaluations");
	size_t i;

	json_array_foreach((json_t *)rows, i, row)
		if (i < EVALUATIONS_MAX)
			put_row(h, row, i == 0);
	if (!json_array_size(rows) && d->metrics)
		put_metrics(h, d);
}

const struct part part_evaluation = { "figures", "Figures", has, put };
