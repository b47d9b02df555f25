/* jsonscan_text.c - strings: as they lie there, or decoded where they hold escapes. */
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/utf8.h"
#include "lib/serve/desk/jsonscan.h"

/* The four digits of \uXXXX; -1 when they are none. */
static int32_t hex4(const char *p, const char *end)
{
	int32_t v = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = p[i];

		if (c >= '0' && c <= '9')
			v = v * 16 + (c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			v = v * 16 + ((c | 32) - 'a' + 10);
		else
			return -1;
	}
	return v;
}

static void put_utf8(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_addch(b, (char)c);
		return;
	}
	if (c < 0x800) {
		buf_addch(b, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			buf_addch(b, (char)(0xe0 | c >> 12));
		} else {
			buf_addch(b, (char)(0xf0 | c >> 18));
			buf_addch(b, (char)(0x80 | (c >> 12 & 63)));
		}
		buf_addch(b, (char)(0x80 | (c >> 6 & 63)));
	}
	buf_addch(b, (char)(0x80 | (c & 63)));
}

/* \uXXXX, or two of them for what lies beyond; p is behind the u. Bytes taken, 0: none such. */
static size_t unicode(const char *p, const char *end, struct buf *out)
{
	int32_t a = hex4(p, end), b;

	if (a < 0 || (a >= 0xdc00 && a < 0xe000))
		return 0;
	if (a < 0xd800 || a >= 0xe000) {
		put_utf8(out, (uint32_t)a);
		return 4;
	}
	if (end - p < 10 || p[4] != '\\' || p[5] != 'u')
		return 0;
	b = hex4(p + 6, end);
	if (b < 0xdc00 || b >= 0xe000)
		return 0;
	put_utf8(out, 0x10000 + ((uint32_t)(a - 0xd800) << 10) + (uint32_t)(b - 0xdc00));
	return 10;
}

/* The escape behind a backslash at p; bytes taken, 0: there is none such. */
static size_t escape(const char *p, const char *end, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *hit;
	size_t n;

	if (p == end)
		return 0;
	if (*p == 'u')
		return (n = unicode(p + 1, end, out)) ? n + 1 : 0;
	hit = *p ? strchr(from, *p) : NULL;
	if (!hit)
		return 0;
	buf_addch(out, to[hit - from]);
	return 1;
}

/* Is it a byte of ASCII that stands for itself in a string? A bit each: no quote, backslash, control. */
static inline bool stands(unsigned char c)
{
	static const uint64_t set[4] = { 0xfffffffb00000000u, 0xffffffffefffffffu, 0, 0 };

	return set[c >> 6] >> (c & 63) & 1;
}

/* Past the bytes from p on that stand for themselves; NULL with *bad where one may not stand. */
static const char *plain(const char *p, const char *end, const char **bad)
{
	for (;;) {
		size_t n;

		while (p < end && stands((unsigned char)*p))
			p++;
		if (p == end || *p == '"' || *p == '\\')
			return p;
		n = (unsigned char)*p < 32 ? 0 : utf8_bytes(p, (size_t)(end - p));
		if (!n) {
			*bad = p;
			return NULL;
		}
		p += n;
	}
}

int jsonscan_string(struct jsonscan *s, struct jsonscan_text *out)
{
	const char *p, *from, *bad = NULL;
	bool escaped = false;
	size_t n;

	if (jsonscan_kind(s) != JSONSCAN_STRING)
		return jsonscan_want(s, "a string");
	from = p = s->at + 1;
	for (;;) {
		if (!(p = plain(p, s->end, &bad)))
			return jsonscan_bad(s, bad, "a control character or no UTF-8 in a string");
		if (p == s->end)
			return jsonscan_bad(s, p, "it ends inside a string");
		if (*p == '"')
			break;
		if (!escaped)
			buf_reset(&s->text);
		escaped = true;
		buf_add(&s->text, from, (size_t)(p - from));
		if (!(n = escape(p + 1, s->end, &s->text)))
			return jsonscan_bad(s, p, "an escape that JSON does not have");
		from = p += n + 1;
	}
	if (escaped)
		buf_add(&s->text, from, (size_t)(p - from));
	s->at = p + 1;
	out->s = escaped ? s->text.data : from;
	out->n = escaped ? s->text.len : (size_t)(p - from);
	return 0;
}
