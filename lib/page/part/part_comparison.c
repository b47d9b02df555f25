/* part_comparison.c - this version beside another on the same rows: what differs, where, and is it chance? */
#define _GNU_SOURCE
#include "lib/page/part/part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/page/chart/whisker.h"
#include "lib/page/digits.h"
#include "lib/page/numbers.h"

enum { GROUPS_MAX = 1000, SLICES_MAX = 24 };

static bool has(const json_t *doc, const struct digest *d)
{
	(void)d;
	return json_array_size(json_object_get(json_object_get(doc, "comparison"), "metrics")) > 0;
}

static const char *tone_of(const char *verdict)
{
	return !strcmp(verdict, "better") ? "good" : !strcmp(verdict, "worse") ? "bad" : "plain";
}

static double low_of(const json_t *row)
{
	return digits_of(json_array_get(json_object_get(row, "interval"), 0));
}

static double high_of(const json_t *row)
{
	return digits_of(json_array_get(json_object_get(row, "interval"), 1));
}

/* Room for all differences of a table, with 0 in it. */
static struct whisker_scale scale_of(const json_t *rows)
{
	struct whisker_scale s = { 0, 0, 0 };
	const json_t *row;
	size_t i;

	json_array_foreach((json_t *)rows, i, row) {
		numbers_widen(digits_of(json_object_get(row, "difference")), &s.lo, &s.hi);
		numbers_widen(low_of(row), &s.lo, &s.hi);
		numbers_widen(high_of(row), &s.lo, &s.hi);
	}
	return s;
}

/* Metrics have units of their own, so each row of them is drawn on its own scale around 0. */
static struct whisker_scale scale_alone(const json_t *row)
{
	double widest = 0, values[] = { digits_of(json_object_get(row, "difference")), low_of(row),
					high_of(row) };

	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		if (fabs(values[i]) > widest)
			widest = fabs(values[i]);
	return (struct whisker_scale){ -widest, widest, 0 };
}

static void put_number(struct html *h, const json_t *v)
{
	html_open(h, "td");
	html_attr(h, "class", "n");
	if (json_is_number(v))
		digits_put(h, json_number_value(v));
	html_close(h);
}

/* Models and difference with the same decimals, so that the eye can subtract. */
static void put_difference(struct html *h, const json_t *row)
{
	static const char *const keys[] = { "a", "b", "difference" };
	double a = json_num(row, "a", 0), b = json_num(row, "b", 0);
	int decimals = digits_decimals(fabs(a) > fabs(b) ? a : b);

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		double v = json_num(row, keys[i], NAN);

		html_open(h, "td");
		html_attr(h, "class", "n");
		if (i == 2 && v > 0)
			html_text(h, "+");
		digits_put_fixed(h, v, decimals);
		html_close(h);
	}
}

static void put_verdict(struct html *h, const char *verdict, bool defined)
{
	html_open(h, "td");
	html_attr(h, "class", "name");
	if (*verdict)
		part_mark(h, tone_of(verdict), verdict);
	else
		html_leaf(h, "span", "soft", defined ? "too few rows" : "not defined");
	html_close(h);
}

/* The verdict, a, b, the difference, its picture, p: the cells that all tables share. */
static void put_cells(struct html *h, const json_t *row, const struct whisker_scale *s)
{
	const char *verdict = json_str(row, "verdict", "");
	const json_t *p = json_object_get(row, "p_holm");

	put_verdict(h, verdict, json_is_number(json_object_get(row, "difference")));
	put_difference(h, row);
	html_open(h, "td");
	whisker_put(h, s, low_of(row), digits_of(json_object_get(row, "difference")), high_of(row),
		    tone_of(verdict));
	html_close(h);
	html_open(h, "td");
	html_attr(h, "class", "n");
	digits_put_chance(h, digits_of(p ? p : json_object_get(row, "p")));
	html_close(h);
}

static void put_metrics(struct html *h, const json_t *comparison)
{
	static const char *const headings[] = {
		"Metric", "", "#A", "#B", "#B less A", "", "#p", ""
	};
	const json_t *rows = json_object_get(comparison, "metrics"), *row;
	size_t depth = h->depth, i;

	part_table_of(h, headings, ARRAY_LEN(headings), 0);
	json_array_foreach((json_t *)rows, i, row) {
		struct whisker_scale s = scale_alone(row);
		const char *metric = json_str(row, "metric", "");

		html_open(h, "tr");
		if (!strcmp(metric, json_str(comparison, "main", "")))
			html_attr(h, "class", "strong");
		html_open(h, "th");
		html_attr(h, "scope", "row");
		html_short(h, digest_title(metric), PART_NAME);
		html_close(h);
		put_cells(h, row, &s);
		html_leaf(h, "td", NULL, "");
		html_close(h);
	}
	part_table_end(h, depth);
}

static void put_group(struct html *h, const json_t *group, const struct whisker_scale *s)
{
	html_open(h, "tr");
	html_open(h, "th");
	html_attr(h, "scope", "row");
	part_values(h, json_object_get(group, "values"));
	html_close(h);
	put_cells(h, group, s);
	put_number(h, json_object_get(group, "rows"));
	html_leaf(h, "td", NULL, "");
	html_close(h);
}

static void put_slice(struct html *h, const json_t *slice, const char *metric)
{
	const char *headings[] = { "", "", "#A", "#B", "#B less A", "", "#p", "#Rows", "" };
	const json_t *groups = json_object_get(slice, "groups"), *group;
	struct whisker_scale s = scale_of(groups);
	size_t depth = h->depth, i;

	html_open(h, "h3");
	html_textf(h, "%s by ", digest_title(metric));
	part_values(h, json_object_get(slice, "by"));
	html_close(h);
	part_table_of(h, headings, ARRAY_LEN(headings), json_array_size(groups));
	json_array_foreach((json_t *)groups, i, group)
		if (i < GROUPS_MAX)
			put_group(h, group, &s);
	part_table_end(h, depth);
}

static void put_found_row(struct html *h, const json_t *row)
{
	html_open(h, "tr");
	html_open(h, "th");
	html_attr(h, "scope", "row");
	part_conditions(h, json_object_get(row, "by"), json_object_get(row, "values"));
	html_close(h);
	put_difference(h, row);
	html_open(h, "td");
	html_attr(h, "class", "n");
	digits_put_signed(h, json_num(row, "effect", NAN));
	html_close(h);
	put_number(h, json_object_get(row, "rows"));
	html_open(h, "td");
	html_textf(h, "%.1f %%", 100 * json_num(row, "share", 0));
	html_close(h);
	html_close(h);
}

static void put_found(struct html *h, const json_t *comparison)
{
	static const char *const headings[] = { "Where",   "#A",    "#B",   "#B less A",
						"#Effect", "#Rows", "Share" };
	const json_t *found = json_object_get(comparison, "found"), *row;
	const json_t *searched = json_object_get(comparison, "searched");
	size_t depth = h->depth, i;

	if (!json_array_size(found))
		return;
	html_leaf(h, "h3", NULL, "Where they differ most");
	if (searched) {
		html_open(h, "p");
		html_attr(h, "class", "soft");
		html_text(h, "Of ");
		digits_put(h, json_num(searched, "slices", NAN));
		html_text(
			h,
			" slices that were searched. A positive effect: B does worse there than elsewhere.");
		html_close(h);
	}
	part_table_of(h, headings, ARRAY_LEN(headings), 0);
	json_array_foreach((json_t *)found, i, row)
		if (i < GROUPS_MAX)
			put_found_row(h, row);
	part_table_end(h, depth);
}

static void put_subject(struct html *h, const json_t *comparison)
{
	const json_t *left = json_object_get(comparison, "left_out");
	double out = json_num(left, "rows", json_is_integer(left) ? json_number_value(left) : 0);

	html_open(h, "p");
	html_text(h, "A is ");
	html_leaf(h, "b", NULL, json_str(json_object_get(comparison, "a"), "ref", ""));
	html_text(h, ", B is ");
	html_leaf(h, "b", NULL, json_str(json_object_get(comparison, "b"), "ref", ""));
	html_text(h, ", on ");
	digits_put(h, json_num(comparison, "rows", NAN));
	html_textf(h, " rows of the split %s of %s", json_str(comparison, "split", ""),
		   json_str(json_object_get(comparison, "dataset"), "ref", ""));
	if (out > 0) {
		html_text(h, "; ");
		digits_put(h, out);
		html_text(h, " rows that one of them was trained on are left out");
	}
	html_text(
		h,
		". A difference is better or worse where p, corrected for all tests (Holm), is below 0.05.");
	html_close(h);
}

static void put(struct html *h, const json_t *doc, const struct digest *d)
{
	const json_t *comparison = json_object_get(doc, "comparison"), *slice;
	size_t i;

	(void)d;
	put_subject(h, comparison);
	put_metrics(h, comparison);
	json_array_foreach(json_object_get(comparison, "slices"), i, slice)
		if (i < SLICES_MAX)
			put_slice(h, slice, json_str(comparison, "main", ""));
	put_found(h, comparison);
}

const struct part part_comparison = { "comparison", "Comparison", has, put };
