/* progress.c - one line on stderr, redrawn in place. */
#define _GNU_SOURCE
#include "lib/cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"

enum { FIRST_US = 500000, BETWEEN_US = 100000 };

void progress_start(struct progress *p)
{
	const char *kind = getenv("TERM");
	struct winsize w;

	*p = (struct progress){ .start_us = clock_mono_us(), .columns = 80 };
	p->on = isatty(STDERR_FILENO) == 1 && kind && strcmp(kind, "dumb") != 0;
	if (p->on && ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 1)
		p->columns = w.ws_col;
}

static bool due(const struct progress *p, int64_t now_us)
{
	if (!p->drawn)
		return now_us - p->start_us >= FIRST_US;
	return now_us - p->drawn_us >= BETWEEN_US;
}

/* Bytes of s that fit into columns, never cutting a character. */
static size_t fitting(const char *s, int columns)
{
	size_t i = 0;

	for (; s[i]; i++)
		if (((unsigned char)s[i] & 0xc0) != 0x80 && columns-- == 0)
			break;
	return i;
}

void progress_step(struct progress *p, const char *what, int64_t done, int64_t total,
		   const char *note)
{
	int64_t now = clock_mono_us();
	struct buf line = BUF_INIT;
	char left[32];

	if (!p->on || !due(p, now))
		return;
	buf_addstr(&line, what);
	if (total > 0 && done > 0 && done <= total) {
		double share = (double)done / (double)total;

		clock_span((int64_t)((double)(now - p->start_us) / 1000 * (1 / share - 1)), left,
			   sizeof left);
		buf_addf(&line, " %3d %%, %lld/%lld, %s left", (int)(100 * share), (long long)done,
			 (long long)total, left);
	} else if (done > 0) {
		buf_addf(&line, " %lld", (long long)done);
	} else {
		clock_span((now - p->start_us) / 1000, left, sizeof left);
		buf_addf(&line, " %s", left);
	}
	if (note && *note)
		buf_addf(&line, ", %s", note);
	fprintf(stderr, "\r%.*s\033[K", (int)fitting(line.data, p->columns - 1), line.data);
	fflush(stderr);
	p->drawn = true;
	p->drawn_us = now;
	buf_clear(&line);
}

void progress_end(struct progress *p)
{
	if (p->drawn) {
		fputs("\r\033[K", stderr);
		fflush(stderr);
	}
	p->drawn = false;
}
