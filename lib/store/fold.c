/*
 * fold.c - make one pack of the many small ones that records leave. An entry without delta is
 * copied as it is: pack, index and .keep of the new one are there before any of the old ones goes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/store/lock.h"
#include "lib/store/pack.h"
#include "lib/store/packfile.h"
#include "lib/store/store.h"

enum { FOLD_FROM = 24, FOLD_MAX_BYTES = 8 << 20 };

/* A pack of ours that may be folded: small, and nobody's new one. */
static bool is_foldable(const char *dir, const char *name, int64_t *size)
{
	char *pack = xasprintf("%s/%s.pack", dir, name), *keep = xasprintf("%s/%s.keep", dir, name);
	char *idx = xasprintf("%s/%s.idx", dir, name);
	struct stat st;
	bool good = strlen(name) == 5 + OID_HEX && !strncmp(name, "pack-", 5) &&
		    stat(pack, &st) == 0 && st.st_size <= FOLD_MAX_BYTES && file_exists(idx) &&
		    !file_exists(keep);

	*size = good ? st.st_size : 0;
	free(pack);
	free(keep);
	free(idx);
	return good;
}

struct candidate {
	const char *name;
	int64_t size;
};

static int candidate_compare(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return x->size < y->size ? -1 : x->size > y->size;
}

/*
 * The small ones, and each larger one while it is no larger than all before it together: so a byte
 * is copied as often as the logarithm of what there is.
 */
static void take_small(struct candidate *v, size_t n, struct strlist *fold)
{
	int64_t sum = 0;

	if (n)
		qsort(v, n, sizeof(*v), candidate_compare);
	for (size_t i = 0; i < n && (i < 2 || v[i].size <= sum); i++) {
		strlist_add(fold, v[i].name);
		sum += v[i].size;
	}
}

/* The names listed that still exist; those to fold are also put into fold. */
static void choose(const char *dir, const struct strlist *listed, struct strlist *alive,
		   struct strlist *fold)
{
	struct candidate *v = xcalloc(listed->n + 1, sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; i < listed->n; i++) {
		char *pack = xasprintf("%s/%s.pack", dir, listed->v[i]);

		if (file_exists(pack) && !strlist_has(alive, listed->v[i])) {
			strlist_add(alive, listed->v[i]);
			if (is_foldable(dir, listed->v[i], &v[n].size))
				v[n++].name = listed->v[i];
		}
		free(pack);
	}
	if (n >= FOLD_FROM)
		take_small(v, n, fold);
	free(v);
}

/* The size of the inflated object from an entry's head; *at goes behind it. -1: a delta, or
 * damaged. */
static int entry_head(const unsigned char *data, size_t n, size_t *at, size_t *size)
{
	size_t i = *at, value;
	unsigned shift = 4;
	int type;

	if (i >= n)
		return -1;
	type = data[i] >> 4 & 7;
	value = data[i] & 15;
	while (data[i] & 0x80) {
		if (++i >= n || shift > 57)
			return -1;
		value |= (size_t)(data[i] & 0x7f) << shift;
		shift += 7;
	}
	*at = i + 1;
	*size = value;
	return type >= OBJECT_COMMIT && type <= OBJECT_TAG ? type : -1;
}

/* Inflate one object of a known size; *at goes behind its bytes. */
static int entry_data(const unsigned char *data, size_t n, size_t *at, size_t size, struct buf *out)
{
	z_stream z = { 0 };
	int rc;

	buf_reset(out);
	buf_grow(out, size + 1);
	if (inflateInit(&z) != Z_OK)
		return -1;
	z.next_in = (unsigned char *)(uintptr_t)data + *at;
	z.avail_in = (uInt)(n - *at);
	z.next_out = (unsigned char *)out->data;
	z.avail_out = (uInt)size + 1;
	rc = inflate(&z, Z_FINISH);
	*at += z.total_in;
	out->len = z.total_out;
	out->data[out->len] = '\0';
	inflateEnd(&z);
	return rc == Z_STREAM_END && out->len == size ? 0 : -1;
}

/* Every object of a pack into p. ERR_CORRUPT when it is not one that pack.c wrote. */
static int fold_one(struct pack *p, const char *path)
{
	struct buf file = BUF_INIT, object = BUF_INIT;
	size_t at = PACK_HEAD_BYTES, size, end;
	int rc = file_read(path, &file), type;

	if (!rc &&
	    (file.len < PACK_HEAD_BYTES + PACK_SUM_BYTES || memcmp(file.data, "PACK\0\0\0\2", 8)))
		rc = error_set(ERR_CORRUPT, "'%s' is no pack", path);
	end = file.len - PACK_SUM_BYTES;
	while (!rc && at < end) {
		const unsigned char *data = (const unsigned char *)file.data;
		size_t start = at;
		struct oid id;

		type = entry_head(data, end, &at, &size);
		if (type < 0 || size > INT32_MAX || entry_data(data, end, &at, size, &object) < 0)
			rc = error_set(ERR_CORRUPT, "'%s' is damaged", path);
		if (rc < 0)
			break;
		object_name((enum object_type)type, object.data, object.len, &id);
		rc = pack_add_raw(p, &id, data + start, at - start);
	}
	buf_clear(&file);
	buf_clear(&object);
	return rc;
}

static void remove_pack(const char *dir, const char *name)
{
	static const char *const ends[] = { "idx", "rev", "bitmap", "pack" };

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		char *path = xasprintf("%s/%s.%s", dir, name, ends[i]);

		unlink(path);
		free(path);
	}
}

/* What was added to the list meanwhile stays listed. */
static int relist(const char *scratch_dir, const struct strlist *gone, const char *made)
{
	struct strlist listed = STRLIST_INIT, left = STRLIST_INIT;
	int rc;

	packfile_list_read(scratch_dir, &listed);
	for (size_t i = 0; i < listed.n; i++)
		if (!strlist_has(gone, listed.v[i]) || !strcmp(listed.v[i], made))
			strlist_add(&left, listed.v[i]);
	rc = packfile_list_write(scratch_dir, &left);
	strlist_clear(&listed);
	strlist_clear(&left);
	return rc;
}

static int fold(struct store *s, const char *scratch_dir, const char *dir,
		const struct strlist *names)
{
	struct pack *p = NULL;
	int rc = pack_begin(s, scratch_dir, &p);

	for (size_t i = 0; !rc && i < names->n; i++) {
		char *path = xasprintf("%s/%s.pack", dir, names->v[i]);

		rc = fold_one(p, path);
		free(path);
	}
	if (!rc)
		rc = pack_finish(p);
	for (size_t i = 0; !rc && i < names->n; i++)
		if (strcmp(names->v[i], pack_name(p)))
			remove_pack(dir, names->v[i]);
	if (!rc)
		rc = relist(scratch_dir, names, pack_name(p));
	pack_release(p);
	return rc;
}

int pack_fold(struct store *s, const char *scratch_dir)
{
	struct strlist listed = STRLIST_INIT, alive = STRLIST_INIT, names = STRLIST_INIT;
	char *dir = path_join(store_objects_dir(s), "pack"),
	     *lock = xasprintf("%s/../locks/packs", scratch_dir);
	struct lock_wait now = { 0 };
	int fd = -1, rc = 0;

	packfile_list_read(scratch_dir, &listed);
	if (listed.n >= FOLD_FROM && lock_take(lock, "packs", &now, &fd) == 0) {
		choose(dir, &listed, &alive, &names);
		if (names.n > 1)
			rc = fold(s, scratch_dir, dir, &names);
		else if (alive.n + FOLD_FROM <= listed.n)
			rc = packfile_list_write(scratch_dir, &alive);
	}
	if (fd >= 0)
		close(fd);
	strlist_clear(&listed);
	strlist_clear(&alive);
	strlist_clear(&names);
	free(dir);
	free(lock);
	return rc;
}
