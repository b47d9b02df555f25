/* charts.h - the charts of an evaluation's document ("mich-evaluation/1"): what its task has of them. */
#ifndef MICH_PAGE_CHART_CHARTS_H
#define MICH_PAGE_CHART_CHARTS_H

#include "lib/base/json.h"
#include "lib/page/html.h"

/* metrics: of the document's split; their figures stand beside the titles. */
void charts_put(struct html *h, const json_t *document, const json_t *metrics);

#endif
