/* part_history.c - the versions of the same name: how the figure went, and which parameters changed it. */
#define _GNU_SOURCE
#include "lib/page/part/part.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/page/chart/plot.h"
#include "lib/page/digits.h"

enum { VERSIONS_MAX = 50, PARAMS_MAX = 6, NAMED = 12 };

/* What is shown of each version. */
struct history {
	const json_t *rows;
	const char *self; /* id */
	const struct digest *d;
	double number[VERSIONS_MAX], figure[VERSIONS_MAX];
	size_t n;
	const char *params[PARAMS_MAX]; /* those that are not everywhere the same */
	size_t n_params;
};

static bool has(const json_t *doc, const struct digest *d)
{
	return d->main && json_array_size(json_object_get(doc, "versions")) > 1;
}

static double figure_of(const json_t *row, const struct digest *d)
{
	const json_t *split = json_object_get(json_object_get(row, "metrics"), d->split);

	return numbers_of(json_object_get(split, d->main));
}

static bool is_known(const struct history *t, const char *key)
{
	for (size_t i = 0; i < t->n_params; i++)
		if (!strcmp(t->params[i], key))
			return true;
	return false;
}

/* Add the parameters in which a row differs from the first. */
static void add_params(struct history *t, const json_t *first, const json_t *row)
{
	const json_t *sides[] = { row, first }, *value;
	const char *key;

	for (size_t s = 0; s < ARRAY_LEN(sides); s++)
		json_object_foreach((json_t *)sides[s], key, value) {
			const json_t *other = json_object_get(sides[!s], key);

			if (t->n_params < PARAMS_MAX && !is_known(t, key) &&
			    (!other || !json_equal((json_t *)other, (json_t *)value)))
				t->params[t->n_params++] = key;
		}
}

static void history_read(struct history *t, const json_t *doc, const struct digest *d)
{
	const json_t *row, *first = NULL;
	size_t i;

	*t = (struct history){ .rows = json_object_get(doc, "versions"),
			       .self = json_str(doc, "id", ""),
			       .d = d };
	json_array_foreach((json_t *)t->rows, i, row) {
		const json_t *params = json_object_get(row, "params");

		if (t->n == VERSIONS_MAX)
			break;
		first = first ? first : params;
		add_params(t, first, params);
		t->number[t->n] = numbers_of(json_object_get(row, "number"));
		t->figure[t->n++] = figure_of(row, d);
	}
}

static void put_chart(struct html *h, struct history *t)
{
	struct numbers x = { t->number, t->n }, y = { t->figure, t->n };
	char text[NAMED][24];
	const char *names[NAMED];
	struct plot_frame f = { .title = digest_title(t->d->main),
				.note = t->d->split,
				.x = "version",
				.x_lo = NAN,
				.x_hi = NAN,
				.y_lo = NAN,
				.y_hi = NAN };
	const json_t *row;
	struct plot p;
	size_t i;

	/* few versions stand beside each other under their numbers, many on a scale of them */
	for (i = 0; t->n <= NAMED && i < t->n; i++) {
		snprintf(text[i], sizeof text[i], "%.0f", t->number[i]);
		names[i] = text[i];
		x.v[i] = (double)i;
	}
	f.names = t->n <= NAMED ? names : NULL;
	f.n_names = t->n;
	numbers_range(&x, &f.x_lo, &f.x_hi);
	numbers_range(&y, &f.y_lo, &f.y_hi);
	plot_open(&p, h, &f);
	plot_line(&p, &x, &y, 1);
	json_array_foreach((json_t *)t->rows, i, row) {
		bool self = !strcmp(json_str(row, "id", ""), t->self);

		if (i < t->n)
			plot_dots(&p, &(struct numbers){ x.v + i, 1 },
				  &(struct numbers){ y.v + i, 1 }, NULL, self ? 2 : 1);
	}
	plot_close(&p);
}

static void put_row(struct html *h, const struct history *t, const json_t *row, double figure)
{
	const char *build = json_str(row, "build", "good");

	html_open(h, "tr");
	if (!strcmp(json_str(row, "id", ""), t->self))
		html_attr(h, "class", "strong");
	html_leaf(h, "th", NULL, json_str(row, "ref", ""));
	html_open(h, "td");
	html_attr(h, "class", "n");
	if (strcmp(build, "good") != 0)
		html_leaf(h, "span", "soft", build);
	else
		digits_put(h, figure);
	html_close(h);
	for (size_t i = 0; i < t->n_params; i++) {
		html_open(h, "td");
		html_attr(h, "class", "n");
		digits_put_value(h, json_object_get(json_object_get(row, "params"), t->params[i]),
				 PART_NAME / 3);
		html_close(h);
	}
	html_open(h, "td");
	html_attr(h, "class", "soft name");
	digits_put_time(h, json_str(row, "finished", ""));
	html_close(h);
	html_close(h);
}

/* Newest first, as everywhere. */
static void put_table(struct html *h, const struct history *t)
{
	const char *headings[PARAMS_MAX + 3] = { "Version" };
	char *names[PARAMS_MAX + 1];
	size_t depth = h->depth, n = 1;

	names[0] = xasprintf("#%s", digest_title(t->d->main));
	headings[n++] = names[0];
	for (size_t i = 0; i < t->n_params; i++)
		headings[n++] = names[i + 1] = xasprintf("#%.40s", t->params[i]);
	headings[n++] = "Made";
	part_table_of(h, headings, n, t->n);
	for (size_t i = t->n; i--;)
		put_row(h, t, json_array_get(t->rows, i), t->figure[i]);
	part_table_end(h, depth);
	for (size_t i = 0; i <= t->n_params; i++)
		free(names[i]);
}

static void put(struct html *h, const json_t *doc, const struct digest *d)
{
	struct history t;

	history_read(&t, doc, d);
	html_open(h, "div");
	html_attr(h, "class", "columns");
	html_open(h, "div");
	put_chart(h, &t);
	html_close(h);
	html_open(h, "div");
	put_table(h, &t);
	html_close(h);
	html_close(h);
}

const struct part part_history = { "history", "History", has, put };
