/* digits.c - numbers, bytes and times for people. */
#include "lib/page/digits.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/mem.h"

enum { TEXT_MAX = 64 };

/* "1234567" as "1,234,567"; a sign and what follows the digits stay. */
static void add_grouped(const char *text, struct buf *out)
{
	size_t sign = *text == '-', digits = strspn(text + sign, "0123456789");

	buf_addstr(out, sign ? "\xe2\x88\x92" : "");
	for (size_t i = 0; i < digits; i++) {
		if (i && (digits - i) % 3 == 0)
			buf_addch(out, ',');
		buf_addch(out, text[sign + i]);
	}
	buf_addstr(out, text + sign + digits);
}

/* "1.042e+15" as "1.042e15". */
static void drop_plus(char *text)
{
	char *e = strchr(text, 'e'), *from;

	if (!e)
		return;
	from = e + 1 + (e[1] == '+' || e[1] == '-');
	while (*from == '0' && from[1])
		from++;
	memmove(e + 1 + (e[1] == '-'), from, strlen(from) + 1);
}

void digits_text(double v, struct buf *out)
{
	char text[TEXT_MAX];

	if (isnan(v)) {
		buf_addstr(out, "n/a");
		return;
	}
	if (isinf(v)) {
		buf_addstr(out, v > 0 ? "\xe2\x88\x9e" : "\xe2\x88\x92\xe2\x88\x9e");
		return;
	}
	if (fabs(v) < 1e12 && (v == floor(v) || fabs(v) >= 1000)) {
		snprintf(text, sizeof text, "%.0f", v == 0 ? 0.0 : v);
	} else {
		snprintf(text, sizeof text, "%.4g", v);
		drop_plus(text);
	}
	add_grouped(text, out);
}

/* "+0.34", "-1.2" with a real minus, "0". */
static void add_signed(double v, struct buf *out)
{
	if (v > 0)
		buf_addch(out, '+');
	digits_text(v, out);
}

void digits_bytes_text(double bytes, struct buf *out)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
	size_t u = 0;

	for (; fabs(bytes) >= 1024 && u < ARRAY_LEN(units) - 1; u++)
		bytes /= 1024;
	buf_addf(out, u ? "%.1f %s" : "%.0f %s", bytes, units[u]);
}

double digits_of(const json_t *v)
{
	return json_is_number(v) ? json_number_value(v) : NAN;
}

void digits_value_text(const json_t *v, struct buf *out)
{
	if (json_is_number(v))
		digits_text(json_number_value(v), out);
	else if (json_is_string(v))
		buf_addstr(out, json_string_value(v));
	else if (v)
		json_canonical(v, out);
}

/* The shortest text that reads back to the same number. */
static void whole_figure(double v, char text[TEXT_MAX])
{
	struct buf b = BUF_INIT;
	json_t *n = v == floor(v) && fabs(v) < 1e15 ? json_integer((json_int_t)v) : json_number(v);

	json_canonical(n, &b);
	snprintf(text, TEXT_MAX, "%.*s", TEXT_MAX - 1, b.data);
	json_decref(n);
	buf_clear(&b);
}

static void put(struct html *h, double v, const char *shown)
{
	char whole[TEXT_MAX];

	if (isnan(v)) {
		html_leaf(h, "span", "none", shown);
		return;
	}
	whole_figure(v, whole);
	html_open(h, "data");
	html_attr(h, "value", whole);
	html_text(h, shown);
	html_close(h);
}

void digits_put(struct html *h, double v)
{
	struct buf b = BUF_INIT;

	digits_text(v, &b);
	put(h, v, b.data);
	buf_clear(&b);
}

int digits_decimals(double largest)
{
	double a = fabs(largest);
	int whole = a > 0 && isfinite(a) ? (int)floor(log10(a)) + 1 : 1;

	return whole >= 4   ? 0
	       : whole > -4 ? 4 - (whole > 0 ? whole : 0) - (whole < 0 ? whole : 0)
			    : 8;
}

void digits_put_fixed(struct html *h, double v, int decimals)
{
	struct buf b = BUF_INIT;
	char text[TEXT_MAX];

	if (isnan(v))
		return;
	if (fabs(v) >= 1e12) {
		digits_put(h, v);
		return;
	}
	snprintf(text, sizeof text, "%.*f", decimals, v);
	if (*text == '-' && strspn(text, "-0.") == strlen(text))
		memmove(text, text + 1, strlen(text));
	add_grouped(text, &b);
	put(h, v, b.data);
	buf_clear(&b);
}

void digits_put_even(struct html *h, double v)
{
	if (v == floor(v) || fabs(v) < 1e-3 || isnan(v))
		digits_put(h, v);
	else
		digits_put_fixed(h, v, digits_decimals(v));
}

void digits_put_signed(struct html *h, double v)
{
	struct buf b = BUF_INIT;

	add_signed(v, &b);
	put(h, v, b.data);
	buf_clear(&b);
}

void digits_put_chance(struct html *h, double p)
{
	char text[TEXT_MAX];

	snprintf(text, sizeof text, p < 0.001 ? "< 0.001" : "%.3f", p);
	put(h, p, isnan(p) ? "" : text);
}

void digits_put_bytes(struct html *h, double bytes)
{
	struct buf b = BUF_INIT;

	digits_bytes_text(bytes, &b);
	put(h, bytes, b.data);
	buf_clear(&b);
}

void digits_put_value(struct html *h, const json_t *v, size_t characters)
{
	struct buf b = BUF_INIT;

	if (json_is_number(v)) {
		digits_put(h, json_number_value(v));
		return;
	}
	digits_value_text(v, &b);
	html_short(h, b.data, characters);
	buf_clear(&b);
}

void digits_put_time(struct html *h, const char *iso)
{
	if (strlen(iso) < 16 || iso[10] != 'T') {
		html_short(h, iso, TEXT_MAX);
		return;
	}
	html_open(h, "time");
	html_attr(h, "datetime", iso);
	html_textn(h, iso, 10);
	html_text(h, " ");
	html_textn(h, iso + 11, 5);
	html_text(h, " UTC");
	html_close(h);
}
