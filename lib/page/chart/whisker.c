/* whisker.c - pictures in cells. */
#include "lib/page/chart/whisker.h"

#include <math.h>

enum { WIDE = 220, HIGH = 18, EDGE = 6, BAR = 120 };

static void put_svg(struct html *h, const char *class, int wide)
{
	html_open(h, "svg");
	html_attr(h, "class", class);
	html_attrf(h, "viewBox", "0 0 %d %d", wide, HIGH);
	html_attrf(h, "width", "%d", wide);
	html_attrf(h, "height", "%d", HIGH);
	html_attr(h, "aria-hidden", "true");
}

static void put_path(struct html *h, const char *class, double x1, double y1, double x2, double y2)
{
	html_open(h, "path");
	html_attr(h, "class", class);
	html_attrf(h, "d", "M%.1f %.1fL%.1f %.1f", x1, y1, x2, y2);
	html_close(h);
}

static double place(const struct whisker_scale *s, double v)
{
	double share = s->hi > s->lo ? (v - s->lo) / (s->hi - s->lo) : 0.5;

	share = !(share > 0) ? 0 : share > 1 ? 1 : share;
	return EDGE + share * (WIDE - 2 * EDGE);
}

void whisker_put(struct html *h, const struct whisker_scale *s, double low, double middle,
		 double high, const char *tone)
{
	put_svg(h, "whisker", WIDE);
	if (!isnan(s->rule))
		put_path(h, "rule", place(s, s->rule), 0, place(s, s->rule), HIGH);
	if (!isnan(low) && !isnan(high))
		put_path(h, tone, place(s, low), HIGH / 2.0, place(s, high), HIGH / 2.0);
	if (!isnan(middle)) {
		html_open(h, "circle");
		html_attr(h, "class", tone);
		html_attrf(h, "cx", "%.1f", place(s, middle));
		html_attrf(h, "cy", "%.1f", HIGH / 2.0);
		html_attr(h, "r", "4");
		html_close(h);
	}
	html_close(h);
}

void whisker_bar(struct html *h, double v, double max, double spread, int series)
{
	double share = max > 0 && v > 0 ? (v < max ? v / max : 1) : 0;
	double from = max > 0 ? (v - spread) / max : 0, to = max > 0 ? (v + spread) / max : 0;

	put_svg(h, "bar", BAR);
	html_open(h, "rect");
	html_attrf(h, "class", "bar s%d", series);
	html_attr(h, "x", "0");
	html_attr(h, "y", "4");
	html_attrf(h, "width", "%.1f", share * BAR);
	html_attrf(h, "height", "%d", HIGH - 8);
	html_close(h);
	if (!isnan(spread) && spread > 0)
		put_path(h, "spread",
			 (!(from > 0) ? 0
			  : from < 1  ? from
				      : 1) *
				 BAR,
			 HIGH / 2.0,
			 (!(to > 0) ? 0
			  : to < 1  ? to
				    : 1) *
				 BAR,
			 HIGH / 2.0);
	html_close(h);
}
