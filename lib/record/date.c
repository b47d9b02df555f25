/* date.c - the dates that git's environment may hold. */
#define _GNU_SOURCE
#include "lib/record/date.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/error.h"

/* "Z", "+0100", "+01:00"; what follows must be the end. */
static bool parse_zone(const char *p, int *zone)
{
	int sign = *p == '-' ? -1 : 1, d[4];

	if (!strcmp(p, "Z") || !strcmp(p, "GMT") || !strcmp(p, "UTC")) {
		*zone = 0;
		return true;
	}
	if (*p != '+' && *p != '-')
		return false;
	p++;
	for (int i = 0; i < 4; i++) {
		if (i == 2 && *p == ':')
			p++;
		if (!isdigit((unsigned char)*p))
			return false;
		d[i] = *p++ - '0';
	}
	*zone = sign * ((d[0] * 10 + d[1]) * 60 + d[2] * 10 + d[3]);
	return !*p;
}

static bool parse_raw(const char *text, int64_t *seconds, int *zone)
{
	const char *p = text + (*text == '@');
	char *end;
	long long v;

	if (!isdigit((unsigned char)*p))
		return false;
	v = strtoll(p, &end, 10);
	if (*text != '@' && end - p < 9)
		return false; /* a year, not seconds */
	if (*end == ' ' && !parse_zone(end + 1, zone))
		return false;
	if (*end && *end != ' ')
		return false;
	*seconds = v;
	return true;
}

static bool parse_format(const char *text, const char *format, int64_t *seconds, int *zone)
{
	struct tm tm = { .tm_isdst = -1 };
	const char *p = strptime(text, format, &tm);
	int z;

	if (!p)
		return false;
	if (*p == '.')
		p += 1 + strspn(p + 1, "0123456789");
	p += strspn(p, " ");
	if (!*p) {
		*seconds = (int64_t)mktime(&tm);
		return true;
	}
	if (!parse_zone(p, &z))
		return false;
	*zone = z;
	*seconds = (int64_t)timegm(&tm) - z * 60;
	return true;
}

int date_parse(const char *text, int64_t *seconds, int *zone)
{
	static const char *const formats[] = { "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S",
					       "%a, %d %b %Y %H:%M:%S", "%d %b %Y %H:%M:%S",
					       "%a %b %d %H:%M:%S %Y" };

	if (parse_raw(text, seconds, zone))
		return 0;
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (parse_format(text, formats[i], seconds, zone))
			return 0;
	return error_set(ERR_INPUT, "cannot read the date '%s'", text);
}
