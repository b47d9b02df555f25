/* evaluated.c - figures and slices as aligned text. */
#include "cmd/evaluated.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/cli/grid.h"
#include "lib/cli/plain.h"
#include "lib/measure/evaluation/evaluation.h"
#include "lib/record/version.h"

enum {
	SLICES_SHOWN = 20, /* of one division; of more the worst */
	WORST_SHOWN = 10,
};

/* A document of the user's own program may be anything, and files may be gone: then there is none. */
int evaluated_read(struct repo *r, const struct version *v, json_t **out)
{
	static const char path[] = "files/" EVALUATION_FILE;
	struct buf b = BUF_INIT;
	int rc = 0;

	*out = NULL;
	if (version_has(r, v, path))
		rc = version_cat(r, v, path, &b);
	if (!rc && b.len)
		rc = json_parse(b.data, b.len, path, out);
	if (!rc && strcmp(json_str(*out, "format", ""), EVALUATION_FORMAT)) {
		json_decref(*out);
		*out = NULL;
	}
	buf_clear(&b);
	if (rc != ERR_NOT_FOUND && rc != ERR_CORRUPT)
		return rc;
	error_clear();
	return 0;
}

json_t *evaluated_intervals(const json_t *document)
{
	const json_t *intervals = json_object_get(document, "intervals");
	const char *name;
	json_t *out, *v;

	if (!json_object_size(intervals))
		return NULL;
	out = json_object();
	json_object_foreach((json_t *)intervals, name, v) {
		char *key = xasprintf("%s.%s", json_str(document, "split", ""), name);

		json_object_set(out, key, v);
		free(key);
	}
	return out;
}

static const char *plain(const json_t *text)
{
	return json_is_string(text) ? json_string_value(text) : "";
}

static void number_cell(struct grid *g, const json_t *v)
{
	if (json_is_number(v))
		grid_cellf(g, "%.6g", json_number_value(v));
	else
		grid_cell(g, "-");
}

static void interval_cell(struct grid *g, const json_t *v)
{
	if (json_array_size(v) == 2)
		grid_cellf(g, "%.4g .. %.4g", json_number_value(json_array_get(v, 0)),
			   json_number_value(json_array_get(v, 1)));
	else
		grid_cell(g, "");
}

static void text_cell(struct grid *g, const char *text)
{
	struct buf b = BUF_INIT;

	if (text)
		plain_add(text, strlen(text), 0, &b);
	grid_cell(g, b.data);
	buf_clear(&b);
}

static void print_grid(const struct grid *g, const char *indent, FILE *out)
{
	struct buf b = BUF_INIT;
	char *line, *rest;

	grid_render(g, 0, &b);
	for (line = strtok_r(b.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		fprintf(out, "%s%s\n", indent, line);
	buf_clear(&b);
}

/* Figures have a fraction; counts are told with the rows. */
static void print_figures(const json_t *document, FILE *out)
{
	const json_t *metrics = json_object_get(document, "metrics"),
		     *intervals = json_object_get(document, "intervals"), *v;
	const char *key;
	struct grid g;

	grid_init(&g, 3);
	grid_column(&g, json_str(document, "split", ""), false);
	grid_column(&g, "", true);
	grid_column(&g, json_object_size(intervals) ? "95 %" : "", false);
	json_object_foreach((json_t *)metrics, key, v) {
		if (json_is_integer(v) || !strcmp(key, "threshold"))
			continue;
		text_cell(&g, key);
		number_cell(&g, v);
		interval_cell(&g, json_object_get(intervals, key));
	}
	print_grid(&g, "  ", out);
	grid_clear(&g);
}

static const char *main_of(const json_t *document)
{
	enum measure_task task;

	if (measure_task_parse(json_str(document, "task", ""), &task) == 0)
		return measure_main(task);
	error_clear();
	return "recall";
}

/* "carrier * origin"; caller frees. */
static char *by_text(const json_t *by)
{
	struct buf b = BUF_INIT;
	const json_t *name;
	size_t i;

	json_array_foreach(by, i, name)
		buf_addf(&b, "%s%s", i ? " * " : "", plain(name));
	return buf_take(&b);
}

static void begin_slices(struct grid *g, const json_t *by, const char *metric)
{
	const json_t *name;
	size_t i;

	grid_init(g, json_array_size(by) + 3);
	json_array_foreach(by, i, name)
		grid_column(g, plain(name), false);
	grid_column(g, "rows", true);
	grid_column(g, metric, true);
	grid_column(g, "95 %", false);
}

static void slice_line(struct grid *g, const json_t *values, const json_t *rows,
		       const json_t *value, const json_t *interval)
{
	const json_t *v;
	size_t i;

	json_array_foreach(values, i, v)
		text_cell(g, json_string_value(v));
	number_cell(g, rows);
	number_cell(g, value);
	interval_cell(g, interval);
}

static void print_all(const json_t *division, const char *metric, FILE *out)
{
	const json_t *group;
	struct grid g;
	size_t i;

	begin_slices(&g, json_object_get(division, "by"), metric);
	json_array_foreach(json_object_get(division, "groups"), i, group)
		slice_line(&g, json_object_get(group, "values"), json_object_get(group, "rows"),
			   json_object_get(json_object_get(group, "metrics"), metric),
			   json_object_get(json_object_get(group, "intervals"), metric));
	print_grid(&g, "  ", out);
	grid_clear(&g);
}

static void print_some(const json_t *document, const json_t *division, FILE *out)
{
	char *by = by_text(json_object_get(division, "by"));
	size_t all = json_array_size(json_object_get(division, "groups")), i;
	const struct worst_ask ask = { .by = by, .n = WORST_SHOWN, .min_rows = SLICE_MIN_ROWS };
	json_t *rows = NULL, *row;
	struct grid g;

	if (evaluation_worst(document, &ask, &rows) == 0 && json_array_size(rows)) {
		fprintf(out, "  the worst of %zu slices by %s, of those with %d rows or more:\n",
			all, by, SLICE_MIN_ROWS);
		begin_slices(&g, json_object_get(division, "by"), main_of(document));
		json_array_foreach(rows, i, row)
			slice_line(&g, json_object_get(row, "values"), json_object_get(row, "rows"),
				   json_object_get(row, "value"), json_object_get(row, "interval"));
		print_grid(&g, "  ", out);
		grid_clear(&g);
	} else {
		fprintf(out, "  none of %zu slices by %s has %d rows\n", all, by, SLICE_MIN_ROWS);
	}
	json_decref(rows);
	free(by);
	error_clear();
}

void evaluated_print(const json_t *document, FILE *out)
{
	const json_t *division;
	size_t i;

	if (json_int(document, "seen", 0))
		fprintf(out, "warning: the model was trained on %lld of the %lld rows\n",
			(long long)json_int(document, "seen", 0),
			(long long)json_int(document, "rows", 0));
	print_figures(document, out);
	json_array_foreach(json_object_get(document, "slices"), i, division) {
		fputc('\n', out);
		if (json_array_size(json_object_get(division, "groups")) <= SLICES_SHOWN)
			print_all(division, main_of(document), out);
		else
			print_some(document, division, out);
	}
}

/* "carrier=UA origin=JFK"; caller frees. */
static char *slice_text(const json_t *row)
{
	const json_t *by = json_object_get(row, "by"), *name;
	struct buf b = BUF_INIT;
	size_t i;

	json_array_foreach(by, i, name)
		buf_addf(&b, "%s%s=%s", i ? " " : "", plain(name),
			 plain(json_array_get(json_object_get(row, "values"), i)));
	return buf_take(&b);
}

void evaluated_print_worst(const json_t *rows, FILE *out)
{
	const json_t *row = json_array_get(rows, 0);
	struct grid g;
	size_t i;

	if (!row)
		return;
	grid_init(&g, 4);
	grid_column(&g, "SLICE", false);
	grid_column(&g, "ROWS", true);
	grid_column(&g, json_str(row, "metric", ""), true);
	grid_column(&g, json_object_get(row, "interval") ? "95 %" : "", false);
	json_array_foreach(rows, i, row) {
		char *text = slice_text(row);

		text_cell(&g, text);
		number_cell(&g, json_object_get(row, "rows"));
		number_cell(&g, json_object_get(row, "value"));
		interval_cell(&g, json_object_get(row, "interval"));
		free(text);
	}
	print_grid(&g, "", out);
	grid_clear(&g);
}
