/* confusion.c - a table whose cells are the darker, the larger their share of the row. */
#include "lib/page/chart/confusion.h"

#include <math.h>

#include "lib/base/mem.h"
#include "lib/page/digits.h"

enum { CLASSES_MAX = 24, CLASS_NAME = 20 };

static double row_sum(const json_t *row)
{
	double sum = 0;
	json_t *v;
	size_t i;

	json_array_foreach((json_t *)row, i, v)
		sum += json_is_number(v) ? json_number_value(v) : 0;
	return sum;
}

static void put_cell(struct html *h, const json_t *count, double sum, bool right)
{
	double v = digits_of(count), share = sum > 0 && v > 0 ? v / sum : 0;

	html_open(h, "td");
	html_attr(h, "class", right ? "cell hit" : "cell");
	html_attrf(h, "style", "--share:%.3f", share > 1 ? 1 : share);
	html_open(h, "span");
	html_attrf(h, "title", "%.1f %% of the row", 100 * share);
	digits_put(h, v);
	html_close(h);
	html_close(h);
}

static void put_class(struct html *h, const char *tag, const json_t *name)
{
	html_open(h, tag);
	html_attr(h, "class", "n");
	digits_put_value(h, name, CLASS_NAME);
	html_close(h);
}

static void put_head(struct html *h, const json_t *classes, size_t n)
{
	html_open(h, "thead");
	html_open(h, "tr");
	html_leaf(h, "th", "soft", "truth \xe2\x86\x93  predicted \xe2\x86\x92");
	for (size_t i = 0; i < n; i++)
		put_class(h, "th", json_array_get(classes, i));
	html_close(h);
	html_close(h);
}

void confusion_put(struct html *h, const json_t *confusion)
{
	const json_t *classes = json_object_get(confusion, "classes");
	const json_t *counts = json_object_get(confusion, "counts");
	size_t all = json_array_size(classes), n = all < CLASSES_MAX ? all : CLASSES_MAX;
	size_t depth = h->depth;

	if (!n || !json_array_size(counts))
		return;
	html_open(h, "figure");
	html_attr(h, "class", n > 4 ? "across" : "");
	html_open(h, "figcaption");
	html_leaf(h, "b", NULL, "Confusion");
	if (n < all)
		html_leaff(h, "span", "soft", " the first %zu of %zu classes", n, all);
	html_close(h);
	html_open(h, "div");
	html_attr(h, "class", "scroll");
	html_attr(h, "tabindex", "0");
	html_open(h, "table");
	html_attr(h, "class", "confusion");
	put_head(h, classes, n);
	html_open(h, "tbody");
	for (size_t r = 0; r < n; r++) {
		const json_t *row = json_array_get(counts, r);
		double sum = row_sum(row);

		html_open(h, "tr");
		put_class(h, "th", json_array_get(classes, r));
		for (size_t c = 0; c < n; c++)
			put_cell(h, json_array_get(row, c), sum, r == c);
		html_close(h);
	}
	html_close_to(h, depth);
}
