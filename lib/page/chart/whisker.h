/* whisker.h - small pictures that stand in a table's cell: a dot with its interval, a bar. */
#ifndef MICH_PAGE_CHART_WHISKER_H
#define MICH_PAGE_CHART_WHISKER_H

#include "lib/page/html.h"

struct whisker_scale {
	double lo, hi; /* of all rows of the table */
	double rule;   /* a line through all of them: the whole, or 0; NaN: none */
};

/* low and high may be NaN. tone: "plain", "good", "bad". */
void whisker_put(struct html *h, const struct whisker_scale *s, double low, double middle,
		 double high, const char *tone);

/* A bar from 0 to v where the longest is max; with a thin line of spread around its end, NaN: none. */
void whisker_bar(struct html *h, double v, double max, double spread, int series);

#endif
