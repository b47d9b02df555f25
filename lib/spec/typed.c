/* typed.c - what people type for a value. */
#include "lib/spec/typed.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool typed_int(const char *text, int64_t *out)
{
	const char *p = text + (*text == '-');
	long long v;

	if (!*p)
		return false;
	for (; *p; p++)
		if (!is_digit(*p))
			return false;
	errno = 0;
	v = strtoll(text, NULL, 10);
	if (errno)
		return false;
	*out = v;
	return true;
}

/* strtod also takes blanks, hexadecimals, nan and inf, which no key means. */
bool typed_double(const char *text, double *out)
{
	const char *first = text + (*text == '-' || *text == '+');
	char *end;
	double v;

	if (!is_digit(*first) && !(*first == '.' && is_digit(first[1])))
		return false;
	if (first[strspn(first, "0123456789.eE+-")])
		return false;
	v = strtod(text, &end);
	if (*end || !isfinite(v))
		return false;
	*out = v;
	return true;
}

bool typed_bool(const char *text, bool *out)
{
	static const char *const yes[] = { "yes", "true", "on", "1" };
	static const char *const no[] = { "no", "false", "off", "0" };

	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (strcasecmp(text, yes[i]) && strcasecmp(text, no[i]))
			continue;
		*out = !strcasecmp(text, yes[i]);
		return true;
	}
	return false;
}

bool typed_size(const char *text, int64_t *bytes_out)
{
	static const char units[] = "kmgt";
	size_t digits = strspn(text, "0123456789");
	const char *unit = text + digits, *at;
	int shift = 0;
	long long v;

	if (!digits)
		return false;
	errno = 0;
	v = strtoll(text, NULL, 10);
	if (*unit && (at = strchr(units, tolower((unsigned char)*unit)))) {
		shift = 10 * (int)(at - units + 1);
		unit++;
		if (!strcasecmp(unit, "ib"))
			unit += 2;
	}
	if (!strcasecmp(unit, "b"))
		unit++;
	if (errno || *unit || v > INT64_MAX >> shift)
		return false;
	*bytes_out = v << shift;
	return true;
}

bool typed_span(const char *text, int64_t *ms_out)
{
	const char *unit = text + strspn(text, "0123456789.");
	int64_t ms;

	if (!is_digit(*text) || (*unit && unit[1]))
		return false;
	if (clock_parse_span(text, &ms) < 0) {
		error_clear();
		return false;
	}
	*ms_out = ms;
	return true;
}

int typed_choice(const char *text, const char *choices)
{
	size_t n = strlen(text);

	for (int i = 0;; i++) {
		size_t len = strcspn(choices, "|");

		if (len == n && !strncmp(choices, text, n))
			return i;
		if (!choices[len])
			return -1;
		choices += len + 1;
	}
}

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

/* One item from p on; gives the comma or the end after it, NULL where it is malformed. */
static const char *read_item(const char *p, struct buf *item)
{
	if (*p != '"') {
		size_t n = strcspn(p, ",");
		const char *end = p + n;

		while (n && strchr(" \t\r\n", p[n - 1]))
			n--;
		buf_add(item, p, n);
		return end;
	}
	for (p++; *p && (*p != '"' || p[1] == '"'); p++) {
		p += *p == '"';
		buf_addch(item, *p);
	}
	if (*p != '"')
		return NULL;
	p = skip_blanks(p + 1);
	return *p && *p != ',' ? NULL : p;
}

bool typed_list(const char *text, struct strlist *out)
{
	struct buf item = BUF_INIT;
	bool good;

	do {
		buf_reset(&item);
		text = read_item(skip_blanks(text), &item);
		good = text && item.len;
		if (good)
			strlist_add(out, item.data);
	} while (good && *text++ == ',');
	buf_clear(&item);
	return good;
}

json_t *typed_json(const char *text)
{
	int64_t whole;
	double real;

	if (text[0] == '0' && is_digit(text[1]))
		return json_string(text);
	if (typed_int(text, &whole))
		return json_integer(whole);
	if (typed_double(text, &real))
		return json_number(real);
	if (!strcmp(text, "true") || !strcmp(text, "false"))
		return json_boolean(*text == 't');
	return json_string(text);
}
