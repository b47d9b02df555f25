/* part_learning.c - how it learned: what its program told, step by step; one chart a figure, its parts as lines. */
#define _GNU_SOURCE
#include "lib/page/part/part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/page/chart/plot.h"

enum { CHARTS_MAX = 12, SERIES_MAX = 24 };

static bool has(const json_t *doc, const struct digest *d)
{
	const json_t *row;
	size_t i;

	(void)d;
	json_array_foreach(json_object_get(doc, "learning"), i, row)
		if (json_array_size(json_object_get(row, "value")) > 1)
			return true;
	return false;
}

/* "rmse" of "validation.rmse" */
static const char *figure_of(const json_t *row)
{
	const char *name = json_str(row, "name", ""), *dot = strrchr(name, '.');

	return dot ? dot + 1 : name;
}

/* The series of one figure: at most PLOT_SERIES of them. */
struct lines {
	const json_t *row[PLOT_SERIES];
	struct numbers step[PLOT_SERIES], value[PLOT_SERIES];
	const char *name[PLOT_SERIES];
	size_t n;
};

static void lines_read(const json_t *learning, const char *figure, struct lines *l)
{
	const json_t *row;
	size_t i;

	*l = (struct lines){ 0 };
	json_array_foreach((json_t *)learning, i, row) {
		if (l->n == PLOT_SERIES || strcmp(figure_of(row), figure) != 0)
			continue;
		numbers_read(json_object_get(row, "step"), &l->step[l->n]);
		numbers_read(json_object_get(row, "value"), &l->value[l->n]);
		l->name[l->n++] = json_str(row, "name", "");
	}
}

static void lines_clear(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++) {
		numbers_clear(&l->step[i]);
		numbers_clear(&l->value[i]);
	}
}

static void put_figure(struct html *h, const json_t *learning, const char *figure)
{
	struct plot_frame f = { .title = digest_title(figure),
				.x = "step",
				.x_lo = NAN,
				.x_hi = NAN,
				.y_lo = NAN,
				.y_hi = NAN };
	struct lines l;
	struct plot p;

	lines_read(learning, figure, &l);
	for (size_t i = 0; i < l.n; i++) {
		numbers_range(&l.step[i], &f.x_lo, &f.x_hi);
		numbers_range(&l.value[i], &f.y_lo, &f.y_hi);
	}
	f.series = l.name;
	f.n_series = l.n;
	plot_open(&p, h, &f);
	for (size_t i = 0; i < l.n; i++)
		plot_line(&p, &l.step[i], &l.value[i], (int)i + 1);
	plot_close(&p);
	lines_clear(&l);
}

static void put(struct html *h, const json_t *doc, const struct digest *d)
{
	const json_t *learning = json_object_get(doc, "learning"), *row;
	const char *done[CHARTS_MAX];
	size_t n = 0, i;

	(void)d;
	html_open(h, "div");
	html_attr(h, "class", "charts");
	json_array_foreach((json_t *)learning, i, row) {
		const char *figure = figure_of(row);
		size_t k = 0;

		while (k < n && strcmp(done[k], figure) != 0)
			k++;
		if (k < n || n == CHARTS_MAX || i >= SERIES_MAX)
			continue;
		done[n++] = figure;
		put_figure(h, learning, figure);
	}
	html_close(h);
}

const struct part part_learning = { "learning", "Learning", has, put };
