/* clock.c - time in UTC milliseconds. */
#define _GNU_SOURCE
#include "lib/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/error.h"

int64_t clock_now_ms(void)
{
	const char *fixed = getenv("MICH_NOW");
	struct timespec t;

	if (fixed && *fixed)
		return (int64_t)(strtod(fixed, NULL) * 1000);
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_mono_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void clock_iso(int64_t ms, char out[CLOCK_ISO_BYTES])
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;
	char day[32];

	gmtime_r(&s, &tm);
	strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out, CLOCK_ISO_BYTES, "%.19s.%03dZ", day, (int)(ms % 1000));
}

int clock_parse_iso(const char *text, int64_t *ms_out)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t ms = 0;

	if (!end)
		end = strptime(text, "%Y-%m-%d", &tm);
	if (!end)
		return error_set(ERR_INPUT, "'%s' is not a time: want 2026-11-22T06:12:02Z", text);
	if (*end == '.')
		ms = (int64_t)(strtod(end, NULL) * 1000 + 0.5);
	*ms_out = (int64_t)timegm(&tm) * 1000 + ms;
	return 0;
}

int clock_parse_span(const char *text, int64_t *ms_out)
{
	static const struct {
		char unit;
		int64_t ms;
	} units[] = { { 's', 1000 },
		      { 'm', 60000 },
		      { 'h', 3600000 },
		      { 'd', 86400000 },
		      { 'w', 604800000 } };
	char *end;
	double v = strtod(text, &end);

	if (end != text && v >= 0 && v < 1e9) {
		if (!*end) {
			*ms_out = (int64_t)(v * 1000);
			return 0;
		}
		for (size_t i = 0; i < sizeof units / sizeof *units; i++)
			if (*end == units[i].unit && !end[1]) {
				*ms_out = (int64_t)(v * (double)units[i].ms);
				return 0;
			}
	}
	return error_set(ERR_INPUT, "'%s' is not a length of time: want 90s, 15m, 2h, 1d or 1w",
			 text);
}

void clock_ago(int64_t ms, char *out, size_t n)
{
	static const struct {
		int64_t s;
		const char *name;
	} units[] = { { 31536000, "year" }, { 2592000, "month" }, { 604800, "week" },
		      { 86400, "day" },	    { 3600, "hour" },	  { 60, "minute" },
		      { 1, "second" } };
	int64_t s = (clock_now_ms() - ms) / 1000;

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (s >= units[i].s) {
			long long k = (long long)(s / units[i].s);

			snprintf(out, n, "%lld %s%s ago", k, units[i].name, k == 1 ? "" : "s");
			return;
		}
	snprintf(out, n, "just now");
}

void clock_span(int64_t ms, char *out, size_t n)
{
	if (ms < 60000)
		snprintf(out, n, "%.1f s", (double)ms / 1000);
	else if (ms < 3600000)
		snprintf(out, n, "%d:%02d min", (int)(ms / 60000), (int)(ms / 1000 % 60));
	else
		snprintf(out, n, "%d:%02d h", (int)(ms / 3600000), (int)(ms / 60000 % 60));
}
