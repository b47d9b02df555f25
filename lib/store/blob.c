/*
 * blob.c - large files by content. A blob appears under its name only when its bytes are on disk:
 * written beside (in MICH_DIR/tmp), synced, linked to its name, then the folder is synced. Many
 * files are synced by one syncfs() instead of an fsync() each.
 */
#define _GNU_SOURCE
#include "lib/store/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"

enum { BLOCK_BYTES = 1 << 18, SYNC_ALL_FROM = 8 };

struct blobs {
	char *dir, *tmp, *lfs;
};

struct blob_item {
	char sha256[HASH_HEX + 1];
	char *path; /* the bytes until they have their name */
	bool ours;  /* path is in tmp: removed when not committed */
	int64_t size;
};

struct blob_batch {
	const struct blobs *b;
	struct blob_item *v;
	size_t n, cap;
};

struct blobs *blobs_new(const char *mich_dir, const char *lfs_dir)
{
	struct blobs *b = xcalloc(1, sizeof(*b));

	b->dir = path_join(mich_dir, "blobs");
	b->tmp = path_join(mich_dir, "tmp");
	b->lfs = path_join(lfs_dir, "objects");
	return b;
}

void blobs_free(struct blobs *b)
{
	if (!b)
		return;
	free(b->dir);
	free(b->tmp);
	free(b->lfs);
	free(b);
}

char *blob_path(const struct blobs *b, const char *sha256)
{
	return xasprintf("%s/%.2s/%.2s/%s", b->dir, sha256, sha256 + 2, sha256);
}

char *blob_lfs_path(const struct blobs *b, const char *sha256)
{
	return xasprintf("%s/%.2s/%.2s/%s", b->lfs, sha256, sha256 + 2, sha256);
}

bool blob_exists(const struct blobs *b, const char *sha256, int64_t size)
{
	char *path = blob_path(b, sha256);
	struct stat st;
	bool here =
		lstat(path, &st) == 0 && S_ISREG(st.st_mode) && (size < 0 || st.st_size == size);

	free(path);
	return here;
}

int blob_link_lfs(const struct blobs *b, const char *sha256)
{
	char *from = blob_path(b, sha256), *to = blob_lfs_path(b, sha256);
	int rc = 1;

	if (link(from, to) < 0 && errno == ENOENT && file_make_parents(to) == 0 &&
	    link(from, to) == 0)
		errno = 0;
	else if (!file_exists(to))
		rc = error_errno("cannot link '%s'", to);
	else if (errno == EEXIST)
		rc = 0;
	free(from);
	free(to);
	return rc;
}

struct blob_batch *blob_batch_new(const struct blobs *b)
{
	struct blob_batch *batch = xcalloc(1, sizeof(*batch));

	batch->b = b;
	return batch;
}

static void batch_add(struct blob_batch *batch, const char *sha256, char *path, bool ours,
		      int64_t size)
{
	struct blob_item *it;

	ARRAY_GROW(batch->v, batch->n, batch->cap);
	it = &batch->v[batch->n++];
	*it = (struct blob_item){ .path = path, .ours = ours, .size = size };
	memcpy(it->sha256, sha256, sizeof it->sha256);
}

static int temp_open(const struct blobs *b, char **path_out)
{
	char *path = xasprintf("%s/blob-XXXXXX", b->tmp);
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && file_make_dirs(b->tmp) == 0) {
		free(path);
		path = xasprintf("%s/blob-XXXXXX", b->tmp);
		fd = mkostemp(path, O_CLOEXEC);
	}
	if (fd < 0) {
		error_errno("cannot create '%s'", path);
		free(path);
		return ERR_IO;
	}
	*path_out = path;
	return fd;
}

/* Read in to its end, hashing; each block is written to out as well unless out is -1. */
static int hash_through(int in, int out, const char *path, char sha256[HASH_HEX + 1],
			int64_t *size_out)
{
	char *block = xmalloc(BLOCK_BYTES);
	int64_t size = 0;
	struct hash h;
	ssize_t n;
	int rc = 0;

	hash_init(&h);
	while (!rc && (n = read(in, block, BLOCK_BYTES)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			rc = error_errno("cannot read '%s'", path);
		else if (out >= 0 && file_write_fd(out, block, (size_t)n) < 0)
			rc = error_wrap(ERR_IO, "copy of '%s'", path);
		hash_add(&h, block, n > 0 ? (size_t)n : 0);
		size += n;
	}
	hash_hex(&h, sha256);
	*size_out = size;
	free(block);
	return rc;
}

static bool same_state(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ino == b->st_ino;
}

static int copy_open(struct blob_batch *batch, int in, const char *path, char sha256[HASH_HEX + 1],
		     int64_t *size_out)
{
	struct stat before, after;
	char *temp = NULL;
	int out = temp_open(batch->b, &temp), rc;

	if (out < 0)
		return out;
	rc = fstat(in, &before) < 0 ? error_errno("cannot read '%s'", path) : 0;
	if (!rc && ioctl(out, FICLONE, in) == 0)
		rc = hash_through(out, -1, path, sha256, size_out);
	else if (!rc)
		rc = hash_through(in, out, path, sha256, size_out);
	if (!rc &&
	    (fstat(in, &after) < 0 || !same_state(&before, &after) || after.st_size != *size_out))
		rc = error_set(ERR_EXISTS, "'%s' changed while it was read", path);
	if (!rc && fchmod(out, 0444) < 0)
		rc = error_errno("cannot write '%s'", temp);
	if (close(out) < 0 && !rc)
		rc = error_errno("cannot write '%s'", temp);
	if (rc < 0) {
		unlink(temp);
		free(temp);
		return rc;
	}
	batch_add(batch, sha256, temp, true, *size_out);
	return 0;
}

int blob_add_copy(struct blob_batch *batch, const char *path, char sha256[HASH_HEX + 1],
		  int64_t *size_out)
{
	int in = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (in < 0)
		return error_errno("cannot open '%s'", path);
	rc = copy_open(batch, in, path, sha256, size_out);
	close(in);
	return rc;
}

int blob_add_taken(struct blob_batch *batch, const char *path, char sha256[HASH_HEX + 1],
		   int64_t *size_out)
{
	int in = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), rc;
	struct stat st, home;

	if (in < 0 && errno == EACCES && chmod(path, 0600) == 0)
		in = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (in < 0)
		return error_errno("cannot open '%s'", path);
	if (file_make_dirs(batch->b->tmp) < 0 || stat(batch->b->tmp, &home) < 0 ||
	    fstat(in, &st) < 0)
		rc = error_errno("cannot read '%s'", path);
	else if (st.st_nlink > 1 || st.st_dev != home.st_dev)
		rc = copy_open(batch, in, path, sha256, size_out);
	else if (!(rc = hash_through(in, -1, path, sha256, size_out)))
		batch_add(batch, sha256, xstrdup(path), false, *size_out);
	close(in);
	return rc;
}

int blob_add_data(struct blob_batch *batch, const void *data, size_t n, char sha256[HASH_HEX + 1])
{
	char *temp;
	int out = temp_open(batch->b, &temp), rc;

	if (out < 0)
		return out;
	hash_data(data, n, sha256);
	rc = file_write_fd(out, data, n);
	if (!rc && fchmod(out, 0444) < 0)
		rc = error_errno("cannot write '%s'", temp);
	close(out);
	if (rc < 0) {
		unlink(temp);
		free(temp);
		return rc;
	}
	batch_add(batch, sha256, temp, true, (int64_t)n);
	return 0;
}

static int sync_file(const char *path, bool whole_system)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return error_errno("cannot open '%s'", path);
	if ((whole_system ? syncfs(fd) : fsync(fd)) < 0 && errno != EINVAL)
		rc = error_errno("cannot write '%s' to disk", path);
	close(fd);
	return rc;
}

static int sync_bytes(const struct blob_batch *batch)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < batch->n; i++)
		if (!batch->v[i].ours && chmod(batch->v[i].path, 0444) < 0)
			rc = error_errno("cannot write '%s'", batch->v[i].path);
	if (!rc && batch->n >= SYNC_ALL_FROM)
		return sync_file(batch->v[0].path, true);
	for (size_t i = 0; !rc && i < batch->n; i++)
		rc = sync_file(batch->v[i].path, false);
	return rc;
}

/* Give the bytes their name. An older blob of the same name and size is as good. */
static int place(const struct blobs *b, struct blob_item *it)
{
	char *to = blob_path(b, it->sha256);
	struct stat st;
	int rc = 0;

	if (lstat(to, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == it->size) {
		unlink(it->path);
	} else if (rename(it->path, to) < 0 &&
		   (errno != ENOENT || file_make_parents(to) < 0 || rename(it->path, to) < 0)) {
		rc = error_errno("cannot put '%s' in its place", to);
	}
	if (!rc) {
		free(it->path);
		it->path = NULL;
		if (blob_link_lfs(b, it->sha256) < 0)
			error_clear(); /* no hard links here: our copy is enough */
	}
	free(to);
	return rc;
}

static int sync_names(const struct blob_batch *batch)
{
	struct strlist dirs = STRLIST_INIT;
	int rc = 0;

	if (batch->n >= SYNC_ALL_FROM)
		return sync_file(batch->b->dir, true);
	for (size_t i = 0; i < batch->n; i++) {
		strlist_addf(&dirs, "%s/%.2s/%.2s", batch->b->dir, batch->v[i].sha256,
			     batch->v[i].sha256 + 2);
		strlist_addf(&dirs, "%s/%.2s", batch->b->dir, batch->v[i].sha256);
	}
	strlist_add(&dirs, batch->b->dir);
	for (size_t i = 0; !rc && i < dirs.n; i++)
		rc = file_sync_dir(dirs.v[i]);
	strlist_clear(&dirs);
	return rc;
}

int blob_commit(struct blob_batch *batch)
{
	int rc = batch->n ? sync_bytes(batch) : 0;

	for (size_t i = 0; !rc && i < batch->n; i++)
		rc = place(batch->b, &batch->v[i]);
	if (!rc && batch->n)
		rc = sync_names(batch);
	return rc;
}

void blob_batch_free(struct blob_batch *batch)
{
	if (!batch)
		return;
	for (size_t i = 0; i < batch->n; i++) {
		if (batch->v[i].path && batch->v[i].ours)
			unlink(batch->v[i].path);
		free(batch->v[i].path);
	}
	free(batch->v);
	free(batch);
}
