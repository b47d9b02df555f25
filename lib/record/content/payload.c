/* payload.c - files on their way into a version's tree. */
#define _GNU_SOURCE
#include "lib/record/content/payload.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"

int payload_begin(struct repo *r, struct payload *out)
{
	*out = (struct payload){ .r = r };
	out->tree = tree_new(r->store, NULL);
	out->batch = blob_batch_new(r->blobs);
	return pack_begin(r->store, r->scratch_dir, &out->pack);
}

void payload_clear(struct payload *p)
{
	tree_free(p->tree);
	blob_batch_free(p->batch);
	pack_release(p->pack);
	*p = (struct payload){ 0 };
}

static int put_blob(struct payload *p, const char *path, unsigned mode, const void *data, size_t n)
{
	struct oid id;
	int rc = pack_add(p->pack, OBJECT_BLOB, data, n, &id);

	return rc < 0 ? rc : tree_put(p->tree, path, mode, &id);
}

static int put_pointer(struct payload *p, const char *path, unsigned mode, const char *sha256,
		       int64_t size)
{
	struct buf b = BUF_INIT;
	int rc;

	pointer_write(sha256, size, &b);
	rc = put_blob(p, path, mode, b.data, b.len);
	buf_clear(&b);
	return rc;
}

/* Bytes that read like a pointer would be taken for one, so they are never a plain git blob. */
static bool is_small(struct payload *p, const void *data, size_t n)
{
	struct pointer pointer;

	if (n > SMALL_FILE_BYTES || p->small_bytes + (int64_t)n > SMALL_TOTAL_BYTES ||
	    pointer_parse(data, n, &pointer))
		return false;
	p->small_bytes += (int64_t)n;
	return true;
}

int payload_add_data(struct payload *p, const char *path, const void *data, size_t n)
{
	char sha256[HASH_HEX + 1];
	int rc;

	if (is_small(p, data, n))
		return put_blob(p, path, TREE_FILE, data, n);
	rc = blob_add_data(p->batch, data, n, sha256);
	return rc < 0 ? rc : put_pointer(p, path, TREE_FILE, sha256, (int64_t)n);
}

int payload_add_json(struct payload *p, const char *path, const json_t *v)
{
	struct buf b = BUF_INIT;
	int rc;

	if (!v)
		return 0;
	json_canonical(v, &b);
	buf_addch(&b, '\n');
	rc = payload_add_data(p, path, b.data, b.len);
	buf_clear(&b);
	return rc;
}

int payload_add_file(struct payload *p, const char *path, const char *from)
{
	char sha256[HASH_HEX + 1];
	struct buf b = BUF_INIT;
	struct stat st;
	int64_t size;
	int rc;

	if (!from || stat(from, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if (st.st_size > SMALL_FILE_BYTES) {
		rc = blob_add_copy(p->batch, from, sha256, &size);
		return rc < 0 ? rc : put_pointer(p, path, TREE_FILE, sha256, size);
	}
	rc = file_read(from, &b);
	if (!rc)
		rc = payload_add_data(p, path, b.data, b.len);
	buf_clear(&b);
	return rc;
}

int payload_add_stored(struct payload *p, const char *path, const struct contents_line *line)
{
	char *from = blob_path(p->r->blobs, line->sha256);
	unsigned mode = line->mode == CONTENTS_PROGRAM ? TREE_PROGRAM : TREE_FILE;
	struct buf b = BUF_INIT;
	int rc = 0;

	if (line->size <= SMALL_FILE_BYTES)
		rc = file_read(from, &b);
	if (!rc && line->size <= SMALL_FILE_BYTES && is_small(p, b.data, b.len))
		rc = put_blob(p, path, mode, b.data, b.len);
	else if (!rc)
		rc = put_pointer(p, path, mode, line->sha256, line->size);
	buf_clear(&b);
	free(from);
	return rc;
}

struct taking {
	struct payload *p;
	const char *prefix;
	struct contents *out;
};

static int take_link(struct taking *t, const char *from, const char *rel, const char *path)
{
	char target[PATH_MAX], sha256[HASH_HEX + 1];
	ssize_t n = readlink(from, target, sizeof target);

	if (n < 0)
		return error_errno("cannot read '%s'", from);
	hash_data(target, (size_t)n, sha256);
	contents_add(t->out, CONTENTS_LINK, sha256, n, rel);
	return put_blob(t->p, path, TREE_LINK, target, (size_t)n);
}

/* A small file is read and becomes a git blob; anything else is hashed where it lies and moved. */
static int take_file(struct taking *t, const char *from, const char *rel, const char *path,
		     const struct stat *st)
{
	bool program = st->st_mode & S_IXUSR;
	unsigned mode = program ? TREE_PROGRAM : TREE_FILE;
	char sha256[HASH_HEX + 1];
	struct buf b = BUF_INIT;
	int64_t size = 0;
	int rc = 0;

	if (st->st_size <= SMALL_FILE_BYTES)
		rc = file_read(from, &b);
	if (!rc && st->st_size <= SMALL_FILE_BYTES && is_small(t->p, b.data, b.len)) {
		hash_data(b.data, b.len, sha256);
		size = (int64_t)b.len;
		rc = put_blob(t->p, path, mode, b.data, b.len);
	} else if (!rc) {
		rc = blob_add_taken(t->p->batch, from, sha256, &size);
		if (!rc)
			rc = put_pointer(t->p, path, mode, sha256, size);
	}
	if (!rc)
		contents_add(t->out, program ? CONTENTS_PROGRAM : CONTENTS_FILE, sha256, size, rel);
	buf_clear(&b);
	return rc;
}

static int take_entry(const char *from, const char *rel, const struct stat *st, void *payload)
{
	struct taking *t = payload;
	char *path;
	int rc = 0;

	if (S_ISDIR(st->st_mode))
		return 0;
	path = path_join(t->prefix, rel);
	if (S_ISLNK(st->st_mode))
		rc = take_link(t, from, rel, path);
	else if (S_ISREG(st->st_mode))
		rc = take_file(t, from, rel, path, st);
	else
		rc = error_set(ERR_INPUT, "'%s' is neither file, folder nor link", from);
	free(path);
	return rc;
}

int payload_take_dir(struct payload *p, const char *prefix, const char *dir, struct contents *out)
{
	struct taking t = { p, prefix, out };
	int rc = file_walk(dir, take_entry, &t);

	contents_sort(out);
	return rc;
}
