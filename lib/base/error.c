/* error.c - the thread's last reason. */
#define _GNU_SOURCE
#include "lib/base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/mem.h"

enum { TEXT_BYTES = 4096, HINT_BYTES = 1024 };

static _Thread_local char text[TEXT_BYTES];
static _Thread_local char hint[HINT_BYTES];

int error_set(int code, const char *fmt, ...)
{
	char fresh[TEXT_BYTES]; /* the arguments may point into text */
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fresh, sizeof fresh, fmt, ap);
	va_end(ap);
	memcpy(text, fresh, sizeof text);
	hint[0] = '\0';
	return code;
}

int error_errno(const char *fmt, ...)
{
	int saved = errno;
	char fresh[TEXT_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fresh, sizeof fresh, fmt, ap);
	va_end(ap);
	error_set(ERR_IO, "%s: %s", fresh, strerror(saved));
	if (saved == ENOSPC || saved == EDQUOT)
		error_hint(ERR_IO, "make room there, and type it again");
	else if (saved == EMFILE)
		error_hint(ERR_IO, "ulimit -n 1024, or more");
	else if (saved == EFBIG)
		error_hint(ERR_IO, "ulimit -f unlimited");
	return saved == ENOENT ? ERR_NOT_FOUND : ERR_IO;
}

int error_wrap(int code, const char *fmt, ...)
{
	char fresh[TEXT_BYTES], old[TEXT_BYTES];
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	vsnprintf(fresh, sizeof fresh, fmt, ap);
	va_end(ap);
	memcpy(old, text, sizeof old);
	n = strnlen(fresh, sizeof fresh - 3);
	memcpy(fresh + n, ": ", 3);
	memcpy(text, fresh, n + 2);
	memcpy(text + n + 2, old, sizeof text - n - 3);
	text[sizeof text - 1] = '\0';
	return code;
}

int error_hint(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(hint, sizeof hint, fmt, ap);
	va_end(ap);
	return code;
}

const char *error_text(void)
{
	return text;
}

const char *error_hint_text(void)
{
	return hint;
}

char *error_advice(void)
{
	return *hint ? xasprintf("%s: %s", text, hint) : xstrdup(text);
}

void error_clear(void)
{
	text[0] = hint[0] = '\0';
}

int error_exit_status(int code)
{
	switch (code) {
	case 0:
		return 0;
	case ERR_NO:
		return 1;
	case ERR_STEP:
		return 3;
	case ERR_BUSY:
		return 75;
	case ERR_TIMEOUT:
		return 124;
	case ERR_USAGE:
		return 129;
	case ERR_INTERRUPT:
		return 130;
	default:
		return 128;
	}
}
