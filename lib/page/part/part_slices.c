/* part_slices.c - the main figure in every part of the rows, beside the whole. */
#define _GNU_SOURCE
#include "lib/page/part/part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/page/chart/whisker.h"
#include "lib/page/digits.h"
#include "lib/page/numbers.h"

enum { EVALUATIONS_MAX = 8, SLICES_MAX = 24, GROUPS_MAX = 1000, FEW_ROWS = 30 };

/* One row of the table. */
struct group {
	const json_t *json;
	double v, low, high, rows;
	bool ranked; /* has a figure, and rows enough for it to say something */
};

struct table {
	const json_t *slice;
	const char *metric;
	bool higher; /* more of it is better */
	bool binned;
	double whole;
	struct group *v;
	size_t n;
	double most_rows;
	struct whisker_scale scale;
	bool intervals; /* some group has one */
	int decimals;
};

static bool has(const json_t *doc, const struct digest *d)
{
	const json_t *row;
	size_t i;

	(void)d;
	json_array_foreach(json_object_get(doc, "evaluations"), i, row)
		if (json_array_size(json_object_get(json_object_get(row, "evaluation"), "slices")))
			return true;
	return false;
}

static void read_group(struct table *t, const json_t *json, struct group *g)
{
	const json_t *interval = json_object_get(json_object_get(json, "intervals"), t->metric);

	g->json = json;
	g->v = digits_of(json_object_get(json_object_get(json, "metrics"), t->metric));
	g->low = json_array_size(interval) == 2 ? digits_of(json_array_get(interval, 0)) : NAN;
	g->high = json_array_size(interval) == 2 ? digits_of(json_array_get(interval, 1)) : NAN;
	g->rows = json_num(json, "rows", 0);
	g->ranked = !isnan(g->v) && g->rows >= FEW_ROWS;
	t->intervals |= !isnan(g->low);
	t->most_rows = g->rows > t->most_rows ? g->rows : t->most_rows;
	if (g->ranked) {
		numbers_widen(g->v, &t->scale.lo, &t->scale.hi);
		numbers_widen(g->low, &t->scale.lo, &t->scale.hi);
		numbers_widen(g->high, &t->scale.lo, &t->scale.hi);
	}
}

/* The worst first, then those of few rows. */
static bool comes_before(const struct table *t, const struct group *a, const struct group *b)
{
	if (a->ranked != b->ranked)
		return a->ranked;
	if (!a->ranked)
		return a->rows > b->rows;
	return t->higher ? a->v < b->v : a->v > b->v;
}

/* By insertion, in place of qsort(), which keeps no order among equals. */
static void sort_groups(struct table *t)
{
	for (size_t i = 1; i < t->n; i++)
		for (size_t j = i; j && comes_before(t, &t->v[j], &t->v[j - 1]); j--) {
			struct group g = t->v[j];

			t->v[j] = t->v[j - 1];
			t->v[j - 1] = g;
		}
}

static void read_table(struct table *t, const struct digest *d, const json_t *slice)
{
	const json_t *groups = json_object_get(slice, "groups"), *binned, *json;
	size_t i;

	*t = (struct table){ .slice = slice,
			     .metric = d->main,
			     .higher = digest_higher_is_better(d->main),
			     .whole = digits_of(json_object_get(d->metrics, d->main)) };
	t->scale = (struct whisker_scale){ NAN, NAN, t->whole };
	numbers_widen(t->whole, &t->scale.lo, &t->scale.hi);
	t->v = xcalloc(json_array_size(groups) + 1, sizeof *t->v);
	json_array_foreach((json_t *)groups, i, json)
		if (t->n < GROUPS_MAX)
			read_group(t, json, &t->v[t->n++]);
	json_array_foreach(json_object_get(slice, "binned"), i, binned)
		t->binned |= json_is_true(binned);
	t->decimals =
		digits_decimals(fabs(t->scale.hi) > fabs(t->scale.lo) ? t->scale.hi : t->scale.lo);
	if (!t->binned || json_array_size(json_object_get(slice, "by")) > 1)
		sort_groups(t);
}

/* Does its whole interval lie on the bad side of the whole? */
static bool is_worse(const struct table *t, const struct group *g)
{
	return g->ranked && !isnan(g->low) && !isnan(g->high) &&
	       (t->higher ? g->high < t->whole : g->low > t->whole);
}

static bool is_better(const struct table *t, const struct group *g)
{
	return g->ranked && !isnan(g->low) && !isnan(g->high) &&
	       (t->higher ? g->low > t->whole : g->high < t->whole);
}

static void put_number(struct html *h, double v, int decimals)
{
	html_open(h, "td");
	html_attr(h, "class", "n");
	digits_put_fixed(h, v, decimals);
	html_close(h);
}

static void put_group(struct html *h, const struct table *t, const struct group *g)
{
	bool worse = is_worse(t, g);

	html_open(h, "tr");
	if (!g->ranked)
		html_attr(h, "class", "few");
	html_open(h, "th");
	html_attr(h, "scope", "row");
	part_values(h, json_object_get(g->json, "values"));
	html_close(h);
	put_number(h, g->v, t->decimals);
	html_open(h, "td");
	if (!isnan(g->v))
		whisker_put(h, &t->scale, g->low, g->v, g->high,
			    worse	      ? "bad"
			    : is_better(t, g) ? "good"
					      : "plain");
	html_close(h);
	if (t->intervals) {
		put_number(h, g->low, t->decimals);
		put_number(h, g->high, t->decimals);
	}
	put_number(h, g->rows, 0);
	html_open(h, "td");
	whisker_bar(h, g->rows, t->most_rows, NAN, 1);
	html_close(h);
	html_close(h);
}

static void put_title(struct html *h, const struct table *t)
{
	size_t i, worse = 0;

	html_open(h, "h3");
	html_text(h, "By ");
	part_values(h, json_object_get(t->slice, "by"));
	html_close(h);
	for (i = 0; i < t->n; i++)
		worse += is_worse(t, &t->v[i]);
	if (!worse)
		return;
	html_open(h, "p");
	html_attr(h, "class", "soft");
	html_textf(h, "%zu of %zu %s worse than the whole beyond %s interval.", worse, t->n,
		   worse == 1 ? "is" : "are", worse == 1 ? "its" : "their");
	html_close(h);
}

static void put_cut(struct html *h, size_t shown, size_t all)
{
	html_open(h, "p");
	html_attr(h, "class", "soft");
	html_text(h, "The first ");
	digits_put(h, (double)shown);
	html_text(h, " of ");
	digits_put(h, (double)all);
	html_text(h, " are shown.");
	html_close(h);
}

static void put_table(struct html *h, const struct digest *d, const json_t *slice)
{
	const char *headings[] = { "", NULL, "", "#95 % from", "#to", "#Rows", "" };
	const char *shorter[] = { "", NULL, "", "#Rows", "" };
	char *title = xasprintf("#%s", digest_title(d->main));
	size_t depth = h->depth;
	struct table t;

	headings[1] = shorter[1] = title;
	read_table(&t, d, slice);
	put_title(h, &t);
	part_table_of(h, t.intervals ? headings : shorter,
		      t.intervals ? ARRAY_LEN(headings) : ARRAY_LEN(shorter), t.n);
	for (size_t i = 0; i < t.n; i++)
		put_group(h, &t, &t.v[i]);
	html_close_to(h, depth);
	if (json_array_size(json_object_get(slice, "groups")) > t.n)
		put_cut(h, t.n, json_array_size(json_object_get(slice, "groups")));
	free(t.v);
	free(title);
}

static void put_evaluation(struct html *h, const struct digest *d)
{
	const json_t *slices = json_object_get(d->document, "slices"), *slice;
	size_t i;

	html_open(h, "p");
	html_leaf(h, "b", NULL, json_str(d->evaluation, "ref", ""));
	html_textf(h, ": %s in parts of the rows; the line is the whole, ", digest_title(d->main));
	digits_put(h, digits_of(json_object_get(d->metrics, d->main)));
	html_textf(h, ". Worst first; parts of fewer than %d rows say little and come last.",
		   FEW_ROWS);
	html_close(h);
	json_array_foreach((json_t *)slices, i, slice)
		if (i < SLICES_MAX)
			put_table(h, d, slice);
}

static void put(struct html *h, const json_t *doc, const struct digest *d)
{
	const json_t *row;
	size_t i;

	(void)d;
	json_array_foreach(json_object_get(doc, "evaluations"), i, row) {
		struct digest of = { 0 };

		digest_of_evaluation(row, &of);
		if (i < EVALUATIONS_MAX && of.main &&
		    json_array_size(json_object_get(of.document, "slices")))
			put_evaluation(h, &of);
	}
}

const struct part part_slices = { "slices", "Slices", has, put };
