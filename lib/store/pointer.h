/* pointer.h - git-lfs pointer files: what git holds in the place of a large file. */
#ifndef MICH_STORE_POINTER_H
#define MICH_STORE_POINTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/hash.h"

enum { POINTER_MAX_BYTES = 1024 };

struct pointer {
	char sha256[HASH_HEX + 1];
	int64_t size;
};

/* False when these bytes are no pointer. Unknown keys are allowed, as git-lfs does. */
bool pointer_parse(const char *data, size_t n, struct pointer *out);
void pointer_write(const char *sha256, int64_t size, struct buf *out);

#endif
