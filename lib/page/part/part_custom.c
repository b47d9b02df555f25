/*
 * part_custom.c - charts that an evaluation's own program drew up: files/charts/NAME.json,
 *
 *	{"title", "type":"line"|"bar"|"scatter", "x":[..], "y":[..], "xlabel", "ylabel",
 *	 "series":[{"name","x":[..],"y":[..]}]}
 *
 * as lib/measure/evaluation/chart.h checks them. x may be texts, names along the axis; without x the places
 * 0, 1, ... stand for it. y is the one series, or series are several; x of a series is the chart's where it
 * has none.
 */
#define _GNU_SOURCE
#include "lib/page/part/part.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/page/chart/plot.h"
#include "lib/page/digits.h"

enum { CHARTS_MAX = 48, NAMES_MAX = 24 };

struct custom {
	const json_t *json;
	struct plot_frame f;
	struct numbers x[PLOT_SERIES], y[PLOT_SERIES];
	const char *series[PLOT_SERIES];
	size_t n;
	struct buf text[NAMES_MAX];
	const char *names[NAMES_MAX];
	bool bars;
	char note[64];
};

static const json_t *charts_of(const json_t *evaluation)
{
	return json_object_get(evaluation, "charts");
}

static bool has(const json_t *doc, const struct digest *d)
{
	const json_t *row;
	size_t i;

	(void)d;
	json_array_foreach(json_object_get(doc, "evaluations"), i, row)
		if (json_array_size(charts_of(row)))
			return true;
	return false;
}

static void add_series(struct custom *c, const char *name, const json_t *x, const json_t *y)
{
	size_t s = c->n;

	if (s == PLOT_SERIES || !json_array_size(y))
		return;
	numbers_read(y, &c->y[s]);
	numbers_read(json_is_number(json_array_get(x, 0)) ? x : NULL, &c->x[s]);
	if (!c->x[s].n) {
		numbers_clear(&c->x[s]);
		c->x[s].v = xcalloc(c->y[s].n + 1, sizeof(double));
		for (; c->x[s].n < c->y[s].n; c->x[s].n++)
			c->x[s].v[c->x[s].n] = (double)c->x[s].n;
	}
	numbers_align((struct numbers *[]){ &c->x[s], &c->y[s] }, 2);
	numbers_range(&c->x[s], &c->f.x_lo, &c->f.x_hi);
	numbers_range(&c->y[s], &c->f.y_lo, &c->f.y_hi);
	c->series[c->n++] = name;
}

/* Bars and texts stand on names: those of x, be they texts or numbers. */
static void read_names(struct custom *c, const json_t *x)
{
	size_t n = c->n ? c->y[0].n : 0;

	c->f.n_names = n < NAMES_MAX ? n : NAMES_MAX;
	for (size_t s = 0; s < c->n; s++)
		c->y[s].n = c->y[s].n < c->f.n_names ? c->y[s].n : c->f.n_names;
	for (size_t i = 0; i < c->f.n_names; i++) {
		c->text[i] = (struct buf)BUF_INIT;
		if (json_array_get(x, i))
			digits_value_text(json_array_get(x, i), &c->text[i]);
		else
			buf_addf(&c->text[i], "%zu", i);
		c->names[i] = c->text[i].data;
	}
	c->f.names = c->names;
	if (c->bars)
		numbers_widen(0, &c->f.y_lo, &c->f.y_hi);
	if (n > NAMES_MAX)
		snprintf(c->note, sizeof c->note, "the first %d of %zu", NAMES_MAX, n);
}

static void say_cut(struct custom *c, size_t series)
{
	if (series > PLOT_SERIES)
		snprintf(c->note, sizeof c->note, "%d of %zu series", PLOT_SERIES, series);
	c->f.note = *c->note ? c->note : NULL;
}

static void custom_read(struct custom *c, const json_t *json, const char *name)
{
	const json_t *x = json_object_get(json, "x"), *all = json_object_get(json, "series"), *row;
	size_t i;

	*c = (struct custom){ .json = json };
	c->f = (struct plot_frame){ .title = json_str(json, "title", name),
				    .x = json_str(json, "xlabel", NULL),
				    .y = json_str(json, "ylabel", NULL),
				    .x_lo = NAN,
				    .x_hi = NAN,
				    .y_lo = NAN,
				    .y_hi = NAN,
				    .series = c->series };
	json_array_foreach((json_t *)all, i, row) {
		const json_t *own = json_object_get(row, "x");

		add_series(c, json_str(row, "name", ""), own ? own : x, json_object_get(row, "y"));
	}
	if (!c->n)
		add_series(c, "", x, json_object_get(json, "y"));
	c->f.n_series = c->n;
	c->bars = !strcmp(json_str(json, "type", "line"), "bar");
	if (c->bars || json_is_string(json_array_get(x, 0)))
		read_names(c, x);
	say_cut(c, json_array_size(all));
}

static void custom_clear(struct custom *c)
{
	for (size_t s = 0; s < c->n; s++) {
		numbers_clear(&c->x[s]);
		numbers_clear(&c->y[s]);
	}
	for (size_t i = 0; i < c->f.n_names; i++)
		buf_clear(&c->text[i]);
}

static void put_chart(struct html *h, const json_t *json, const char *name)
{
	const char *type = json_str(json, "type", "line");
	struct custom c;
	struct plot p;

	custom_read(&c, json, name);
	if (c.n) {
		plot_open(&p, h, &c.f);
		for (size_t s = 0; s < c.n; s++)
			if (c.bars)
				plot_bars(&p, &c.y[s], (int)s + 1, (int)c.n);
			else if (!strcmp(type, "scatter"))
				plot_dots(&p, &c.x[s], &c.y[s], NULL, (int)s + 1);
			else
				plot_line(&p, &c.x[s], &c.y[s], (int)s + 1);
		plot_close(&p);
	}
	custom_clear(&c);
}

static void put(struct html *h, const json_t *doc, const struct digest *d)
{
	const json_t *row, *chart;
	size_t i, k, n = 0;

	(void)d;
	html_open(h, "div");
	html_attr(h, "class", "charts");
	json_array_foreach(json_object_get(doc, "evaluations"), i, row)
		json_array_foreach((json_t *)charts_of(row), k, chart)
			if (n++ < CHARTS_MAX)
				put_chart(h, json_object_get(chart, "chart"),
					  json_str(chart, "name", ""));
	html_close(h);
}

const struct part part_custom = { "charts", "Its own charts", has, put };
