/* clock.h - what time it is, and how it is written. */
#ifndef MICH_BASE_CLOCK_H
#define MICH_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

enum { CLOCK_ISO_BYTES = 32 };

/* Since 1970, UTC; $MICH_NOW (seconds) replaces it, for tests and cron replays. */
int64_t clock_now_ms(void);
int64_t clock_mono_us(void); /* for durations only */

/* "2026-11-22T06:12:02.345Z" */
void clock_iso(int64_t ms, char out[CLOCK_ISO_BYTES]);
int clock_parse_iso(const char *text, int64_t *ms_out); /* ERR_INPUT */

/* "90s", "15m", "2h", "1d", "1w", or plain seconds. ERR_INPUT names what would be right. */
int clock_parse_span(const char *text, int64_t *ms_out);

/* "3 minutes ago", "0.4 s": for people. */
void clock_ago(int64_t ms, char *out, size_t n);
void clock_span(int64_t ms, char *out, size_t n);

#endif
