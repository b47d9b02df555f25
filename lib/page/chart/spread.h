/* spread.h - how the values of one column are spread: a histogram, or its most frequent values. */
#ifndef MICH_PAGE_CHART_SPREAD_H
#define MICH_PAGE_CHART_SPREAD_H

#include "lib/base/json.h"
#include "lib/page/html.h"

/* A column of a data set's profile.json: its splits beside each other, as shares of their rows. */
void spread_put(struct html *h, const json_t *column, bool label);

#endif
