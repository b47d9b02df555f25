/*
 * digits.h - figures as people read them: four digits that matter, thousands set apart. The page keeps the
 * whole figure beside what it shows, <data value="16.1324143640838">16.13</data>, so that what is read off a
 * report and what `mich show --json` prints are the same number.
 */
#ifndef MICH_PAGE_DIGITS_H
#define MICH_PAGE_DIGITS_H

#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "lib/page/html.h"

/* "16.13", "49,061", "1.042e15", "0.000123", "n/a" for NaN. */
void digits_text(double v, struct buf *out);
void digits_bytes_text(double bytes, struct buf *out); /* "68.1 MiB" */

/* Any value of JSON on one line: texts as they are, objects as JSON. */
void digits_value_text(const json_t *v, struct buf *out);

/* Decimals with which figures up to this large are all written alike, for a column of a table. */
int digits_decimals(double largest);

void digits_put(struct html *h, double v); /* with the whole number in it */
void digits_put_fixed(struct html *h, double v, int decimals);
void digits_put_even(struct html *h,
		     double v); /* four digits even where the last are 0: "0.7700" */
void digits_put_signed(struct html *h, double v);
void digits_put_chance(struct html *h, double p); /* "0.021", "< 0.001" */
void digits_put_value(struct html *h, const json_t *v, size_t characters);
void digits_put_bytes(struct html *h, double bytes);
void digits_put_time(struct html *h, const char *iso); /* "2026-11-22 09:17 UTC" */

/* NaN where v is no number. */
double digits_of(const json_t *v);

#endif
