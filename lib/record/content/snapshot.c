/* snapshot.c - one path of the work tree into git, and out again. */
#define _GNU_SOURCE
#include "lib/record/content/snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"
#include "lib/record/content/files.h"
#include "lib/record/content/stat_cache.h"
#include "lib/record/inside.h"
#include "lib/store/worktree.h"

/* An unchanged file costs its stat: git's own index knows its name, or our cache does. */
static int snapshot_file(struct repo *r, struct pack *p, const char *full, const char *path,
			 const struct stat *st, unsigned *mode_out, struct oid *out)
{
	struct buf b = BUF_INIT;
	unsigned mode;
	bool fresh = false;
	int rc;

	*mode_out = worktree_mode(r->store, path, st);
	if (worktree_tracked(r->store, path, st, &mode, out, &fresh) == 1 && fresh)
		return 0;
	if (stat_cache_oid(r, full, st, out) && object_exists(r->store, out))
		return 0;
	rc = worktree_clean(r->store, path, st, &b);
	if (!rc) {
		object_name(OBJECT_BLOB, b.data, b.len, out);
		stat_cache_put(r, full, st, NULL, out);
		rc = pack_add(p, OBJECT_BLOB, b.data, b.len, out);
	}
	buf_clear(&b);
	return rc < 0 ? error_wrap(rc, "code '%s'", path) : 0;
}

static bool is_taken(struct repo *r, const char *path, const struct stat *st)
{
	struct oid id;
	unsigned mode;
	bool fresh;

	if (S_ISDIR(st->st_mode))
		return worktree_tracks_below(r->store, path) || !worktree_ignored(r->store, path);
	return worktree_tracked(r->store, path, st, &mode, &id, &fresh) == 1 ||
	       !worktree_ignored(r->store, path);
}

static int add_entry(struct repo *r, struct pack *p, struct tree *t, const char *path,
		     const char *name)
{
	char *sub = path_join(path, name), *full = path_join(repo_workdir(r), sub);
	struct stat st;
	struct oid id;
	unsigned mode;
	bool fresh;
	int rc = 0;

	if (lstat(full, &st) < 0)
		rc = errno == ENOENT ? 0 : error_errno("cannot read '%s'", full);
	else if (S_ISDIR(st.st_mode) &&
		 worktree_tracked(r->store, sub, &st, &mode, &id, &fresh) == 1)
		rc = tree_put(t, name, mode, &id); /* a submodule: its commit */
	else if ((S_ISDIR(st.st_mode) || S_ISREG(st.st_mode) || S_ISLNK(st.st_mode)) &&
		 is_taken(r, sub, &st)) {
		rc = snapshot_path(r, p, sub, &mode, &id);
		if (!rc && !oid_is_zero(&id))
			rc = tree_put(t, name, mode, &id);
	}
	free(sub);
	free(full);
	return rc;
}

/* A folder in which nothing is taken has no tree: *out is zero. */
static int snapshot_folder(struct repo *r, struct pack *p, const char *full, const char *path,
			   struct oid *out)
{
	struct tree *t = tree_new(r->store, NULL);
	DIR *d = opendir(full);
	struct dirent *e;
	size_t n = 0;
	int rc = d ? 0 : error_errno("cannot open '%s'", full);

	memset(out, 0, sizeof(*out));
	while (d && !rc && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
		    !strcmp(e->d_name, ".git"))
			continue;
		rc = add_entry(r, p, t, path, e->d_name);
		n++;
	}
	if (d)
		closedir(d);
	if (!rc && n && !tree_is_empty(t))
		rc = tree_write(t, p, out);
	tree_free(t);
	return rc;
}

int snapshot_path(struct repo *r, struct pack *p, const char *path, unsigned *mode_out,
		  struct oid *out)
{
	char *full = path_join(repo_workdir(r), path);
	struct stat st;
	int rc;

	if (lstat(full, &st) < 0) {
		rc = errno == ENOENT || errno == ENOTDIR
			     ? error_set(ERR_NOT_FOUND, "the code '%s' does not exist", path)
			     : error_errno("cannot read the code '%s'", path);
	} else if (S_ISDIR(st.st_mode)) {
		*mode_out = TREE_FOLDER;
		rc = snapshot_folder(r, p, full, path, out);
	} else if (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode)) {
		rc = snapshot_file(r, p, full, path, &st, mode_out, out);
	} else {
		rc = error_set(ERR_INPUT, "the code '%s' is neither file, folder nor link", path);
	}
	free(full);
	return rc;
}

struct placing {
	struct repo *r;
	const char *path, *dir; /* of the folder being placed */
};

static int write_file(const char *dest, const struct buf *b, unsigned mode)
{
	int fd = open(dest, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		      mode == TREE_PROGRAM ? 0777 : 0666);
	int rc;

	if (fd < 0)
		return error_errno("cannot create '%s'", dest);
	rc = file_write_fd(fd, b->data, b->len);
	close(fd);
	return rc < 0 ? error_wrap(rc, "'%s'", dest) : 0;
}

/* A file that LFS holds: from our blobs, from git-lfs, or from the work tree while it is the same.
 */
static int place_pointer(struct repo *r, const char *path, unsigned mode, const struct pointer *p,
			 const char *dest)
{
	char *from[] = { blob_path(r->blobs, p->sha256), blob_lfs_path(r->blobs, p->sha256),
			 repo_workdir(r) ? path_join(repo_workdir(r), path) : NULL };
	char sha256[HASH_HEX + 1];
	struct stat st;
	int rc = ERR_NOT_FOUND;

	for (size_t i = 0; rc == ERR_NOT_FOUND && i < ARRAY_LEN(from); i++) {
		if (!from[i] || stat(from[i], &st) < 0 || st.st_size != p->size)
			continue;
		if (i == 2 && (hash_file(from[i], sha256, NULL) < 0 || strcmp(sha256, p->sha256)))
			continue;
		rc = file_copy(from[i], dest, mode == TREE_PROGRAM ? 0777 : 0666);
	}
	for (size_t i = 0; i < ARRAY_LEN(from); i++)
		free(from[i]);
	if (rc == ERR_NOT_FOUND)
		rc = error_hint(
			error_set(rc, "the bytes of '%s' were not fetched by git-lfs", path),
			"git lfs pull");
	return rc;
}

static int place_file(struct repo *r, const char *path, unsigned mode, const struct oid *id,
		      const char *dest)
{
	struct buf b = BUF_INIT;
	struct pointer p;
	int rc = file_make_parents(dest);

	if (!rc && mode == TREE_LINK) {
		rc = object_read(r->store, id, OBJECT_BLOB, &b);
		if (!rc && symlink(b.data, dest) < 0)
			rc = error_errno("cannot create '%s'", dest);
	} else if (!rc) {
		rc = worktree_smudge(r->store, path, id, &b);
		if (!rc && pointer_parse(b.data, b.len, &p))
			rc = place_pointer(r, path, mode, &p, dest);
		else if (!rc)
			rc = write_file(dest, &b, mode);
	}
	buf_clear(&b);
	return rc;
}

static int place_entry(unsigned mode, const char *name, const struct oid *id, void *payload)
{
	struct placing *p = payload;
	char *path = path_join(p->path, name), *dest = path_join(p->dir, path);
	int rc = 0;

	if (mode == TREE_FOLDER || mode == TREE_MODULE)
		rc = file_make_dirs(dest);
	else
		rc = place_file(p->r, path, mode, id, dest);
	free(path);
	free(dest);
	return rc;
}

int snapshot_place(struct repo *r, const char *path, unsigned mode, const struct oid *id,
		   const char *dir)
{
	struct placing p = { r, path, dir };
	char *dest = path_join(dir, path);
	int rc;

	if (mode != TREE_FOLDER)
		rc = place_file(r, path, mode, id, dest);
	else if ((rc = file_make_dirs(dest)) == 0 && !oid_is_zero(id))
		rc = tree_walk(r->store, id, place_entry, &p);
	free(dest);
	return rc;
}
