/* sink.c - mask and write. */
#define _GNU_SOURCE
#include "lib/launch/sink.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"

int sink_open(struct sink *s, const char *path)
{
	s->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (s->fd < 0)
		return error_errno("cannot open log '%s'", path);
	s->path = path;
	return 0;
}

/* Is rank among "0,2"? */
static bool is_listed(const char *list, long rank)
{
	while (*list) {
		char *end;

		if (strtol(list, &end, 10) == rank)
			return true;
		list = *end ? end + 1 : end;
	}
	return false;
}

/* "[r3] ..." and "[r3!] ..." of ranks that are not wanted; all else is. */
static bool is_wanted(const char *list, const char *line)
{
	char *end;
	long rank;

	if (strncmp(line, "[r", 2) || !isdigit((unsigned char)line[2]))
		return true;
	rank = strtol(line + 2, &end, 10);
	end += *end == '!';
	return *end != ']' || is_listed(list, rank);
}

/* A line that begins takes the place of the progress line that stands there on a terminal. */
static int show(struct sink *s, const char *data, size_t n)
{
	const char *terminal = getenv("TERM");

	if (!s->within && terminal && strcmp(terminal, "dumb") && isatty(STDERR_FILENO))
		file_write_fd(STDERR_FILENO, "\r\033[K", 4);
	s->within = n && data[n - 1] != '\n';
	return file_write_fd(STDERR_FILENO, data, n);
}

static int echo_line(struct sink *s)
{
	int rc = is_wanted(s->echo_ranks, s->line.data) ? show(s, s->line.data, s->line.len) : 0;

	buf_reset(&s->line);
	return rc;
}

/* To our stderr, of which only whole lines can be told apart. */
static int echo(struct sink *s, const char *data, size_t n)
{
	if (!s->echo_ranks)
		return show(s, data, n);
	while (n) {
		const char *end = memchr(data, '\n', n);
		size_t len = end ? (size_t)(end - data) + 1 : n;

		buf_add(&s->line, data, len);
		if (end && echo_line(s) < 0)
			return ERR_IO;
		data += len;
		n -= len;
	}
	return 0;
}

static int put(struct sink *s, const char *data, size_t n)
{
	int rc = 0;

	if (s->fd >= 0)
		rc = file_write_fd(s->fd, data, n);
	if (rc < 0)
		return error_wrap(rc, "log '%s'", s->path);
	if (s->echo && echo(s, data, n) < 0)
		s->echo = false; /* nobody reads it any more */
	return 0;
}

/* The longest masked word that data begins with: its length; 0: none. */
static size_t word_at(const struct sink *s, const char *data, size_t n)
{
	size_t best = 0;

	for (size_t i = 0; s->mask && i < s->mask->n; i++) {
		size_t len = strlen(s->mask->v[i]);

		if (len > best && len <= n && memcmp(data, s->mask->v[i], len) == 0)
			best = len;
	}
	return best;
}

/* May data, which ends here, go on into a masked word? */
static bool may_begin(const struct sink *s, const char *data, size_t n)
{
	for (size_t i = 0; s->mask && i < s->mask->n; i++)
		if (strlen(s->mask->v[i]) > n && memcmp(data, s->mask->v[i], n) == 0)
			return true;
	return false;
}

static int put_masked(struct sink *s, bool last)
{
	const char *data = s->held.data;
	size_t n = s->held.len, from = 0, at = 0;
	int rc = 0;

	while (at < n && rc == 0) {
		size_t word;

		if (!last && may_begin(s, data + at, n - at))
			break;
		word = word_at(s, data + at, n - at);
		if (!word) {
			at++;
			continue;
		}
		rc = put(s, data + from, at - from);
		if (rc == 0)
			rc = put(s, "***", 3);
		from = at += word;
	}
	if (rc == 0)
		rc = put(s, data + from, at - from);
	memmove(s->held.data, data + at, n - at);
	s->held.len = n - at;
	return rc;
}

int sink_add(struct sink *s, const char *data, size_t n)
{
	if (s->capture) {
		if (s->capture->len + n > s->capture_max)
			return error_set(ERR_INPUT, "the program printed more than %zu bytes",
					 s->capture_max);
		buf_add(s->capture, data, n);
		return 0;
	}
	if (!s->mask || !s->mask->n)
		return put(s, data, n);
	buf_add(&s->held, data, n);
	return put_masked(s, false);
}

int sink_flush(struct sink *s)
{
	int rc = s->held.len ? put_masked(s, true) : 0;

	if (s->line.len && s->echo)
		echo_line(s);
	return rc;
}

void sink_close(struct sink *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	buf_clear(&s->line);
	buf_clear(&s->held);
}

void sink_hide(const struct strlist *mask, const char *text, struct buf *out)
{
	struct sink s = { .mask = mask };

	while (*text) {
		size_t word = word_at(&s, text, strlen(text));

		if (word)
			buf_addstr(out, "***");
		else
			buf_addch(out, *text);
		text += word ? word : 1;
	}
}
