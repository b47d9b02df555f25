/* spread.c - one column of a data set as a small chart. */
#define _GNU_SOURCE
#include "lib/page/chart/spread.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/page/chart/plot.h"
#include "lib/page/digits.h"

enum { TOP = 6, BINS_MAX = 200, SPLITS = 2 };

static const char *const splits[SPLITS] = { "train", "test" };

/* A number, or a time as milliseconds; NaN for anything else. */
static double value_of(const json_t *v)
{
	int64_t ms;

	if (json_is_number(v))
		return numbers_of(v);
	if (!json_is_string(v))
		return NAN;
	if (!clock_parse_iso(json_string_value(v), &ms))
		return (double)ms;
	error_clear();
	return NAN;
}

/* The histogram of one split: edges (n + 1), and the share of rows in each by its width. */
struct histogram {
	struct numbers edges, share;
	double lo, hi;
};

static void histogram_read(const json_t *split, struct histogram *out)
{
	const json_t *json = json_object_get(split, "histogram");
	double all = 0, step;

	*out = (struct histogram){ .lo = value_of(json_object_get(json, "lo")),
				   .hi = value_of(json_object_get(json, "hi")) };
	numbers_read(json_object_get(json, "counts"), &out->share);
	if (out->share.n > BINS_MAX || isnan(out->lo) || isnan(out->hi))
		out->share.n = 0;
	step = out->share.n ? (out->hi - out->lo) / (double)out->share.n : 0;
	out->edges.n = out->share.n ? out->share.n + 1 : 0;
	out->edges.v = xcalloc(out->edges.n + 1, sizeof *out->edges.v);
	for (size_t i = 0; i < out->edges.n; i++)
		out->edges.v[i] = out->lo + step * (double)i;
	for (size_t i = 0; i < out->share.n; i++)
		all += isnan(out->share.v[i]) ? 0 : out->share.v[i];
	for (size_t i = 0; i < out->share.n; i++)
		out->share.v[i] = all > 0 && step > 0 ? out->share.v[i] / all / step : NAN;
}

static void histogram_clear(struct histogram *g)
{
	numbers_clear(&g->edges);
	numbers_clear(&g->share);
}

/* Densities, since the bins of two splits differ in width. */
static void put_histogram(struct html *h, const json_t *column, const struct plot_frame *frame)
{
	const json_t *all = json_object_get(column, "splits");
	struct plot_frame f = *frame;
	struct histogram g[SPLITS];
	struct plot p;

	for (size_t s = 0; s < SPLITS; s++) {
		histogram_read(json_object_get(all, splits[s]), &g[s]);
		numbers_range(&g[s].edges, &f.x_lo, &f.x_hi);
		numbers_range(&g[s].share, &f.y_lo, &f.y_hi);
	}
	f.bare = true;
	f.y_lo = 0;
	plot_open(&p, h, &f);
	for (size_t s = 0; s < SPLITS; s++) {
		plot_steps(&p, &g[s].edges, &g[s].share, (int)s + 1, s == 0);
		histogram_clear(&g[s]);
	}
	plot_close(&p);
}

/* The share of a value among the most frequent of a split, in percent; NaN where it is none of them. */
static double share_of(const json_t *split, const json_t *value)
{
	double rows = json_num(split, "rows", NAN) - json_num(split, "nulls", 0);
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(split, "top"), i, row)
		if (json_equal(json_object_get(row, "value"), (json_t *)value))
			return 100 * json_num(row, "count", NAN) / rows;
	return NAN;
}

static void put_top(struct html *h, const json_t *column, const struct plot_frame *frame)
{
	const json_t *all = json_object_get(column, "splits"), *first = NULL, *row;
	struct buf text[TOP] = { BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT };
	struct plot_frame f = *frame;
	double v[SPLITS][TOP];
	const char *names[TOP];
	struct plot p;
	size_t n = 0, i;

	for (size_t s = 0; s < SPLITS && !first; s++)
		first = json_object_get(all, splits[s]);
	f.y_lo = f.y_hi = 0;
	f.y = "% of rows";
	json_array_foreach(json_object_get(first, "top"), i, row) {
		const json_t *value = json_object_get(row, "value");

		if (n == TOP)
			break;
		digits_value_text(value, &text[n]);
		names[n] = text[n].data;
		for (size_t s = 0; s < SPLITS; s++) {
			v[s][n] = share_of(json_object_get(all, splits[s]), value);
			numbers_widen(v[s][n], &f.y_lo, &f.y_hi);
		}
		n++;
	}
	f.names = names;
	f.n_names = n;
	if (n) {
		plot_open(&p, h, &f);
		for (size_t s = 0; s < SPLITS; s++)
			plot_bars(&p, &(struct numbers){ v[s], n }, (int)s + 1, SPLITS);
		plot_close(&p);
	}
	for (i = 0; i < TOP; i++)
		buf_clear(&text[i]);
}

/* "BIGINT, 2.1 % missing, 321 values" */
static char *note_of(const json_t *column, bool label)
{
	const json_t *all = json_object_get(column, "splits"), *split;
	double rows = 0, nulls = 0, distinct = 0;
	const char *name, *type = json_str(column, "type", "");
	struct buf b = BUF_INIT;

	json_object_foreach((json_t *)all, name, split) {
		double of = json_num(split, "distinct", 0);

		rows += json_num(split, "rows", 0);
		nulls += json_num(split, "nulls", 0);
		distinct = of > distinct ? of : distinct;
	}
	buf_addf(&b, "%s%s", label ? "label, " : "",
		 !strcmp(type, "TIMESTAMP WITH TIME ZONE") ? "TIMESTAMPTZ" : type);
	if (nulls > 0 && rows > 0)
		buf_addf(&b, ", %.2g %% missing", 100 * nulls / rows);
	buf_addstr(&b, ", ");
	digits_text(distinct, &b);
	buf_addstr(&b, distinct == 1 ? " value" : " values");
	return buf_take(&b);
}

void spread_put(struct html *h, const json_t *column, bool label)
{
	const char *kind = json_str(column, "kind", "");
	char *note = note_of(column, label);
	struct plot_frame f = { .title = json_str(column, "name", ""),
				.note = note,
				.low = true,
				.x_kind = !strcmp(kind, "time") ? SCALE_TIME : SCALE_LINEAR,
				.x_lo = NAN,
				.x_hi = NAN };

	if (!strcmp(kind, "number") || !strcmp(kind, "time"))
		put_histogram(h, column, &f);
	else
		put_top(h, column, &f);
	free(note);
}
