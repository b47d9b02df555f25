/* files.c - the bytes of a version: read one, find one, put them all somewhere. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/record/content/contents.h"
#include "lib/record/content/files.h"
#include "lib/record/inside.h"
#include "lib/record/version.h"

int version_tree(struct repo *r, const struct version *v, struct oid *out)
{
	struct commit c;
	struct oid id;
	int rc = oid_parse(v->commit, &id) ? commit_read(r->store, &id, &c)
					   : error_set(ERR_CORRUPT, "bad commit of %s/%s@%lld",
						       v->kind, v->name, (long long)v->number);

	if (rc < 0)
		return rc;
	*out = c.tree;
	commit_clear(&c);
	return 0;
}

int fail_absent(const char *what, const char *sha256)
{
	int rc = error_set(ERR_NOT_FOUND, "the bytes of '%s' (%.12s) are not here", what, sha256);

	return error_hint(
		rc,
		"mich fsck --full tells what is missing; git lfs fetch --all brings what a remote has");
}

/* Our copy, or else git-lfs's; caller frees. ERR_NOT_FOUND. */
static int find_stored(struct repo *r, const char *what, const struct pointer *p, char **out)
{
	struct stat st;

	*out = blob_exists(r->blobs, p->sha256, p->size) ? blob_path(r->blobs, p->sha256)
							 : blob_lfs_path(r->blobs, p->sha256);
	if (stat(*out, &st) == 0 && st.st_size == p->size)
		return 0;
	free(*out);
	*out = NULL;
	return fail_absent(what, p->sha256);
}

/* True when data stands for other bytes. What is listed in contents says which (sha NULL: not
 * listed). */
static bool is_pointer(const struct buf *b, const char *sha256, struct pointer *p)
{
	return pointer_parse(b->data, b->len, p) && (!sha256 || !strcmp(sha256, p->sha256));
}

bool version_has(struct repo *r, const struct version *v, const char *path)
{
	struct oid tree, id;
	unsigned mode;
	bool has = !version_tree(r, v, &tree) && tree_lookup(r->store, &tree, path, &mode, &id) > 0;

	return has && mode != TREE_FOLDER;
}

/* Small bytes get a file of their own among the blobs, where nothing changes them. */
static int store_small(struct repo *r, const struct buf *b, char **out)
{
	struct blob_batch *batch;
	char sha256[HASH_HEX + 1];
	int rc = 0;

	hash_data(b->data, b->len, sha256);
	if (!blob_exists(r->blobs, sha256, (int64_t)b->len)) {
		batch = blob_batch_new(r->blobs);
		rc = blob_add_data(batch, b->data, b->len, sha256);
		if (!rc)
			rc = blob_commit(batch);
		blob_batch_free(batch);
	}
	if (!rc)
		*out = blob_path(r->blobs, sha256);
	return rc;
}

int version_bytes(struct repo *r, const struct version *v, const char *path, struct buf *small,
		  char **large)
{
	struct pointer p;
	struct oid tree;
	int rc = version_tree(r, v, &tree);

	*large = NULL;
	if (!rc && (rc = repo_read_blob(r, &tree, path, small)) == ERR_NOT_FOUND)
		error_set(rc, "%s/%s@%lld has no '%s'", v->kind, v->name, (long long)v->number,
			  path);
	if (!rc && is_pointer(small, NULL, &p))
		rc = find_stored(r, path, &p, large);
	return rc;
}

int version_cat(struct repo *r, const struct version *v, const char *path, struct buf *out)
{
	struct buf b = BUF_INIT;
	char *stored = NULL;
	int rc = version_bytes(r, v, path, &b, &stored);

	if (!rc && stored)
		rc = file_read(stored, out);
	else if (!rc)
		buf_add(out, b.data, b.len);
	free(stored);
	buf_clear(&b);
	return rc;
}

int version_path(struct repo *r, const struct version *v, const char *path, char **out)
{
	struct buf b = BUF_INIT;
	int rc = version_bytes(r, v, path, &b, out);

	if (!rc && !*out)
		rc = store_small(r, &b, out);
	buf_clear(&b);
	return rc;
}

static int version_json(struct repo *r, const struct version *v, const char *path, json_t **out)
{
	struct buf b = BUF_INIT;
	int rc = version_cat(r, v, path, &b);

	*out = NULL;
	if (!rc)
		rc = json_parse(b.data, b.len, path, out);
	buf_clear(&b);
	return rc;
}

int version_manifest(struct repo *r, const struct version *v, json_t **out)
{
	return version_json(r, v, "manifest.json", out);
}

static int version_json_maybe(struct repo *r, const struct version *v, const char *path,
			      json_t **out)
{
	struct oid tree, id;
	int rc = version_tree(r, v, &tree);

	*out = NULL;
	if (rc < 0)
		return rc;
	rc = tree_lookup(r->store, &tree, path, NULL, &id);
	return rc == 1 ? version_json(r, v, path, out) : rc;
}

int version_metrics(struct repo *r, const struct version *v, json_t **out)
{
	return version_json_maybe(r, v, "metrics.json", out);
}

int version_profile(struct repo *r, const struct version *v, json_t **out)
{
	return version_json_maybe(r, v, "profile.json", out);
}

/* No fsync: what is placed can be placed again. */
static int write_plain(const char *dest, const struct buf *b)
{
	int fd = open(dest, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666), rc;

	if (fd < 0)
		return error_errno("cannot create '%s'", dest);
	rc = file_write_fd(fd, b->data, b->len);
	if (close(fd) < 0 && !rc)
		rc = error_errno("cannot write '%s'", dest);
	return rc < 0 ? error_wrap(rc, "'%s'", dest) : 0;
}

/* Put one listed file at dest; blob is what git holds: the bytes, a pointer, a link's target. */
static int put_file(struct repo *r, const struct contents_line *line, enum version_place how,
		    const struct buf *blob, const char *dest)
{
	bool program = line->mode == CONTENTS_PROGRAM;
	struct pointer p;
	char *stored = NULL;
	int rc = file_make_parents(dest);

	if (rc < 0)
		return rc;
	if (line->mode == CONTENTS_LINK)
		return symlink(blob->data, dest) < 0 ? error_errno("cannot create '%s'", dest) : 0;
	if (!is_pointer(blob, line->sha256, &p)) {
		rc = write_plain(dest, blob);
	} else if ((rc = find_stored(r, line->path, &p, &stored)) == 0) {
		if (how == PLACE_COPY || program || link(stored, dest) < 0)
			rc = file_copy(stored, dest, 0666);
		else
			program = false;
	}
	if (!rc && program && chmod(dest, 0755) < 0)
		rc = error_errno("cannot make '%s' executable", dest);
	free(stored);
	return rc;
}

static int place_line(struct repo *r, const struct tree_list *tree,
		      const struct contents_line *line, enum version_place how, const char *dir)
{
	char *path = path_join("files", line->path), *dest = path_join(dir, line->path);
	const struct tree_file *f = tree_list_find(tree, path);
	struct buf b = BUF_INIT;
	int rc;

	if (f)
		rc = object_read(r->store, &f->id, OBJECT_BLOB, &b);
	else if (tree_list_find(tree, "places"))
		rc = error_hint(error_set(ERR_INPUT,
					  "'%s' lies in a shard, which this mich cannot read",
					  path),
				"it was recorded by a newer mich: use that one");
	else
		rc = error_hint(error_set(ERR_CORRUPT, "'%s' is listed and not there", path),
				"mich fsck");
	if (!rc)
		rc = put_file(r, line, how, &b, dest);
	free(path);
	free(dest);
	buf_clear(&b);
	return rc;
}

int version_contents(struct repo *r, const struct version *v, struct contents *out)
{
	struct buf b = BUF_INIT;
	int rc = version_cat(r, v, "contents", &b);

	*out = (struct contents)CONTENTS_INIT;
	if (rc == ERR_NOT_FOUND)
		rc = 0; /* it made no files */
	else if (!rc)
		rc = contents_parse(b.data, b.len, out);
	buf_clear(&b);
	return rc;
}

static int check_empty(const char *dir)
{
	int rc = rmdir(dir);

	if (rc < 0 && errno != ENOENT)
		return errno == ENOTEMPTY || errno == EEXIST
			       ? error_set(ERR_EXISTS, "the folder '%s' is not empty", dir)
			       : error_errno("cannot write to '%s'", dir);
	return file_make_dirs(dir);
}

int version_place(struct repo *r, const struct version *v, enum version_place how, const char *dir)
{
	struct tree_list list = { 0 };
	struct contents c;
	struct oid tree;
	int rc = version_contents(r, v, &c);

	if (rc < 0)
		return rc;
	if (v->collected) {
		rc = error_set(ERR_NOT_FOUND, "the files of %s/%s@%lld were removed", v->kind,
			       v->name, (long long)v->number);
		error_hint(rc, "build it again: mich build %s/%s", v->kind, v->name);
	}
	if (!rc)
		rc = version_tree(r, v, &tree);
	if (!rc)
		rc = tree_list_read(r->store, &tree, &list);
	if (!rc)
		rc = check_empty(dir);
	for (size_t i = 0; !rc && i < c.n; i++)
		rc = place_line(r, &list, &c.v[i], how, dir);
	tree_list_clear(&list);
	contents_clear(&c);
	return rc;
}
