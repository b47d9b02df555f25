/*
 * figure.h - figures as people read them: four digits that matter, thousands set apart. The page keeps the
 * whole figure beside what it shows, <data value="16.1324143640838">16.13</data>, so that what is read off a
 * report and what `mich show --json` prints are the same number.
 */
#ifndef MICH_PAGE_FIGURE_H
#define MICH_PAGE_FIGURE_H

#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "lib/page/html.h"

/* "16.13", "49,061", "1.042e15", "0.000123", "n/a" for NaN. */
void figure_text(double v, struct buf *out);
void figure_signed_text(double v, struct buf *out);    /* "+0.34", "-1.2" with a real minus, "0" */
void figure_bytes_text(double bytes, struct buf *out); /* "68.1 MiB" */

/* Any value of JSON on one line: texts as they are, objects as JSON. */
void figure_value_text(const json_t *v, struct buf *out);

void figure_put(struct html *h, double v); /* with the whole number in it */
void figure_put_signed(struct html *h, double v);
void figure_put_value(struct html *h, const json_t *v, size_t characters);
void figure_put_bytes(struct html *h, double bytes);
void figure_put_time(struct html *h, const char *iso); /* "2026-11-22 09:17 UTC" */

/* NaN where v is no number. */
double figure_of(const json_t *v);

#endif
