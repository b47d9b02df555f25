/* inflate.c - zlib, with a bound on what comes out. */
#include "lib/serve/desk/inflate.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

#include "lib/base/error.h"

enum { ANY_HEADER = 15 + 32, STEP = 64 << 10 };

/* One more piece of what comes out. */
static int step(z_stream *z, size_t most, struct buf *out)
{
	int rc;

	buf_grow(out, STEP);
	z->next_out = (Bytef *)out->data + out->len;
	z->avail_out = STEP;
	rc = inflate(z, Z_NO_FLUSH);
	out->len += STEP - z->avail_out;
	out->data[out->len] = '\0';
	if (out->len > most)
		return error_set(ERR_BUSY, "the body is over %zu MiB when uncompressed",
				 most >> 20);
	if (rc == Z_STREAM_END)
		return z->avail_in ? error_set(ERR_CORRUPT, "the compressed body has bytes behind "
							    "its end")
				   : 1;
	if (rc == Z_BUF_ERROR || (rc == Z_OK && !z->avail_in && z->avail_out))
		return error_set(ERR_CORRUPT, "the compressed body is cut off");
	return rc == Z_OK ? 0
			  : error_set(ERR_CORRUPT, "the body is not compressed as its header says");
}

int inflate_bytes(const char *data, size_t n, size_t most, struct buf *out)
{
	z_stream z;
	int rc = 0;

	buf_reset(out);
	if (n > UINT_MAX)
		return error_set(ERR_BUSY, "the compressed body is over 4 GiB");
	memset(&z, 0, sizeof z);
	if (inflateInit2(&z, ANY_HEADER) != Z_OK)
		return error_set(ERR_FAIL, "no memory to uncompress the body");
	z.next_in = (Bytef *)data;
	z.avail_in = (uInt)n;
	while (!rc)
		rc = step(&z, most, out);
	inflateEnd(&z);
	return rc < 0 ? rc : 0;
}
