/* stat_cache.h - what a file's bytes hashed to when it last looked like this. */
#ifndef MICH_RECORD_CONTENT_STAT_CACHE_H
#define MICH_RECORD_CONTENT_STAT_CACHE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "lib/base/hash.h"
#include "lib/store/oid.h"

struct repo;

/* The SHA-256 of a file of this state, path absolute. False: not known. */
bool stat_cache_sha256(struct repo *r, const char *path, const struct stat *st,
		       char out[HASH_HEX + 1]);
bool stat_cache_oid(struct repo *r, const char *path, const struct stat *st, struct oid *out);

/*
 * Remember, at the next flush; sha256 or oid may be NULL. st is from before the bytes were read. A file younger than
 * the clock's grain is not remembered: it could change again and look the same.
 */
void stat_cache_put(struct repo *r, const char *path, const struct stat *st, const char *sha256,
		    const struct oid *oid);

/* Write what is to be remembered, in one transaction; a failure costs a hash the next time. */
void stat_cache_flush(struct repo *r);
void stat_cache_close(struct repo *r); /* flushes; before the index is closed */

#endif
