/*
 * plot.h - a chart as SVG: two scales, and lines, bands, steps and dots on them.
 *
 *	plot_open(&p, h, &(struct plot_frame){ .title = "ROC", .x = "false positives", ... });
 *	plot_line(&p, &x, &y, 1);
 *	plot_close(&p);
 *	plot_table(h, headings, columns, 2);
 *
 * Series are numbered from 1 to PLOT_SERIES and have their colour from the style sheet. A chart is as wide as
 * a telephone and is laid out in a grid by the page; figures below it, folded, are the ones drawn.
 */
#ifndef MICH_PAGE_CHART_PLOT_H
#define MICH_PAGE_CHART_PLOT_H

#include "lib/page/chart/scale.h"
#include "lib/page/html.h"
#include "lib/page/numbers.h"

enum { PLOT_SERIES = 8, PLOT_NAMES = 24 };

struct plot_frame {
	const char *title, *note; /* note may be NULL */
	const char *x, *y;	  /* what the axes say; NULL: nothing */
	enum scale_kind x_kind, y_kind;
	double x_lo, x_hi, y_lo, y_hi;
	bool keep_y;		  /* y_lo and y_hi stay, else they move out to round numbers */
	const char *const *names; /* (n_names) of x at 0, 1, ...: categories instead of ticks */
	size_t n_names;
	const char *const *series; /* (n_series) what the colours are, when there are several */
	size_t n_series;
	bool low;  /* half as high, one of many */
	bool bare; /* y has no ticks: its unit says nothing */
};

struct plot {
	struct html *h;
	struct scale x, y;
	size_t depth;
	double wide, high;
};

void plot_open(struct plot *p, struct html *h, const struct plot_frame *f);
void plot_close(struct plot *p);

void plot_line(struct plot *p, const struct numbers *x, const struct numbers *y, int series);
void plot_band(struct plot *p, const struct numbers *x, const struct numbers *low,
	       const struct numbers *high, int series);

/* Columns between edges (n + 1) of height y (n). filled: a surface, else its outline. */
void plot_steps(struct plot *p, const struct numbers *edges, const struct numbers *y, int series,
		bool filled);

/* size NULL: all alike; else the area of each dot grows with it. */
void plot_dots(struct plot *p, const struct numbers *x, const struct numbers *y,
	       const struct numbers *size, int series);

/* Bars at 0, 1, ...: of series s out of n beside each other. */
void plot_bars(struct plot *p, const struct numbers *y, int s, int n);

/* A dashed line from one point to another: what chance, or a perfect model, would give. */
void plot_rule(struct plot *p, double x1, double y1, double x2, double y2);

/* The numbers themselves, folded; all columns are of one length. */
void plot_table(struct html *h, const char *const *headings, const struct numbers *const *columns,
		size_t n);

#endif
