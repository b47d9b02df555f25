/* log.c - the end of a program's log, and words for a shell. */
#define _GNU_SOURCE
#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/launch/process.h"

enum { TAIL_BYTES = 1 << 16 };

/* Bytes that an escape sequence at s takes: CSI ... final byte, OSC ... BEL, or two. */
static size_t escape_bytes(const char *s, size_t n)
{
	size_t i = 2;

	if (n < 2)
		return n;
	if (s[1] == '[')
		while (i < n && !(s[i] >= '@' && s[i] <= '~'))
			i++;
	else if (s[1] == ']')
		while (i < n && s[i] != '\a')
			i++;
	else
		return 2;
	return i < n ? i + 1 : n;
}

/*
 * A line as a terminal leaves it: what follows its last carriage return, without control codes, and
 * a question mark for each byte that is no text.
 */
static void add_line(struct buf *out, const char *s, size_t n)
{
	size_t start = 0, len;

	while (n && s[n - 1] == '\r')
		n--;
	for (size_t i = 0; i < n; i++)
		if (s[i] == '\r')
			start = i + 1;
	for (size_t i = start; i < n;) {
		if (s[i] == '\033') {
			i += escape_bytes(s + i, n - i);
			continue;
		}
		len = utf8_bytes(s + i, n - i);
		if (len > 1 || s[i] == '\t' || (len == 1 && !iscntrl((unsigned char)s[i])))
			buf_add(out, s + i, len);
		else if (!len)
			buf_addch(out, '?');
		i += len ? len : 1;
	}
}

/* Where the last lines of text begin. */
static size_t last_lines(const char *text, size_t n, int lines)
{
	size_t at = n;

	while (at > 0) {
		if (text[at - 1] == '\n' && at != n && --lines <= 0)
			break;
		at--;
	}
	return at;
}

static char *clean(const char *text, size_t n)
{
	struct buf out = BUF_INIT;

	for (size_t at = 0; at < n;) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t len = end ? (size_t)(end - text) - at : n - at;

		if (out.len)
			buf_addch(&out, '\n');
		add_line(&out, text + at, len);
		at += len + 1;
	}
	return buf_take(&out);
}

char *process_log_tail(const char *path, int lines)
{
	char *text, *tail;
	off_t size;
	ssize_t n;
	size_t from;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || lines <= 0) {
		if (fd >= 0)
			close(fd);
		return xstrdup("");
	}
	size = lseek(fd, 0, SEEK_END);
	text = xmalloc(TAIL_BYTES);
	n = pread(fd, text, TAIL_BYTES, size > TAIL_BYTES ? size - TAIL_BYTES : 0);
	close(fd);
	while (n > 0 && text[n - 1] == '\n')
		n--;
	from = n > 0 ? last_lines(text, (size_t)n, lines) : 0;
	tail = n > 0 ? clean(text + from, (size_t)n - from) : xstrdup("");
	free(text);
	return tail;
}

char *process_plain(const char *text)
{
	return clean(text, strlen(text));
}

char *process_quote(const char *s)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_-./,:=@%+";
	struct buf b = BUF_INIT;

	if (*s && s[strspn(s, safe)] == '\0')
		return xstrdup(s);
	buf_addch(&b, '\'');
	for (; *s; s++)
		if (*s == '\'')
			buf_addstr(&b, "'\\''");
		else
			buf_addch(&b, *s);
	buf_addch(&b, '\'');
	return buf_take(&b);
}
