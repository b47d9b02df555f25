/* parted.c - partitions.json as lines. */
#include "cmd/parted.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/cli/grid.h"
#include "lib/cli/plain.h"

enum { SHOWN = 20 };

/* The figure that tells most, of those that there are. */
static const char *main_figure(const json_t *list)
{
	static const char *const names[] = { "rmse", "auc", "accuracy", "logloss" };
	json_t *row;
	size_t i;

	json_array_foreach((json_t *)list, i, row)
		for (size_t k = 0; k < ARRAY_LEN(names); k++)
			if (json_is_number(
				    json_object_get(json_object_get(row, "train"), names[k])))
				return names[k];
	return "rows";
}

static void add_values(struct grid *g, const json_t *values)
{
	struct buf b = BUF_INIT;
	json_t *value;
	size_t i;

	json_array_foreach((json_t *)values, i, value) {
		buf_addstr(&b, i ? " x " : "");
		if (json_is_string(value))
			plain_add(json_string_value(value), json_string_length(value), 0, &b);
	}
	grid_cell(g, b.len ? b.data : "\"\"");
	buf_clear(&b);
}

static void add_figure(struct grid *g, const json_t *row, const char *split, const char *figure)
{
	const json_t *v = json_object_get(json_object_get(row, split), figure);

	if (json_is_number(v))
		grid_cellf(g, "%.5g", json_number_value(v));
	else
		grid_cell(g, "-");
}

static void add_row(struct grid *g, const json_t *row, const char *figure)
{
	const char *why = json_str(row, "parent", NULL);

	grid_cell(g, " ");
	add_values(g, json_object_get(row, "values"));
	grid_cellf(g, "%lld", (long long)json_int(row, "rows", 0));
	if (why)
		grid_cell(g, "-");
	else
		grid_cellf(g, "%lld", (long long)json_int(row, "rounds", 0));
	add_figure(g, row, "train", figure);
	add_figure(g, row, "validation", figure);
	grid_cellf(g, why ? "the parent answers: %s" : "%s", why ? why : "");
}

static void add_table(const json_t *list, struct buf *out)
{
	const char *figure = main_figure(list);
	char *train = xasprintf("train.%s", figure), *validation;
	const char *titles[] = { "", "partition", "rows", "rounds", train, NULL, "" };
	struct grid g;
	json_t *row;
	size_t i;

	validation = xasprintf("validation.%s", figure);
	titles[5] = validation;
	grid_init(&g, ARRAY_LEN(titles));
	for (i = 0; i < ARRAY_LEN(titles); i++)
		grid_column(&g, titles[i], i >= 2 && i <= 5);
	json_array_foreach((json_t *)list, i, row)
		if (i < SHOWN)
			add_row(&g, row, figure);
	grid_render(&g, 0, out);
	grid_clear(&g);
	free(train);
	free(validation);
}

void parted_add(const json_t *document, struct buf *out)
{
	const json_t *list = json_object_get(document, "partitions"),
		     *by = json_object_get(document, "by");
	size_t n = json_array_size(list), own = 0, i;
	json_t *row;

	if (!n)
		return;
	json_array_foreach((json_t *)list, i, row)
		own += !json_object_get(row, "parent");
	buf_addstr(out, "\npartitions by ");
	json_array_foreach((json_t *)by, i, row) {
		buf_addstr(out, i ? ", " : "");
		if (json_is_string(row))
			plain_add(json_string_value(row), json_string_length(row), 0, out);
	}
	buf_addf(out, ": %zu with a model of their own, %zu answered by the parent\n", own,
		 n - own);
	add_table(list, out);
	if (n > SHOWN)
		buf_addf(out, "  and %zu more, smaller\n", n - SHOWN);
}
