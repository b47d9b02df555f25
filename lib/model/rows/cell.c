/* cell.c - values from text and to text. */
#include "lib/model/rows/cell.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/mem.h"
#include "lib/model/rows/decimal.h"

static const double powers[] = { 1e0,  1e1,  1e2,  1e3,	 1e4,  1e5,  1e6,  1e7,
				 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
				 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

static void trim(const char **text, size_t *n)
{
	while (*n && (**text == ' ' || **text == '\t'))
		(*text)++, (*n)--;
	while (*n && ((*text)[*n - 1] == ' ' || (*text)[*n - 1] == '\t'))
		(*n)--;
}

bool cell_bool(const char *text, size_t n, bool *out)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = { { "true", true }, { "false", false }, { "1", true },   { "0", false },
		      { "t", true },	{ "f", false },	    { "yes", true }, { "no", false },
		      { "y", true },	{ "n", false } };

	trim(&text, &n);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strlen(words[i].word) == n && !strncasecmp(words[i].word, text, n)) {
			*out = words[i].value;
			return true;
		}
	return false;
}

bool cell_int(const char *text, size_t n, int64_t *out)
{
	bool neg = false;
	uint64_t v = 0;
	size_t i = 0;
	double d;

	trim(&text, &n);
	if (n && (text[0] == '-' || text[0] == '+'))
		neg = text[i++] == '-';
	for (; i < n && text[i] >= '0' && text[i] <= '9' && v <= UINT64_MAX / 10 - 1; i++)
		v = v * 10 + (uint64_t)(text[i] - '0');
	if (i == n && n && text[n - 1] >= '0' && v <= (uint64_t)INT64_MAX + neg) {
		*out = neg ? (int64_t)(0 - v) : (int64_t)v;
		return true;
	}
	if (!cell_double(text, n, &d) || !(fabs(d) <= 9007199254740992.0) || d != floor(d))
		return false;
	*out = (int64_t)d;
	return true;
}

/* What the grammar of numbers leaves out but people write. */
static bool named_double(const char *text, size_t n, double *out)
{
	bool neg = n && *text == '-';

	if (n && (*text == '-' || *text == '+'))
		text++, n--;
	if (n == 3 && !strncasecmp(text, "nan", 3))
		*out = NAN;
	else if ((n == 3 && !strncasecmp(text, "inf", 3)) ||
		 (n == 8 && !strncasecmp(text, "infinity", 8)))
		*out = neg ? -INFINITY : INFINITY;
	else
		return false;
	return true;
}

/* The library's own conversion, which is right for any number of digits. */
static bool slow_double(const char *text, size_t n, double *out)
{
	char small[64], *copy = n < sizeof small ? small : xmalloc(n + 1), *end;

	memcpy(copy, text, n);
	copy[n] = '\0';
	*out = strtod(copy, &end);
	n -= (size_t)(end - copy);
	if (copy != small)
		free(copy);
	return n == 0;
}

/* A decimal number on its way in: m * 10^exp, as long as 19 digits are enough for it. */
struct decimal {
	uint64_t m;
	int exp;
	size_t digits; /* in m, without leading zeros */
	bool any, full;
};

static const char *digits_read(const char *p, const char *end, bool fraction, struct decimal *d)
{
	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		d->any = true;
		if (d->digits == 19) {
			d->full = true;
			continue;
		}
		d->m = d->m * 10 + (uint64_t)(*p - '0');
		d->digits += d->m != 0;
		d->exp -= fraction;
	}
	return p;
}

/* The number behind an 'e'; NULL when there is none. */
static const char *exponent_read(const char *p, const char *end, int *out)
{
	bool neg = false;
	int e = 0;

	if (p < end && (*p == '-' || *p == '+'))
		neg = *p++ == '-';
	if (p == end)
		return NULL;
	for (; p < end && *p >= '0' && *p <= '9'; p++)
		e = e < 100000 ? e * 10 + (*p - '0') : e;
	*out = neg ? -e : e;
	return p;
}

/*
 * [+-] digits [. digits] [e [+-] digits]. Up to 19 digits and an exponent of everyday size need no
 * strtod.
 */
bool cell_double(const char *text, size_t n, double *out)
{
	struct decimal d = { 0 };
	const char *p, *end;
	bool neg = false;
	int e = 0;

	trim(&text, &n);
	p = text;
	end = text + n;
	if (p < end && (*p == '-' || *p == '+'))
		neg = *p++ == '-';
	p = digits_read(p, end, false, &d);
	if (p < end && *p == '.')
		p = digits_read(p + 1, end, true, &d);
	if (!d.any)
		return named_double(text, n, out);
	if (p < end && (*p == 'e' || *p == 'E'))
		p = exponent_read(p + 1, end, &e);
	if (p != end)
		return false;
	e += d.exp;
	if (d.full || !decimal_double(d.m, e, out))
		return slow_double(text, n, out);
	if (neg)
		*out = -*out;
	return true;
}

/* From Howard Hinnant's description of the civil calendar: years begin in March. */
int64_t cell_days(int year, int month, int day)
{
	int64_t y = month <= 2 ? (int64_t)year - 1 : year, era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400, doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

void cell_date(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;

	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)(yoe + era * 400 + (*month <= 2));
}

/* Exactly `width` digits from *p. */
static bool number(const char **p, const char *end, int width, int *out)
{
	*out = 0;
	for (int i = 0; i < width; i++, (*p)++) {
		if (*p == end || **p < '0' || **p > '9')
			return false;
		*out = *out * 10 + (**p - '0');
	}
	return true;
}

static bool date(const char **p, const char *end, int64_t *days)
{
	static const int length[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int y, m, d;

	if (!number(p, end, 4, &y) || *p == end || *(*p)++ != '-' || !number(p, end, 2, &m) ||
	    *p == end || *(*p)++ != '-' || !number(p, end, 2, &d))
		return false;
	if (m < 1 || m > 12 || d < 1 || d > length[m - 1] ||
	    (m == 2 && d == 29 && (y % 4 || (y % 100 == 0 && y % 400))))
		return false;
	*days = cell_days(y, m, d);
	return true;
}

/* hh:mm[:ss[.f...]]; a leap second counts as the next second. */
static bool clock_time(const char **p, const char *end, int64_t *us)
{
	int h, m, s = 0;
	int64_t micro = 0, unit = 100000;

	if (!number(p, end, 2, &h) || *p == end || *(*p)++ != ':' || !number(p, end, 2, &m))
		return false;
	if (*p < end && **p == ':') {
		(*p)++;
		if (!number(p, end, 2, &s))
			return false;
		if (*p < end && (**p == '.' || **p == ','))
			for ((*p)++; *p < end && **p >= '0' && **p <= '9'; (*p)++, unit /= 10)
				micro += (**p - '0') * unit;
	}
	*us = ((int64_t)h * 3600 + m * 60 + s) * 1000000 + micro;
	return h < 24 && m < 60 && s <= 60;
}

static bool zone(const char **p, const char *end, int64_t *us)
{
	int h, m = 0, sign;

	*us = 0;
	if (*p < end && (**p == 'Z' || **p == 'z')) {
		(*p)++;
		return true;
	}
	if (*p == end || (**p != '+' && **p != '-'))
		return true;
	sign = *(*p)++ == '-' ? -1 : 1;
	if (!number(p, end, 2, &h))
		return false;
	if (*p < end && **p == ':')
		(*p)++;
	if (*p < end && !number(p, end, 2, &m))
		return false;
	*us = sign * ((int64_t)h * 3600 + m * 60) * 1000000;
	return h <= 23 && m < 60;
}

bool cell_time(const char *text, size_t n, int64_t *us_out)
{
	int64_t days, us = 0, away = 0;
	const char *p, *end;

	trim(&text, &n);
	p = text;
	end = text + n;
	if (!date(&p, end, &days))
		return false;
	if (p < end) {
		if (*p != ' ' && *p != 'T' && *p != 't')
			return false;
		p++;
		if (!clock_time(&p, end, &us) || !zone(&p, end, &away) || p != end)
			return false;
	}
	*us_out = days * 86400000000 + us - away;
	return true;
}

/* m / 10^places with at least one digit before the point and no zeros at its end. */
static void put_decimal(struct buf *b, bool neg, uint64_t m, int places)
{
	char s[32];
	size_t at = sizeof s;

	for (; places > 0 && m % 10 == 0; places--)
		m /= 10;
	for (int n = 0; m || n <= places; n++, m /= 10) {
		if (n == places && places > 0)
			s[--at] = '.';
		s[--at] = (char)('0' + m % 10);
	}
	if (neg)
		s[--at] = '-';
	buf_add(b, s + at, sizeof s - at);
}

/*
 * Floats of everyday size, 1e-4 to 1e6: of 6 to 9 digits the first that read back. The double
 * between is good to 16 digits; where it lies halfway between two floats, the slow way decides.
 */
static bool put_plain_float(struct buf *b, float v)
{
	double x = v < 0 ? -(double)v : (double)v, back;
	int before = 0; /* digits before the point; below 1, less the zeros after it */
	uint64_t bits;

	if (!(x >= 1e-4 && x < 1e6))
		return false;
	for (before = -3; before < 6 && x >= (before < 0 ? 1 / powers[-before] : powers[before]);)
		before++;
	for (int digits = 6; digits <= 9; digits++) {
		int places = digits - before;
		uint64_t m = (uint64_t)rint(x * powers[places]); /* ties to even */

		back = (double)m / powers[places];
		memcpy(&bits, &back, sizeof bits);
		if ((bits & 0x1fffffff) == 0x10000000)
			return false;
		if ((float)back == (float)x) {
			put_decimal(b, v < 0, m, places);
			return true;
		}
	}
	return false;
}

void cell_put_float(struct buf *b, float v)
{
	char s[32];

	if (!isfinite(v)) {
		buf_addstr(b, isnan(v) ? "nan" : v < 0 ? "-inf" : "inf");
		return;
	}
	if (put_plain_float(b, v))
		return;
	for (int digits = 6; digits <= 9; digits++) {
		snprintf(s, sizeof s, "%.*g", digits, (double)v);
		if (digits == 9 || strtof(s, NULL) == v)
			break;
	}
	buf_addstr(b, s);
}

void cell_put_int(struct buf *b, int64_t v)
{
	put_decimal(b, v < 0, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 0);
}

void cell_put_double(struct buf *b, double v)
{
	char s[32];

	if (!isfinite(v)) {
		buf_addstr(b, isnan(v) ? "nan" : v < 0 ? "-inf" : "inf");
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(s, sizeof s, "%.*g", digits, v);
		if (digits == 17 || strtod(s, NULL) == v)
			break;
	}
	buf_addstr(b, s);
}

void cell_put_time(struct buf *b, int64_t us)
{
	int64_t days = us / 86400000000, rest = us % 86400000000;
	int y, m, d, s;

	if (rest < 0)
		rest += 86400000000, days--;
	cell_date(days, &y, &m, &d);
	s = (int)(rest / 1000000);
	buf_addf(b, "%04d-%02d-%02dT%02d:%02d:%02d", y, m, d, s / 3600, s / 60 % 60, s % 60);
	if (rest % 1000000)
		buf_addf(b, ".%06d", (int)(rest % 1000000));
	buf_addch(b, 'Z');
}
