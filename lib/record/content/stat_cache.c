/* stat_cache.c - what a file's bytes hashed to when it last looked like this. */
#define _GNU_SOURCE
#include "lib/record/content/stat_cache.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
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

enum { FIND_SHA256, FIND_OID, N_FIND, FLUSH_FROM = 4096 };

#define WHERE_SAME                                                                        \
	" FROM stat_cache WHERE path = ?1 AND size = ?2 AND inode = ?3 AND mtime_ns = ?4" \
	" AND ctime_ns = ?5"

static const char *const find_sql[N_FIND] = {
	[FIND_SHA256] = "SELECT sha256" WHERE_SAME,
	[FIND_OID] = "SELECT gitoid" WHERE_SAME,
};

struct remembered {
	char *path;
	struct stat st;
	char sha256[HASH_HEX + 1], oid[OID_HEX + 1]; /* "": not known */
};

struct stat_cache {
	struct statement *find[N_FIND];
	struct remembered *v;
	size_t n, cap;
};

static struct stat_cache *cache_of(struct repo *r)
{
	if (!r->stats)
		r->stats = xcalloc(1, sizeof(*r->stats));
	return r->stats;
}

static bool lookup(struct repo *r, int which, const char *path, const struct stat *s, char *out,
		   size_t n)
{
	struct stat_cache *c = cache_of(r);
	struct statement *st;
	bool found = false;

	if (!c->find[which] && statement_open(r->index, find_sql[which], &c->find[which]) < 0) {
		error_clear();
		return false;
	}
	st = c->find[which];
	bind_state(st, path, s);
	if (statement_step(st) == 1 && statement_text(st, 0) &&
	    strlen(statement_text(st, 0)) == n) {
		memcpy(out, statement_text(st, 0), n + 1);
		found = true;
	}
	statement_reset(st);
	return found;
}

bool stat_cache_sha256(struct repo *r, const char *path, const struct stat *st,
		       char out[HASH_HEX + 1])
{
	return lookup(r, FIND_SHA256, path, st, out, HASH_HEX);
}

bool stat_cache_oid(struct repo *r, const char *path, const struct stat *st, struct oid *out)
{
	char hex[OID_HEX + 1];

	return lookup(r, FIND_OID, path, st, hex, OID_HEX) && oid_parse(hex, out);
}

static bool is_young(const struct stat *st)
{
	struct timespec now;
	int64_t newest = time_ns(&st->st_mtim) > time_ns(&st->st_ctim) ? time_ns(&st->st_mtim)
								       : time_ns(&st->st_ctim);

	clock_gettime(CLOCK_REALTIME, &now);
	return time_ns(&now) - newest < (newest % 1000000000 ? GRAIN_NS : 2 * (int64_t)1000000000);
}

static const char put[] =
	"INSERT INTO stat_cache(path, size, inode, mtime_ns, ctime_ns, sha256, gitoid)"
	" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(path) DO UPDATE SET"
	" sha256 = coalesce(?6, CASE WHEN size = ?2 AND inode = ?3 AND mtime_ns = ?4"
	" AND ctime_ns = ?5 THEN sha256 END),"
	" gitoid = coalesce(?7, CASE WHEN size = ?2 AND inode = ?3 AND mtime_ns = ?4"
	" AND ctime_ns = ?5 THEN gitoid END),"
	" size = ?2, inode = ?3, mtime_ns = ?4, ctime_ns = ?5";

void stat_cache_put(struct repo *r, const char *path, const struct stat *st, const char *sha256,
		    const struct oid *oid)
{
	struct stat_cache *c = cache_of(r);
	struct remembered *m;

	if (!r->writable || is_young(st))
		return;
	ARRAY_GROW(c->v, c->n, c->cap);
	m = &c->v[c->n++];
	*m = (struct remembered){ .path = xstrdup(path), .st = *st };
	if (sha256)
		memcpy(m->sha256, sha256, sizeof m->sha256);
	if (oid)
		oid_hex(oid, m->oid);
	if (c->n >= FLUSH_FROM)
		stat_cache_flush(r);
}

static int write_all(struct repo *r, const struct stat_cache *c)
{
	struct statement *st;
	int rc = statement_open(r->index, put, &st);

	for (size_t i = 0; !rc && i < c->n; i++) {
		const struct remembered *m = &c->v[i];

		bind_state(st, m->path, &m->st);
		statement_bind_text(st, 6, *m->sha256 ? m->sha256 : NULL);
		statement_bind_text(st, 7, *m->oid ? m->oid : NULL);
		rc = statement_run(st);
	}
	statement_close(st);
	return rc;
}

void stat_cache_flush(struct repo *r)
{
	struct stat_cache *c = cache_of(r);
	bool write = c->n && !*error_text(); /* never at the cost of a reason that is set */
	int rc = write ? index_begin(r->index) : 0;

	if (write && !rc) {
		rc = write_all(r, c);
		if (rc < 0)
			index_rollback(r->index);
		else
			rc = index_commit(r->index);
	}
	if (rc < 0)
		error_clear();
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].path);
	c->n = 0;
}

void stat_cache_close(struct repo *r)
{
	if (!r->stats)
		return;
	if (r->index)
		stat_cache_flush(r);
	for (int i = 0; i < N_FIND; i++)
		statement_close(r->stats->find[i]);
	free(r->stats->v);
	free(r->stats);
	r->stats = NULL;
}
