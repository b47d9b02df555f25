/* stat_cache.c - what a file's bytes hashed to when it last looked like this. */
#define _GNU_SOURCE
#include "lib/record/stat_cache.h"

#include <string.h>
#include <time.h>

#include "lib/base/error.h"
#include "lib/record/inside.h"

enum { GRAIN_NS = 100 * 1000 * 1000 };

static int64_t time_ns(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

static void bind_state(struct statement *st, const char *path, const struct stat *s)
{
	statement_bind_text(st, 1, path);
	statement_bind_int(st, 2, s->st_size);
	statement_bind_int(st, 3, (int64_t)s->st_ino);
	statement_bind_int(st, 4, time_ns(&s->st_mtim));
	statement_bind_int(st, 5, time_ns(&s->st_ctim));
}

static bool lookup(struct repo *r, const char *sql, const char *path, const struct stat *s,
		   char *out, size_t n)
{
	struct statement *st;
	bool found = false;

	if (statement_open(r->index, sql, &st) < 0) {
		error_clear();
		return false;
	}
	bind_state(st, path, s);
	if (statement_step(st) == 1 && statement_text(st, 0) &&
	    strlen(statement_text(st, 0)) == n) {
		memcpy(out, statement_text(st, 0), n + 1);
		found = true;
	}
	statement_close(st);
	return found;
}

#define WHERE_SAME \
	" FROM stat_cache WHERE path = ?1 AND size = ?2 AND inode = ?3 AND mtime_ns = ?4 AND ctime_ns = ?5"

bool stat_cache_sha256(struct repo *r, const char *path, const struct stat *st,
		       char out[HASH_HEX + 1])
{
	return lookup(r, "SELECT sha256" WHERE_SAME, path, st, out, HASH_HEX);
}

bool stat_cache_oid(struct repo *r, const char *path, const struct stat *st, struct oid *out)
{
	char hex[OID_HEX + 1];

	return lookup(r, "SELECT gitoid" WHERE_SAME, path, st, hex, OID_HEX) && oid_parse(hex, out);
}

static bool is_young(const struct stat *st)
{
	struct timespec now;
	int64_t newest = time_ns(&st->st_mtim) > time_ns(&st->st_ctim) ? time_ns(&st->st_mtim)
								       : time_ns(&st->st_ctim);

	clock_gettime(CLOCK_REALTIME, &now);
	return time_ns(&now) - newest < (newest % 1000000000 ? GRAIN_NS : 2 * (int64_t)1000000000);
}

void stat_cache_put(struct repo *r, const char *path, const struct stat *s, const char *sha256,
		    const struct oid *oid)
{
	static const char put[] =
		"INSERT INTO stat_cache(path, size, inode, mtime_ns, ctime_ns, sha256, gitoid)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(path) DO UPDATE SET"
		" sha256 = coalesce(?6, CASE WHEN size = ?2 AND inode = ?3 AND mtime_ns = ?4 AND ctime_ns = ?5"
		" THEN sha256 END),"
		" gitoid = coalesce(?7, CASE WHEN size = ?2 AND inode = ?3 AND mtime_ns = ?4 AND ctime_ns = ?5"
		" THEN gitoid END),"
		" size = ?2, inode = ?3, mtime_ns = ?4, ctime_ns = ?5";
	struct statement *st;
	char hex[OID_HEX + 1];

	if (!r->writable || is_young(s))
		return;
	if (statement_open(r->index, put, &st) == 0) {
		bind_state(st, path, s);
		statement_bind_text(st, 6, sha256);
		if (oid)
			oid_hex(oid, hex);
		statement_bind_text(st, 7, oid ? hex : NULL);
		if (statement_run(st) < 0)
			error_clear(); /* it costs a hash the next time */
		statement_close(st);
	} else {
		error_clear();
	}
}
