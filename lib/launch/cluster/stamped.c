/* stamped.c - compare times, skip what was there. */
#include "lib/launch/cluster/stamped.h"

#include <ctype.h>
#include <string.h>

enum { SECONDS_BYTES = 19 /* "2026-11-22T15:44:25" */, LINE_MOST = 1 << 20 };

/* The length of the time that a line of n bytes begins with, before a space; 0: it has none. */
static size_t stamp_length(const char *line, size_t n)
{
	static const char shape[] = "0000-00-00T00:00:00";
	const char *space = memchr(line, ' ', n < STAMP_BYTES ? n : STAMP_BYTES);
	size_t len = space ? (size_t)(space - line) : 0;

	if (len <= SECONDS_BYTES || len >= STAMP_BYTES)
		return 0;
	for (size_t i = 0; i < SECONDS_BYTES; i++)
		if (shape[i] == '0' ? !isdigit((unsigned char)line[i]) : line[i] != shape[i])
			return 0;
	return len;
}

/* The digits behind a dot count as if there were nine. */
static int compare(const char *a, const char *b)
{
	int order = strncmp(a, b, SECONDS_BYTES);
	const char *x = a + SECONDS_BYTES, *y = b + SECONDS_BYTES;

	x += *x == '.';
	y += *y == '.';
	while (!order && (isdigit((unsigned char)*x) || isdigit((unsigned char)*y))) {
		int one = isdigit((unsigned char)*x) ? *x++ : '0';
		int two = isdigit((unsigned char)*y) ? *y++ : '0';

		order = one - two;
	}
	return order;
}

static bool is_new(struct stamped *s, const char *stamp)
{
	int order = *s->last ? compare(stamp, s->last) : 1;

	if (order < 0)
		return false;
	if (order == 0 && s->again < s->taken) {
		s->again++;
		return false;
	}
	if (order > 0)
		s->taken = 0;
	s->again = ++s->taken;
	memcpy(s->last, stamp, STAMP_BYTES);
	return true;
}

static void take_line(struct stamped *s, const char *line, size_t n, struct buf *out)
{
	size_t len = stamp_length(line, n);
	char stamp[STAMP_BYTES] = "";

	memcpy(stamp, line, len);
	if (len && !is_new(s, stamp))
		return;
	buf_add(out, line + len + (len > 0), n - len - (len > 0));
	buf_addch(out, '\n');
}

void stamped_begin(struct stamped *s)
{
	s->again = 0;
	buf_reset(&s->held);
}

void stamped_add(struct stamped *s, const char *data, size_t n, struct buf *out)
{
	const char *end;

	while ((end = memchr(data, '\n', n))) {
		size_t line = (size_t)(end - data);

		buf_add(&s->held, data, line);
		take_line(s, s->held.data, s->held.len, out);
		buf_reset(&s->held);
		data += line + 1;
		n -= line + 1;
	}
	buf_add(&s->held, data, n);
	if (s->held.len > LINE_MOST)
		stamped_end(s, out);
}

void stamped_end(struct stamped *s, struct buf *out)
{
	if (s->held.len)
		take_line(s, s->held.data, s->held.len, out);
	buf_reset(&s->held);
}

void stamped_clear(struct stamped *s)
{
	buf_clear(&s->held);
	*s = (struct stamped){ .held = BUF_INIT };
}
