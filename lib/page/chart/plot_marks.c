/* plot_marks.c - what is drawn inside the frame of a chart. */
#include "lib/page/chart/plot.h"

#include <math.h>

#include "lib/page/digits.h"

static void put_path(struct plot *p, const char *class, int series, const struct buf *d)
{
	if (!d->len)
		return;
	html_open(p->h, "path");
	html_attrf(p->h, "class", "%s s%d", class, (series - 1) % PLOT_SERIES + 1);
	html_attr(p->h, "d", d->data);
	html_close(p->h);
}

static double x_of(const struct plot *p, double v)
{
	return scale_place(&p->x, v);
}

static double y_of(const struct plot *p, double v)
{
	return scale_place(&p->y, v);
}

/* A point alone between gaps is a line of no length, which round ends make a dot. */
void plot_line(struct plot *p, const struct numbers *x, const struct numbers *y, int series)
{
	struct buf d = BUF_INIT;
	size_t run = 0;

	for (size_t i = 0; i < x->n && i < y->n; i++) {
		if (isnan(x->v[i]) || isnan(y->v[i])) {
			buf_addstr(&d, run == 1 ? "h0" : "");
			run = 0;
			continue;
		}
		buf_addf(&d, "%c%.1f %.1f", run++ ? 'L' : 'M', x_of(p, x->v[i]), y_of(p, y->v[i]));
	}
	buf_addstr(&d, run == 1 ? "h0" : "");
	put_path(p, "line", series, &d);
	buf_clear(&d);
}

void plot_band(struct plot *p, const struct numbers *x, const struct numbers *low,
	       const struct numbers *high, int series)
{
	struct buf d = BUF_INIT;

	for (size_t i = 0; i < x->n; i++)
		if (!isnan(x->v[i]) && !isnan(high->v[i]))
			buf_addf(&d, "%c%.1f %.1f", d.len ? 'L' : 'M', x_of(p, x->v[i]),
				 y_of(p, high->v[i]));
	for (size_t i = x->n; i-- && d.len;)
		if (!isnan(x->v[i]) && !isnan(low->v[i]))
			buf_addf(&d, "L%.1f %.1f", x_of(p, x->v[i]), y_of(p, low->v[i]));
	if (d.len)
		buf_addch(&d, 'Z');
	put_path(p, "area", series, &d);
	buf_clear(&d);
}

void plot_steps(struct plot *p, const struct numbers *edges, const struct numbers *y, int series,
		bool filled)
{
	double floor_y = y_of(p, p->y.lo);
	struct buf d = BUF_INIT;

	for (size_t i = 0; i < y->n && i + 1 < edges->n; i++) {
		if (isnan(edges->v[i]) || isnan(edges->v[i + 1]) || isnan(y->v[i]))
			continue;
		if (!d.len)
			buf_addf(&d, "M%.1f %.1f", x_of(p, edges->v[i]), floor_y);
		buf_addf(&d, "V%.1fH%.1f", y_of(p, y->v[i]), x_of(p, edges->v[i + 1]));
	}
	if (d.len)
		buf_addf(&d, filled ? "V%.1fZ" : "V%.1f", floor_y);
	put_path(p, filled ? "fill" : "line", series, &d);
	buf_clear(&d);
}

void plot_dots(struct plot *p, const struct numbers *x, const struct numbers *y,
	       const struct numbers *size, int series)
{
	double lo = NAN, hi = NAN;

	if (size)
		numbers_range(size, &lo, &hi);
	for (size_t i = 0; i < x->n && i < y->n; i++) {
		double r = size && i < size->n && hi > 2 * lo && size->v[i] >= 0
				   ? 1.5 + 4.5 * sqrt(size->v[i] / hi)
				   : 2.5;

		if (isnan(x->v[i]) || isnan(y->v[i]))
			continue;
		html_open(p->h, "circle");
		html_attrf(p->h, "class", "dot s%d", (series - 1) % PLOT_SERIES + 1);
		html_attrf(p->h, "cx", "%.1f", x_of(p, x->v[i]));
		html_attrf(p->h, "cy", "%.1f", y_of(p, y->v[i]));
		html_attrf(p->h, "r", "%.1f", r);
		html_close(p->h);
	}
}

void plot_bars(struct plot *p, const struct numbers *y, int s, int n)
{
	double room = (p->x.to - p->x.at) / (p->x.hi - p->x.lo) * 0.76, each = room / n;
	double zero = y_of(p, p->y.lo > 0 ? p->y.lo : p->y.hi < 0 ? p->y.hi : 0);

	for (size_t i = 0; i < y->n; i++) {
		double top = y_of(p, y->v[i]),
		       left = x_of(p, (double)i) - room / 2 + each * (s - 1);

		if (isnan(y->v[i]))
			continue;
		html_open(p->h, "rect");
		html_attrf(p->h, "class", "bar s%d", (s - 1) % PLOT_SERIES + 1);
		html_attrf(p->h, "x", "%.1f", left);
		html_attrf(p->h, "y", "%.1f", top < zero ? top : zero);
		html_attrf(p->h, "width", "%.1f", each * 0.94);
		html_attrf(p->h, "height", "%.1f", fabs(zero - top));
		html_close(p->h);
	}
}

void plot_rule(struct plot *p, double x1, double y1, double x2, double y2)
{
	html_open(p->h, "path");
	html_attr(p->h, "class", "rule");
	html_attrf(p->h, "d", "M%.1f %.1fL%.1f %.1f", x_of(p, x1), y_of(p, y1), x_of(p, x2),
		   y_of(p, y2));
	html_close(p->h);
}
