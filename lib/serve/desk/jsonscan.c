/* jsonscan.c - one value after the other. */
#include "lib/serve/desk/jsonscan.h"

#include <math.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/model/rows/cell.h"
#include "lib/model/rows/decimal.h"

enum { DEEPEST = 64 };

void jsonscan_init(struct jsonscan *s, const char *data, size_t n)
{
	s->at = s->begin = data;
	s->end = data + n;
}

void jsonscan_clear(struct jsonscan *s)
{
	buf_clear(&s->text);
}

int jsonscan_bad(const struct jsonscan *s, const char *at, const char *why)
{
	return error_set(ERR_CORRUPT, "malformed JSON at byte %zu: %s", (size_t)(at - s->begin),
			 why);
}

int jsonscan_want(const struct jsonscan *s, const char *want)
{
	if (s->at == s->end)
		return error_set(ERR_CORRUPT, "malformed JSON at byte %zu: it ends, want %s",
				 (size_t)(s->at - s->begin), want);
	return error_set(ERR_CORRUPT, "malformed JSON at byte %zu: want %s",
			 (size_t)(s->at - s->begin), want);
}

static inline void blanks(struct jsonscan *s)
{
	while (s->at < s->end &&
	       (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
		s->at++;
}

enum jsonscan_kind jsonscan_kind(struct jsonscan *s)
{
	blanks(s);
	if (s->at == s->end)
		return JSONSCAN_NOTHING;
	switch (*s->at) {
	case '{':
		return JSONSCAN_OBJECT;
	case '[':
		return JSONSCAN_ARRAY;
	case '"':
		return JSONSCAN_STRING;
	case 't':
	case 'f':
		return JSONSCAN_BOOL;
	case 'n':
		return JSONSCAN_NULL;
	case '-':
	case 'N':
	case 'I':
		return JSONSCAN_NUMBER;
	default:
		return *s->at >= '0' && *s->at <= '9' ? JSONSCAN_NUMBER : JSONSCAN_NOTHING;
	}
}

int jsonscan_open(struct jsonscan *s, char bracket)
{
	blanks(s);
	if (s->at == s->end || *s->at != bracket)
		return jsonscan_want(s, bracket == '{' ? "an object" : "a list");
	s->at++;
	return 0;
}

/* A comma where one belongs, or the end. */
static inline int more(struct jsonscan *s, size_t i, char close)
{
	blanks(s);
	if (s->at < s->end && *s->at == close) {
		s->at++;
		return 0;
	}
	if (!i)
		return s->at < s->end ? 1 : jsonscan_want(s, close == ']' ? "']'" : "'}'");
	if (s->at == s->end || *s->at != ',')
		return jsonscan_want(s, close == ']' ? "',' or ']'" : "',' or '}'");
	s->at++;
	return 1;
}

int jsonscan_item(struct jsonscan *s, size_t i)
{
	return more(s, i, ']');
}

int jsonscan_member(struct jsonscan *s, size_t i, struct jsonscan_text *name)
{
	int rc = more(s, i, '}');

	if (rc <= 0)
		return rc;
	blanks(s);
	if (s->at == s->end || *s->at != '"')
		return jsonscan_want(s, "the name of a member");
	if ((rc = jsonscan_string(s, name)) < 0)
		return rc;
	blanks(s);
	if (s->at == s->end || *s->at != ':')
		return jsonscan_want(s, "':'");
	s->at++;
	return 1;
}

static bool word(struct jsonscan *s, const char *w, size_t n)
{
	if ((size_t)(s->end - s->at) < n || memcmp(s->at, w, n) != 0)
		return false;
	s->at += n;
	return true;
}

/* NaN, Infinity, -Infinity. */
static int named_number(struct jsonscan *s, struct jsonscan_number *out)
{
	out->whole = false;
	if (word(s, "NaN", 3))
		out->d = NAN;
	else if (word(s, "Infinity", 8))
		out->d = INFINITY;
	else if (word(s, "-Infinity", 9))
		out->d = -INFINITY;
	else
		return jsonscan_want(s, "a number");
	return 0;
}

static inline const char *digits(const char *p, const char *end, uint64_t *m)
{
	for (; p < end && (unsigned char)(*p - '0') < 10; p++)
		*m = *m * 10 + (uint64_t)(*p - '0');
	return p;
}

static const char *exponent(const char *p, const char *end, int *out)
{
	bool neg = false;
	const char *from;
	int e = 0;

	if (p < end && (*p == '-' || *p == '+'))
		neg = *p++ == '-';
	for (from = p; p < end && (unsigned char)(*p - '0') < 10; p++)
		e = e < 100000 ? e * 10 + (*p - '0') : e;
	*out += neg ? -e : e;
	return p > from ? p : NULL;
}

/* A whole number of at most 18 digits needs no more than its digits. */
static void whole(uint64_t m, bool neg, struct jsonscan_number *out)
{
	out->i = neg ? -(int64_t)m : (int64_t)m;
	out->d = neg ? -(double)m : (double)m;
	out->whole = true;
}

/* The text is a number: its value by the one way that all rows are read with. */
static void careful(const char *p, size_t n, bool fraction, struct jsonscan_number *out)
{
	cell_double(p, n, &out->d);
	out->whole = !fraction && cell_int(p, n, &out->i);
}

int jsonscan_number(struct jsonscan *s, struct jsonscan_number *out)
{
	const char *p, *end = s->end, *from, *point = NULL;
	bool neg = false, fraction = false;
	uint64_t m = 0;
	size_t count;
	int e = 0;

	blanks(s);
	p = s->at;
	if (p < end && *p == '-')
		neg = true, p++;
	from = p;
	p = digits(p, end, &m);
	count = (size_t)(p - from);
	if (!count)
		return named_number(s, out);
	if (count > 1 && *from == '0')
		return jsonscan_bad(s, from, "a number that begins with 0");
	if (p < end && *p == '.') {
		point = ++p;
		p = digits(p, end, &m);
		if (p == point)
			return jsonscan_bad(s, p, "no digit behind the point");
		count += (size_t)(p - point);
		e = (int)(point - p);
		fraction = true;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		const char *behind = exponent(p + 1, end, &e);

		if (!behind)
			return jsonscan_bad(s, p, "no digit in the exponent");
		p = behind;
		fraction = true;
	}
	if (count <= 18 && !fraction)
		whole(m, neg, out);
	else if (count > 19 || !decimal_double(m, e, &out->d))
		careful(s->at, (size_t)(p - s->at), fraction, out);
	else {
		out->d = neg ? -out->d : out->d;
		out->whole = false;
		if (!fraction)
			careful(s->at, (size_t)(p - s->at), false, out);
	}
	s->at = p;
	return 0;
}

int jsonscan_bool(struct jsonscan *s, bool *out)
{
	blanks(s);
	*out = word(s, "true", 4);
	return *out || word(s, "false", 5) ? 0 : jsonscan_want(s, "true or false");
}

int jsonscan_null(struct jsonscan *s)
{
	blanks(s);
	return word(s, "null", 4) ? 0 : jsonscan_want(s, "null");
}

static int skip_scalar(struct jsonscan *s, enum jsonscan_kind kind)
{
	struct jsonscan_number number;
	struct jsonscan_text text;
	bool flag;

	switch (kind) {
	case JSONSCAN_STRING:
		return jsonscan_string(s, &text);
	case JSONSCAN_NUMBER:
		return jsonscan_number(s, &number);
	case JSONSCAN_BOOL:
		return jsonscan_bool(s, &flag);
	case JSONSCAN_NULL:
		return jsonscan_null(s);
	default:
		return jsonscan_want(s, "a value");
	}
}

int jsonscan_skip(struct jsonscan *s)
{
	struct jsonscan_text name;
	uint64_t objects = 0; /* a bit a level: is it an object? */
	size_t item = 0;      /* 0 only right behind an opening bracket */
	int depth = 0, rc;

	for (;;) {
		enum jsonscan_kind kind = jsonscan_kind(s);

		if (kind == JSONSCAN_OBJECT || kind == JSONSCAN_ARRAY) {
			if (depth == DEEPEST)
				return jsonscan_bad(s, s->at, "nested more than 64 deep");
			s->at++;
			depth++;
			objects = objects << 1 | (kind == JSONSCAN_OBJECT);
			item = 0;
		} else if ((rc = skip_scalar(s, kind)) < 0) {
			return rc;
		} else {
			item = 1;
		}
		while (depth) {
			rc = objects & 1 ? jsonscan_member(s, item, &name) : jsonscan_item(s, item);
			if (rc < 0)
				return rc;
			if (rc)
				break;
			depth--;
			objects >>= 1;
			item = 1;
		}
		if (!depth)
			return 0;
	}
}

int jsonscan_end(struct jsonscan *s)
{
	blanks(s);
	return s->at == s->end ? 0 : jsonscan_want(s, "nothing more");
}
