/*
 * reply.c - any bytes as what a server answers: the head, the lines between chunks, the tensors. What
 * is not whole with n bytes is not whole with fewer, and every reading of it ends.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/serve/client/outputs.h"
#include "lib/serve/client/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(int rc, size_t n)
{
	if (rc > 0 && (size_t)rc > n)
		abort();
}

static size_t head(const char *text, size_t n)
{
	struct reply r;
	int rc = reply_head(text, n, &r);

	check(rc, n);
	if (rc <= 0)
		return 0;
	if (r.status < 100 || r.status > 999 || r.length < -1 || r.length > REPLY_BODY_BYTES ||
	    (r.chunked && r.length >= 0) || r.retry_s < 0)
		abort();
	if (reply_head(text, (size_t)rc - 1, &r) != 0) /* one byte is missing */
		abort();
	return (size_t)rc;
}

static void chunks(const char *text, size_t n)
{
	size_t at = 0, size = 1;
	bool last = false;
	int rc = 1;

	while (rc > 0 && size) {
		rc = reply_chunk(text + at, n - at, &size);
		check(rc, n - at);
		at += rc > 0 ? (size_t)rc : 0;
		if (size > n - at || n - at - size < 2)
			return;
		at += size ? size + 2 : 0;
	}
	while (rc > 0 && !last) {
		rc = reply_trailer(text + at, n - at, &last);
		check(rc, n - at);
		at += rc > 0 ? (size_t)rc : 0;
	}
}

static void tensors(const char *text, size_t n)
{
	struct outputs o = { 0 };

	if (!outputs_read(&o, text, n, 2))
		for (size_t i = 0; i < o.n; i++)
			for (int row = 0; row < 2; row++)
				if (o.cols[i].type == FRAME_STRING && !o.cols[i].s[row])
					abort();
	outputs_clear(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *copy = malloc(n ? n : 1); /* so that a read past the end is seen */
	size_t at;

	if (!copy)
		return 0;
	memcpy(copy, data, n);
	at = head(copy, n);
	chunks(copy + at, n - at);
	tensors(copy + at, n - at);
	free(copy);
	return 0;
}
