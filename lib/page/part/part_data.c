/* part_data.c - the data: its rows, and how each column is spread. */
#define _GNU_SOURCE
#include "lib/page/part/part.h"

#include <math.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/page/chart/spread.h"
#include "lib/page/digits.h"

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
	static const char *const splits[] = { "train", "test", "validation" };
	const json_t *rows = json_object_get(json_object_get(dataset, "profile"), "rows");
	size_t n = 0;

	html_open(h, "p");
	html_leaf(h, "b", NULL, json_str(dataset, "ref", ""));
	for (size_t i = 0; i < ARRAY_LEN(splits); i++) {
		const json_t *of = json_object_get(rows, splits[i]);

		if (!json_is_number(of) || !json_number_value(of))
			continue;
		html_text(h, n++ ? ", " : ": ");
		digits_put(h, json_number_value(of));
		html_textf(h, " rows of %s", splits[i]);
	}
	html_close(h);
	html_open(h, "p");
	html_attr(h, "class", "key");
	html_leaf(h, "span", "s1", "train");
	html_leaf(h, "span", "s2", "test");
	html_close(h);
}

static const json_t *column_named(const json_t *columns, const char *name)
{
	const json_t *column;
	size_t i;

	json_array_foreach((json_t *)columns, i, column)
		if (!strcmp(json_str(column, "name", ""), name))
			return column;
	return NULL;
}

/* The columns to draw, each once. */
struct drawn {
	const json_t *v[COLUMNS_MAX];
	size_t n;
};

static void drawn_add(struct drawn *d, const json_t *column)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i] == column)
			return;
	if (column && d->n < COLUMNS_MAX)
		d->v[d->n++] = column;
}

/* The label, then what the model leans on most, then the others in their order. */
static void choose(const json_t *doc, const json_t *columns, const char *label, struct drawn *out)
{
	const json_t *evaluation, *important, *row;
	size_t i, k;

	out->n = 0;
	drawn_add(out, column_named(columns, label));
	json_array_foreach(json_object_get(doc, "evaluations"), i, evaluation) {
		important =
			json_object_get(json_object_get(evaluation, "evaluation"), "importance");
		json_array_foreach(json_object_get(important, "columns"), k, row)
			if (out->n < COLUMNS_MAX)
				drawn_add(out, column_named(columns, json_str(row, "column", "")));
	}
	json_array_foreach((json_t *)columns, i, row)
		if (out->n < COLUMNS_MAX)
			drawn_add(out, row);
}

static void put_charts(struct html *h, const json_t *doc, const json_t *columns, const char *label)
{
	const json_t *of_label = column_named(columns, label);
	struct drawn d;

	choose(doc, columns, label, &d);
	html_open(h, "div");
	html_attr(h, "class", "charts small");
	for (size_t i = 0; i < d.n; i++)
		spread_put(h, d.v[i], d.v[i] == of_label);
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

static void put_dataset(struct html *h, const json_t *doc, const json_t *dataset, const char *label)
{
	const json_t *columns = columns_of(dataset);
	size_t n = json_array_size(columns);

	if (!n)
		return;
	put_head(h, dataset);
	put_charts(h, doc, columns, label);
	if (n > COLUMNS_MAX)
		html_leaff(h, "p", "soft",
			   "%d of %zu columns are drawn, those that matter most first.",
			   COLUMNS_MAX, n);
	put_table(h, columns);
}

static void put(struct html *h, const json_t *doc, const struct digest *d)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(doc, "datasets"), i, row)
		if (i < DATASETS_MAX)
			put_dataset(h, doc, row, label_of(doc, d));
}

const struct part part_data = { "data", "Data", has, put };
