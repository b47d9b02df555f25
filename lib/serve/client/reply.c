/* reply.c - heads, and the lines between chunks (RFC 9112). */
#define _GNU_SOURCE
#include "lib/serve/client/reply.h"

#include <string.h>
#include <strings.h>

#include "lib/base/error.h"

/* A stretch of text, not ended by a NUL. */
struct span {
	const char *s;
	size_t n;
};

static int endless(const char *what)
{
	return error_set(ERR_CORRUPT, "it answers with an endless %s", what);
}

/* The line at text without its end; its bytes with the end, 0: it is not whole yet. */
static size_t line_at(const char *text, size_t n, struct span *out)
{
	const char *end = memmem(text, n, "\r\n", 2);

	*out = (struct span){ text, end ? (size_t)(end - text) : n };
	return end ? out->n + 2 : 0;
}

static bool is(struct span s, const char *word)
{
	return s.n == strlen(word) && !strncasecmp(s.s, word, s.n);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct span trim(struct span s)
{
	while (s.n && is_blank(*s.s)) {
		s.s++;
		s.n--;
	}
	while (s.n && is_blank(s.s[s.n - 1]))
		s.n--;
	return s;
}

/* Digits alone, up to most; -1: anything else. */
static int64_t number_of(struct span s, int64_t most)
{
	int64_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.s[i] < '0' || s.s[i] > '9')
			return -1;
		v = v * 10 + (s.s[i] - '0');
		if (v > most)
			return -1;
	}
	return s.n ? v : -1;
}

static int set_length(struct reply *r, struct span value)
{
	int64_t n = number_of(value, REPLY_BODY_BYTES);

	if (n < 0 || (r->length >= 0 && r->length != n))
		return error_set(ERR_CORRUPT, "it answers with a length of '%.*s', want up to %d",
				 (int)(value.n < 40 ? value.n : 40), value.s, REPLY_BODY_BYTES);
	r->length = n;
	return 0;
}

static int set_coding(struct reply *r, struct span value)
{
	if (!is(value, "chunked") || r->chunked)
		return error_set(ERR_CORRUPT,
				 "it answers in a transfer coding that nobody asked for");
	r->chunked = true;
	return 0;
}

static int read_field(struct span line, struct reply *r)
{
	const char *colon = memchr(line.s, ':', line.n);
	struct span name, value;

	if (!colon)
		return error_set(ERR_CORRUPT, "it answers with a head that is not HTTP");
	name = (struct span){ line.s, (size_t)(colon - line.s) };
	value = trim((struct span){ colon + 1, line.n - name.n - 1 });
	if (is(name, "content-length"))
		return set_length(r, value);
	if (is(name, "transfer-encoding"))
		return set_coding(r, value);
	if (is(name, "connection"))
		r->close = r->close || is(value, "close");
	else if (is(name, "retry-after")) {
		int64_t s = number_of(value, INT32_MAX);

		r->retry_s = s < 0 ? 1 : s;
	}
	return 0;
}

/* "HTTP/1.1 200 OK"; the words are not asked for. */
static int read_status(struct span line, struct reply *r)
{
	int64_t v = -1;

	if (line.n >= 12 && (!memcmp(line.s, "HTTP/1.1 ", 9) || !memcmp(line.s, "HTTP/1.0 ", 9)) &&
	    (line.n == 12 || line.s[12] == ' '))
		v = number_of((struct span){ line.s + 9, 3 }, 999);
	if (v < 100)
		return error_set(ERR_CORRUPT, "it does not answer in HTTP");
	r->status = (int)v;
	r->close = line.s[7] == '0';
	return 0;
}

int reply_head(const char *text, size_t n, struct reply *out)
{
	const char *end = memmem(text, n, "\r\n\r\n", 4);
	size_t whole = end ? (size_t)(end - text) + 4 : n, at;
	struct span line;
	int rc;

	*out = (struct reply){ .length = -1, .retry_s = 1 };
	if (whole > REPLY_HEAD_BYTES)
		return endless("head");
	if (!end)
		return 0;
	at = line_at(text, whole, &line);
	rc = read_status(line, out);
	while (!rc && at + 2 < whole) {
		at += line_at(text + at, whole - at, &line);
		rc = read_field(line, out);
	}
	if (!rc && out->chunked && out->length >= 0)
		rc = error_set(ERR_CORRUPT, "it answers with a length and in chunks");
	if (!rc && (out->status < 200 || out->status == 204 || out->status == 304)) {
		out->chunked = false; /* these have no body, whatever they say */
		out->length = 0;
	}
	return rc ? rc : (int)whole;
}

static int digit_of(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c | 0x20) : NULL;

	return at && (c >= '0' && (c <= '9' || c >= 'A')) ? (int)(at - digits) : -1;
}

int reply_chunk(const char *text, size_t n, size_t *size_out)
{
	struct span line;
	size_t bytes = line_at(text, n, &line), size = 0, i;

	*size_out = 0;
	if (line.n > REPLY_LINE_BYTES)
		return endless("line");
	if (!bytes)
		return 0;
	for (i = 0; i < line.n && digit_of(line.s[i]) >= 0 && size <= REPLY_BODY_BYTES; i++)
		size = size << 4 | (size_t)digit_of(line.s[i]);
	if (size > REPLY_BODY_BYTES)
		return endless("chunk");
	if (!i || (i < line.n && line.s[i] != ';' && !is_blank(line.s[i])))
		return error_set(ERR_CORRUPT, "it answers with a chunk without a size");
	*size_out = size;
	return (int)bytes;
}

int reply_trailer(const char *text, size_t n, bool *last_out)
{
	struct span line;
	size_t bytes = line_at(text, n, &line);

	if (line.n > REPLY_LINE_BYTES)
		return endless("line");
	*last_out = bytes == 2;
	return (int)bytes;
}
