/*
 * reply.h - what an HTTP/1.1 server answers, read from bytes. Nobody vouches for the server, so what
 * could be read in two ways is refused.
 */
#ifndef MICH_SERVE_CLIENT_REPLY_H
#define MICH_SERVE_CLIENT_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	REPLY_HEAD_BYTES = 64 << 10, /* of a head, at most */
	REPLY_LINE_BYTES = 4096,     /* of a line between chunks */
	REPLY_BODY_BYTES = 1 << 30,
};

struct reply {
	int status;	/* 100 to 999 */
	int64_t length; /* of the body; -1: in chunks, or up to the connection's end */
	bool chunked, close;
	int64_t retry_s; /* Retry-After; 1 where it is not said or is a date */
};

/* Bytes of the head that text begins with; 0: it is not whole yet. ERR_CORRUPT. */
int reply_head(const char *text, size_t n, struct reply *out);

/*
 * Bytes of the line before a chunk, whose size is *size_out; 0: it is not whole yet. ERR_CORRUPT.
 * After a chunk of 0 bytes come lines up to an empty one: reply_trailer.
 */
int reply_chunk(const char *text, size_t n, size_t *size_out);
int reply_trailer(const char *text, size_t n, bool *last_out);

#endif
