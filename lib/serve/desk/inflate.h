/* inflate.h - the body of a request that came compressed. */
#ifndef MICH_SERVE_DESK_INFLATE_H
#define MICH_SERVE_DESK_INFLATE_H

#include <stddef.h>

#include "lib/base/buf.h"

/*
 * gzip or zlib by its first bytes, which is what Content-Encoding calls gzip and deflate; out's old
 * text goes. ERR_CORRUPT: it is neither, is cut off or has more behind; ERR_BUSY: more than most
 * bytes.
 */
int inflate_bytes(const char *data, size_t n, size_t most, struct buf *out);

#endif
