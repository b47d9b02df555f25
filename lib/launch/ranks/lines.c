/* lines.c - cut at newlines. */
#include "lib/launch/ranks/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

static void keep(struct lines_tail *t, const char *line, size_t n)
{
	free(t->v[t->at]);
	t->v[t->at] = xstrndup(line, n);
	t->at = (t->at + 1) % RANKS_LINES;
	t->n += t->n < RANKS_LINES;
}

static void put(struct lines *l, const char *line, size_t n, struct buf *out)
{
	buf_addstr(out, l->prefix);
	buf_add(out, line, n);
	buf_addch(out, '\n');
	keep(l->tail, line, n);
}

void lines_add(struct lines *l, const char *data, size_t n, struct buf *out)
{
	while (n) {
		const char *end = memchr(data, '\n', n);
		size_t len = end ? (size_t)(end - data) : n;
		size_t room = LINES_MAX_BYTES - l->held.len;

		if (len > room) {
			len = room;
			end = NULL;
		}
		buf_add(&l->held, data, len);
		if (end || l->held.len == LINES_MAX_BYTES) {
			put(l, l->held.data, l->held.len, out);
			buf_reset(&l->held);
		}
		data += len + (end != NULL);
		n -= len + (end != NULL);
	}
}

void lines_end(struct lines *l, struct buf *out)
{
	if (l->held.len)
		put(l, l->held.data, l->held.len, out);
	buf_reset(&l->held);
}

void lines_clear(struct lines *l)
{
	buf_clear(&l->held);
}

static const char *line_at(const struct lines_tail *t, size_t i)
{
	return t->v[(t->at + RANKS_LINES - t->n + i) % RANKS_LINES];
}

void lines_tail_text(const struct lines_tail *t, char *out, size_t size)
{
	size_t used = 0, first = t->n;

	while (first > 0 && used + strlen(line_at(t, first - 1)) + 2 <= size)
		used += strlen(line_at(t, --first)) + 1;
	*out = '\0';
	for (size_t i = first, at = 0; i < t->n; i++)
		at += (size_t)snprintf(out + at, size - at, "%s%s", i > first ? "\n" : "",
				       line_at(t, i));
	if (first == t->n && t->n) /* one line fills it all */
		snprintf(out, size, "%s", line_at(t, t->n - 1));
}

const char *lines_tail_last(const struct lines_tail *t)
{
	for (size_t i = t->n; i > 0; i--) {
		const char *line = line_at(t, i - 1);

		if (line[strspn(line, " \t\r")])
			return line;
	}
	return "";
}

void lines_tail_clear(struct lines_tail *t)
{
	for (size_t i = 0; i < RANKS_LINES; i++)
		free(t->v[i]);
	*t = (struct lines_tail){ 0 };
}
