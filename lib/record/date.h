/* date.h - the dates that git's environment may hold. */
#ifndef MICH_RECORD_DATE_H
#define MICH_RECORD_DATE_H

#include <stdint.h>

/*
 * "[@]1234567890 [+0100]", "2026-11-22[T ]06:12:02[.5][Z|+01:00]", "Sun, 22 Nov 2026 06:12:02
 * +0100". zone in minutes east; left as it is when the text has none (local time then). ERR_INPUT.
 */
int date_parse(const char *text, int64_t *seconds, int *zone);

#endif
