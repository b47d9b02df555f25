/* part_partitions.c - the models of a partitioned model: how many rows each has, and how good it is. */
#define _GNU_SOURCE
#include "lib/page/part/part.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/page/digits.h"

enum { ROWS_MAX = 1000 };

static const json_t *list_of(const json_t *doc)
{
	return json_object_get(json_object_get(doc, "partitions"), "partitions");
}

static bool has(const json_t *doc, const struct digest *d)
{
	(void)d;
	return json_array_size(list_of(doc)) > 0;
}

/* The figure that tells most, of those that there are. */
static const char *figure_of(const json_t *list)
{
	static const char *const names[] = { "rmse", "auc", "accuracy", "logloss" };
	const json_t *row;
	size_t i;

	json_array_foreach((json_t *)list, i, row)
		for (size_t k = 0; k < ARRAY_LEN(names); k++)
			if (json_is_number(
				    json_object_get(json_object_get(row, "train"), names[k])))
				return names[k];
	return "rows";
}

static void put_number(struct html *h, const json_t *v)
{
	html_open(h, "td");
	html_attr(h, "class", "n");
	if (json_is_number(v))
		digits_put_value(h, v, PART_TEXT);
	html_close(h);
}

static void put_row(struct html *h, const json_t *row, const char *figure)
{
	const char *why = json_str(row, "parent", NULL);

	html_open(h, "tr");
	html_open(h, "th");
	html_attr(h, "scope", "row");
	part_values(h, json_object_get(row, "values"));
	html_close(h);
	put_number(h, json_object_get(row, "rows"));
	put_number(h, json_object_get(row, "rounds"));
	put_number(h, json_object_get(json_object_get(row, "train"), figure));
	put_number(h, json_object_get(json_object_get(row, "validation"), figure));
	html_open(h, "td");
	if (why) {
		html_text(h, "the parent answers: ");
		html_short(h, why, PART_TEXT);
	}
	html_close(h);
	html_close(h);
}

static void put(struct html *h, const json_t *doc, const struct digest *d)
{
	const json_t *list = list_of(doc), *row;
	const char *figure = figure_of(list);
	char *train = xasprintf("#%s, train", digest_title(figure)),
	     *validation = xasprintf("#%s, validation", digest_title(figure));
	const char *headings[] = { "Partition", "#Rows", "#Rounds", train, validation, "" };
	size_t depth = h->depth, n = json_array_size(list), i;
	char *more = xasprintf("and %zu more, smaller", n > ROWS_MAX ? n - ROWS_MAX : 0);

	(void)d;
	part_table_of(h, headings, ARRAY_LEN(headings), n < ROWS_MAX ? n : ROWS_MAX);
	json_array_foreach((json_t *)list, i, row)
		if (i < ROWS_MAX)
			put_row(h, row, figure);
	part_table_end(h, depth);
	if (n > ROWS_MAX)
		html_leaf(h, "p", NULL, more);
	free(train);
	free(validation);
	free(more);
}

const struct part part_partitions = { "partitions", "Partitions", has, put };
