/* part_data.c - the data: its rows, and how each column is spread. */
#define _GNU_SOURCE
#include "lib/page/part.h"

#include <math.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/page/digits.h"
#include "lib/page/spread.h"

enum { COLUMNS_MAX = 48, TABLE_MAX = 1000, DATASETS_MAX = 4 };

static const json_t *columns_of(const json_t *dataset)
{
	return json_object_get(json_object_get(json_object_get(dataset, "profile"), "profile"),
			       "columns");
}

static bool has(const json_t *doc, const struct digest *d)
{
	const json_t *row;
	size_t i;

	(void)d;
	json_array_foreach(json_object_get(doc, "datasets"), i, row)
		if (json_array_size(columns_of(row)))
			return true;
	return false;
}

static const char *label_of(const json_t *doc, const struct digest *d)
{
	const json_t *recipe = json_object_get(json_object_get(doc, "manifest"), "recipe");

	return json_str(d->document, "label", json_str(recipe, "label", ""));
}

static void put_head(struct html *h, const json_t *dataset)
{
	const json_t *rows = json_object_get(json_object_get(dataset, "profile"), "rows"), *n;
	const char *split;
	bool first = true;

	html_open(h, "p");
	html_leaf(h, "b", NULL, json_str(dataset, "ref", ""));
	json_object_foreach((json_t *)rows, split, n) {
		html_text(h, first ? ": " : ", ");
		html_short(h, split, PART_NAME);
		html_text(h, " ");
		digits_put(h, digits_of(n));
		first = false;
	}
	html_text(h, first ? "" : " rows");
	html_close(h);
	html_open(h, "p");
	html_attr(h, "class", "key");
	html_leaf(h, "span", "s1", "train");
	html_leaf(h, "span", "s2", "test");
	html_close(h);
}

static void put_charts(struct html *h, const json_t *columns, const char *label)
{
	const json_t *column;
	size_t i;

	html_open(h, "div");
	html_attr(h, "class", "charts small");
	for (int pass = 0; pass < 2; pass++)
		json_array_foreach((json_t *)columns, i, column) {
			bool is_label = !strcmp(json_str(column, "name", ""), label);

			if (i < COLUMNS_MAX ? is_label == !pass : is_label && !pass)
				spread_put(h, column, is_label);
		}
	html_close(h);
}

static void put_cell(struct html *h, const json_t *v)
{
	html_open(h, "td");
	html_attr(h, "class", "n");
	if (json_is_string(v) && strlen(json_string_value(v)) == 24 &&
	    json_string_value(v)[10] == 'T')
		digits_put_time(h, json_string_value(v));
	else
		digits_put_value(h, v, PART_NAME / 3);
	html_close(h);
}

static void put_column(struct html *h, const json_t *column, const char *split)
{
	const json_t *s = json_object_get(json_object_get(column, "splits"), split);

	html_open(h, "tr");
	html_open(h, "th");
	html_attr(h, "scope", "row");
	html_short(h, json_str(column, "name", ""), PART_NAME);
	html_close(h);
	html_open(h, "td");
	html_attr(h, "class", "soft name");
	html_short(h, json_str(column, "type", ""), PART_NAME / 3);
	html_close(h);
	put_cell(h, json_object_get(s, "nulls"));
	put_cell(h, json_object_get(s, "distinct"));
	put_cell(h, json_object_get(s, "min"));
	put_cell(h, json_object_get(json_object_get(s, "quantiles"), "p50"));
	put_cell(h, json_object_get(s, "max"));
	put_cell(h, json_object_get(s, "mean"));
	put_cell(h, json_object_get(s, "deviation"));
	html_close(h);
}

static void put_table(struct html *h, const json_t *columns)
{
	static const char *const headings[] = { "Column",  "Type", "#Missing", "#Distinct", "#Min",
						"#Median", "#Max", "#Mean",    "#Deviation" };
	const json_t *splits = json_object_get(json_array_get(columns, 0), "splits"), *column;
	const char *split = json_object_get(splits, "train") ? "train" : "test";
	size_t depth = h->depth, i;

	html_leaff(h, "h3", NULL, "All columns, %s", split);
	part_table_of(h, headings, ARRAY_LEN(headings), json_array_size(columns));
	json_array_foreach((json_t *)columns, i, column)
		if (i < TABLE_MAX)
			put_column(h, column, split);
	html_close_to(h, depth);
}

static void put_dataset(struct html *h, const json_t *dataset, const char *label)
{
	const json_t *columns = columns_of(dataset);
	size_t n = json_array_size(columns);

	if (!n)
		return;
	put_head(h, dataset);
	put_charts(h, columns, label);
	if (n > COLUMNS_MAX)
		html_leaff(h, "p", "soft", "%d of %zu columns are drawn.", COLUMNS_MAX, n);
	put_table(h, columns);
}

static void put(struct html *h, const json_t *doc, const struct digest *d)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(doc, "datasets"), i, row)
		if (i < DATASETS_MAX)
			put_dataset(h, row, label_of(doc, d));
}

const struct part part_data = { "data", "Data", has, put };
