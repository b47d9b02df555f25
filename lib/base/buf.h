/* buf.h - a growing string of bytes, always ended by a NUL that len does not count. */
#ifndef MICH_BASE_BUF_H
#define MICH_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *data; /* never NULL after the first add; BUF_INIT points at "" */
	size_t len, cap;
};

extern char buf_empty[];
#define BUF_INIT                \
	{                       \
		buf_empty, 0, 0 \
	}

void buf_clear(struct buf *b); /* free, back to BUF_INIT */
void buf_reset(struct buf *b); /* len 0, memory kept */
char *buf_take(struct buf *b); /* caller frees; b is BUF_INIT again */
void buf_grow(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *data, size_t n);
void buf_addstr(struct buf *b, const char *s);
void buf_addch(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap);

#endif
