/* scale.h - from values to places on a chart, with round numbers along the way. */
#ifndef MICH_PAGE_CHART_SCALE_H
#define MICH_PAGE_CHART_SCALE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"

enum { SCALE_TICKS = 12 };

enum scale_kind {
	SCALE_LINEAR,
	SCALE_LOG,  /* powers of ten; lo and hi above 0 */
	SCALE_TIME, /* milliseconds since 1970 */
};

struct scale {
	enum scale_kind kind;
	double lo, hi; /* values; lo < hi */
	double at, to; /* where they lie */
	double tick[SCALE_TICKS];
	size_t ticks;
};

/*
 * lo..hi, which may be NaN or equal, to at..to, with about so many ticks at round numbers (1, 2 or 5 times a
 * power of ten). round: lo and hi move outward to ticks.
 */
void scale_init(struct scale *s, enum scale_kind kind, double lo, double hi, size_t ticks,
		bool round);
double scale_place(const struct scale *s, double v); /* kept near the chart */
void scale_tick_text(const struct scale *s, double v, struct buf *out);

#endif
