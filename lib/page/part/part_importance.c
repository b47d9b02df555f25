/* part_importance.c - which columns the model leans on: by permutation, and as its learner tells it. */
#define _GNU_SOURCE
#include "lib/page/part/part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/page/chart/whisker.h"
#include "lib/page/digits.h"

enum { COLUMNS_MAX = 500 };

struct column {
	const json_t *name; /* or NULL, and key */
	const char *key;
	double mean, std;
};

static const json_t *gain_of(const json_t *doc)
{
	return json_object_get(json_object_get(doc, "importance"), "gain");
}

/* The importance of the first evaluation that looked at it. */
static const json_t *permuted(const json_t *doc)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(doc, "evaluations"), i, row) {
		const json_t *about =
			json_object_get(json_object_get(row, "evaluation"), "importance");

		if (json_array_size(json_object_get(about, "columns")))
			return about;
	}
	return NULL;
}

static bool has(const json_t *doc, const struct digest *d)
{
	(void)d;
	return permuted(doc) || json_object_size(gain_of(doc));
}

/* Largest first; NaN last. */
static int by_mean(const void *a_, const void *b_)
{
	const struct column *a = a_, *b = b_;

	if (isnan(a->mean) || isnan(b->mean))
		return isnan(a->mean) - isnan(b->mean);
	return (a->mean < b->mean) - (a->mean > b->mean);
}

static void put_columns(struct html *h, const char *title, const char *what, struct column *v,
			size_t n, int series)
{
	const char *headings[] = { "Column", what, "" };
	size_t depth = h->depth;
	int decimals;

	qsort(v, n, sizeof *v, by_mean);
	html_open(h, "div");
	html_leaf(h, "h3", NULL, title);
	decimals = digits_decimals(v[0].mean);
	part_table_of(h, headings, ARRAY_LEN(headings), n);
	for (size_t i = 0; i < n; i++) {
		html_open(h, "tr");
		html_open(h, "th");
		html_attr(h, "scope", "row");
		if (v[i].name)
			digits_put_value(h, v[i].name, PART_NAME);
		else
			html_short(h, v[i].key, PART_NAME);
		html_close(h);
		html_open(h, "td");
		html_attr(h, "class", "n");
		digits_put_fixed(h, v[i].mean, decimals);
		html_close(h);
		html_open(h, "td");
		whisker_bar(h, v[i].mean, v[0].mean, v[i].std, series);
		html_close(h);
		html_close(h);
	}
	html_close_to(h, depth);
}

static void put_permuted(struct html *h, const json_t *doc)
{
	const json_t *about = permuted(doc), *row;
	struct column *v = xcalloc(COLUMNS_MAX, sizeof *v);
	const char *metric = json_str(about, "metric", "");
	char *what = xasprintf("#%s %s", digest_title(metric),
			       digest_higher_is_better(metric) ? "lost" : "added");
	size_t n = 0, i;

	json_array_foreach(json_object_get(about, "columns"), i, row)
		if (n < COLUMNS_MAX)
			v[n++] = (struct column){ .name = json_object_get(row, "column"),
						  .key = "",
						  .mean = json_num(row, "mean", NAN),
						  .std = json_num(row, "std", NAN) };
	if (n)
		put_columns(h, "When its values are shuffled", what, v, n, 1);
	free(what);
	free(v);
}

static void put_gain(struct html *h, const json_t *doc)
{
	struct column *v = xcalloc(COLUMNS_MAX, sizeof *v);
	const json_t *value;
	const char *key;
	size_t n = 0;

	json_object_foreach((json_t *)gain_of(doc), key, value)
		if (n < COLUMNS_MAX && json_is_number(value))
			v[n++] = (struct column){ .key = key,
						  .mean = json_number_value(value),
						  .std = NAN };
	if (n)
		put_columns(h, "Gain, as its learner tells it", "#Gain", v, n, 3);
	free(v);
}

static void put(struct html *h, const json_t *doc, const struct digest *d)
{
	(void)d;
	html_open(h, "div");
	html_attr(h, "class", "columns");
	put_permuted(h, doc);
	put_gain(h, doc);
	html_close(h);
}

const struct part part_importance = { "importance", "Importance", has, put };
