/* html.c - a stack of open tags, and escaping. */
#include "lib/page/html.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/utf8.h"

enum { TEXT_LONGEST = 4000 }; /* of one tooltip */

static const char replacement[] = "\xef\xbf\xbd";

void html_begin(struct html *h, struct buf *out)
{
	*h = (struct html){ .out = out };
}

void html_end(struct html *h)
{
	html_close_to(h, 0);
}

static void settle(struct html *h)
{
	if (h->pending)
		buf_addch(h->out, '>');
	h->pending = false;
}

void html_open(struct html *h, const char *tag)
{
	settle(h);
	buf_addch(h->out, '<');
	buf_addstr(h->out, tag);
	if (h->depth < HTML_DEPTH)
		h->tags[h->depth] = tag;
	h->depth++;
	h->pending = true;
}

void html_attr(struct html *h, const char *name, const char *value)
{
	buf_addch(h->out, ' ');
	buf_addstr(h->out, name);
	buf_addstr(h->out, "=\"");
	html_escape(value, strlen(value), h->out);
	buf_addch(h->out, '"');
}

void html_attrf(struct html *h, const char *name, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	html_attr(h, name, b.data);
	buf_clear(&b);
}

/* What HTML knows to hold nothing, and the shapes of SVG. */
static bool is_empty(const char *tag)
{
	static const char *const tags[] = { "meta", "br",     "hr",	  "col",     "path",
					    "line", "circle", "polyline", "polygon", "rect" };

	for (size_t i = 0; i < ARRAY_LEN(tags); i++)
		if (!strcmp(tag, tags[i]))
			return true;
	return false;
}

void html_close(struct html *h)
{
	const char *tag;

	if (!h->depth)
		return;
	h->depth--;
	tag = h->depth < HTML_DEPTH ? h->tags[h->depth] : "div";
	if (h->pending && is_empty(tag)) {
		buf_addstr(h->out, "/>");
		h->pending = false;
		return;
	}
	settle(h);
	buf_addf(h->out, "</%s>", tag);
}

void html_close_to(struct html *h, size_t depth)
{
	while (h->depth > depth)
		html_close(h);
}

void html_textn(struct html *h, const char *text, size_t n)
{
	settle(h);
	html_escape(text, n, h->out);
}

void html_text(struct html *h, const char *text)
{
	html_textn(h, text, strlen(text));
}

void html_textf(struct html *h, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	html_textn(h, b.data, b.len);
	buf_clear(&b);
}

/* Bytes of the first so many characters. */
static size_t first_characters(const char *text, size_t characters)
{
	size_t at = 0, n = strnlen(text, characters * 4 + 4);

	for (; characters && at < n; characters--) {
		size_t bytes = utf8_bytes(text + at, n - at);

		at += bytes ? bytes : 1;
	}
	return at < n ? at : n;
}

void html_short(struct html *h, const char *text, size_t characters)
{
	size_t n = first_characters(text, characters);
	struct buf whole = BUF_INIT;

	if (!text[n]) {
		html_textn(h, text, n);
		return;
	}
	buf_add(&whole, text, first_characters(text, TEXT_LONGEST));
	html_open(h, "span");
	html_attr(h, "title", whole.data);
	html_textn(h, text, n);
	html_text(h, "\xe2\x80\xa6");
	html_close(h);
	buf_clear(&whole);
}

void html_leaf(struct html *h, const char *tag, const char *class, const char *text)
{
	html_open(h, tag);
	if (class)
		html_attr(h, "class", class);
	html_text(h, text);
	html_close(h);
}

void html_leaff(struct html *h, const char *tag, const char *class, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	html_leaf(h, tag, class, b.data);
	buf_clear(&b);
}

void html_verbatim(struct html *h, const char *text)
{
	settle(h);
	buf_addstr(h->out, text);
}

/* The code point of a sound sequence of n bytes. */
static uint32_t code_point(const char *s, size_t n)
{
	static const unsigned char first[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t c = (unsigned char)s[0] & first[n];

	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	return c;
}

/* Not to be written: C1 controls, what is no character, what turns text around. */
static bool is_unsafe(uint32_t c)
{
	return (c >= 0x7f && c <= 0x9f) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029 || c == 0xfeff ||
	       (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
}

static void escape_ascii(char c, struct buf *out)
{
	unsigned char byte = (unsigned char)c;

	switch (c) {
	case '&':
		buf_addstr(out, "&amp;");
		return;
	case '<':
		buf_addstr(out, "&lt;");
		return;
	case '>':
		buf_addstr(out, "&gt;");
		return;
	case '"':
		buf_addstr(out, "&quot;");
		return;
	case '\'':
		buf_addstr(out, "&#39;");
		return;
	case '\n':
	case '\t':
		buf_addch(out, c);
		return;
	default:
		break;
	}
	if (byte >= 0x20) {
		buf_addch(out, c);
		return;
	}
	buf_addstr(out, "\xe2\x90");
	buf_addch(out, (char)(0x80 + byte));
}

void html_escape(const char *text, size_t n, struct buf *out)
{
	for (size_t at = 0; at < n;) {
		size_t bytes = utf8_bytes(text + at, n - at);

		if (bytes == 1 && text[at] != 0x7f)
			escape_ascii(text[at], out);
		else if (!bytes || is_unsafe(code_point(text + at, bytes)))
			buf_addstr(out, replacement);
		else
			buf_add(out, text + at, bytes);
		at += bytes ? bytes : 1;
	}
}
