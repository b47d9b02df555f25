/* mem.c - allocation. */
#define _GNU_SOURCE
#include "lib/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"

static void *checked(void *p)
{
	if (!p) {
		fputs("mich: out of memory\n", stderr);
		exit(128);
	}
	return p;
}

void *xmalloc(size_t n)
{
	return checked(malloc(n ? n : 1));
}

void *xcalloc(size_t n, size_t size)
{
	return checked(calloc(n ? n : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t n)
{
	return checked(realloc(p, n ? n : 1));
}

char *xstrdup(const char *s)
{
	return checked(strdup(s));
}

char *xstrndup(const char *s, size_t n)
{
	return checked(strndup(s, n));
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s = NULL;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	return checked(n < 0 ? NULL : s);
}

bool mem_mul(size_t n, size_t size, size_t *total)
{
	return !__builtin_mul_overflow(n, size, total);
}

int mem_alloc(size_t n, size_t size, void *out)
{
	size_t total;
	void *p;

	if (!mem_mul(n, size, &total))
		return error_set(ERR_INPUT, "%zu elements of %zu bytes do not fit in memory", n,
				 size);
	p = calloc(1, total ? total : 1);
	if (!p)
		return error_set(ERR_FAIL, "cannot get %zu bytes of memory", total);
	*(void **)out = p;
	return 0;
}
