/*
 * contents.h - the listing that names a version's bytes: a line a file, `mode sha256 size path`,
 * sorted by the bytes of the path; mode 644, 755 or link; the path quoted as git quotes. The
 * SHA-256 of the listing is the version's content.
 */
#ifndef MICH_RECORD_CONTENT_CONTENTS_H
#define MICH_RECORD_CONTENT_CONTENTS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/hash.h"

enum contents_mode { CONTENTS_FILE, CONTENTS_PROGRAM, CONTENTS_LINK };

struct contents_line {
	enum contents_mode mode;
	char sha256[HASH_HEX + 1];
	int64_t size;
	char *path;
};

struct contents {
	struct contents_line *v;
	size_t n, cap;
};

#define CONTENTS_INIT \
	{             \
		0     \
	}

void contents_add(struct contents *c, enum contents_mode mode, const char *sha256, int64_t size,
		  const char *path);
void contents_sort(struct contents *c);
void contents_write(const struct contents *c, struct buf *out);
void contents_hash(const struct contents *c, char out[HASH_HEX + 1]);
void contents_clear(struct contents *c);

/* Lines in any order are refused, as are paths that leave the folder. ERR_CORRUPT. */
int contents_parse(const char *data, size_t n, struct contents *out);

/* The line of path; NULL: none. */
const struct contents_line *contents_find(const struct contents *c, const char *path);

/* Append path as git prints it: "a\tb" in double quotes when it holds anything but plain ASCII. */
void path_quote(const char *path, struct buf *out);

/* The reverse, of exactly n bytes. ERR_CORRUPT. */
int path_unquote(const char *text, size_t n, struct buf *out);

/* A relative path without empty, "." or ".." parts. */
int path_is_inside(const char *path);

#endif
