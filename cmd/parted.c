/* parted.c - partitions.json as lines. */
#include "cmd/parted.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/catalog/partdiff.h"
#include "lib/cli/grid.h"
#include "lib/cli/plain.h"

enum { SHOWN = 20, SHOWN_CHANGED = 10, VALUE_SHOWN = 40 };

/* One line of it, cut between characters. */
static void add_value(const json_t *v, struct buf *out)
{
	const char *text = json_string_value(v);
	size_t n = json_string_length(v), shown = 0, from = out->len;

	for (int i = 0; i < VALUE_SHOWN && shown < n; i++) {
		size_t bytes = utf8_bytes(text + shown, n - shown);

		shown += bytes ? bytes : 1;
	}
	plain_add(text, shown, 0, out);
	for (size_t i = from; i < out->len; i++)
		if (out->data[i] == '\n' || out->data[i] == '\t')
			out->data[i] = '?';
	buf_addstr(out, shown < n ? "..." : "");
}

static void add_values(struct grid *g, const json_t *values)
{
	struct buf b = BUF_INIT;
	json_t *value;
	size_t i;

	json_array_foreach((json_t *)values, i, value) {
		buf_addstr(&b, i ? " x " : "");
		if (json_is_string(value))
			add_value(value, &b);
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
	const char *figure = partdiff_figure(list);
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

static void add_by(const json_t *by, struct buf *out)
{
	json_t *name;
	size_t i;

	buf_addstr(out, "partitions by ");
	json_array_foreach((json_t *)by, i, name) {
		buf_addstr(out, i ? ", " : "");
		if (json_is_string(name))
			plain_add(json_string_value(name), json_string_length(name), 0, out);
	}
}

static void add_change(struct grid *g, const json_t *row)
{
	static const char *const keys[] = { "before", "after" };
	const json_t *change = json_object_get(row, "change");

	grid_cell(g, " ");
	add_values(g, json_object_get(row, "values"));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const json_t *v = json_object_get(row, keys[i]);

		if (json_is_number(v))
			grid_cellf(g, "%.6g", json_number_value(v));
		else
			grid_cell(g, "-");
	}
	if (json_is_number(change))
		grid_cellf(g, "%+.6g", json_number_value(change));
	else
		grid_cell(g, "-");
}

void parted_add_diff(const json_t *diff, struct buf *out)
{
	static const char *const titles[] = { "", "partition", "before", "after", "change" };
	const json_t *rows = json_object_get(diff, "rows");
	size_t n = json_array_size(rows), i;
	struct grid g;
	json_t *row;

	if (!n)
		return;
	add_by(json_object_get(diff, "by"), out);
	buf_addf(out, ": %s of %zu differs\n", json_str(diff, "figure", ""), n);
	grid_init(&g, ARRAY_LEN(titles));
	for (i = 0; i < ARRAY_LEN(titles); i++)
		grid_column(&g, titles[i], i >= 2);
	json_array_foreach((json_t *)rows, i, row)
		if (i < SHOWN_CHANGED)
			add_change(&g, row);
	grid_render(&g, 0, out);
	grid_clear(&g);
	if (n > SHOWN_CHANGED)
		buf_addf(out, "  and %zu more, by less\n", n - SHOWN_CHANGED);
}

/* What would be partitions, were there not so many others. */
static void add_dropped(const json_t *dropped, struct buf *out)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)dropped, name, v) {
		buf_addstr(out, "  ");
		plain_add(name, strlen(name), 0, out);
		buf_addf(out, " has %lld values more, rarer: the parent answers for them\n",
			 (long long)json_integer_value(v));
	}
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
	buf_addch(out, '\n');
	add_by(by, out);
	buf_addf(out, ": %zu with a model of their own, %zu answered by the parent\n", own,
		 n - own);
	add_table(list, out);
	if (n > SHOWN)
		buf_addf(out, "  and %zu more, smaller\n", n - SHOWN);
	add_dropped(json_object_get(document, "dropped"), out);
}
