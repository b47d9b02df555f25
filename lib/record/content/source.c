/* source.c - a file or folder of the user's, imported by content. */
#define _GNU_SOURCE
#include "lib/record/content/source.h"

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
#include "lib/record/content/stat_cache.h"
#include "lib/record/inside.h"
#include "lib/record/version.h"

/* Where it lies: below the work tree unless absolute; caller frees. */
static char *source_root(struct repo *r, const char *path)
{
	char *joined =
		*path == '/' || !repo_workdir(r) ? xstrdup(path) : path_join(repo_workdir(r), path);
	char *real = realpath(joined, NULL);

	if (!real)
		return joined;
	free(joined);
	return real;
}

static char *file_full(const struct source *s, const char *root, size_t i)
{
	return s->is_dir ? path_join(root, s->files[i].path) : xstrdup(root);
}

static int refuse_pointer(const char *full, const struct stat *st)
{
	struct buf b = BUF_INIT;
	struct pointer p;
	int rc = 0;

	if (st->st_size >= POINTER_MAX_BYTES || !st->st_size)
		return 0;
	rc = file_read(full, &b);
	if (!rc && pointer_parse(b.data, b.len, &p)) {
		rc = error_set(ERR_INPUT, "'%s' is a git-lfs pointer: its bytes were not fetched",
			       full);
		error_hint(rc, "git lfs pull");
	}
	buf_clear(&b);
	return rc;
}

/* Hash and store in one read: what is hashed in order to be recorded is wanted among the blobs
 * next. */
static int store_one(struct repo *r, const char *full, char sha256[HASH_HEX + 1], int64_t *size)
{
	struct blob_batch *batch = blob_batch_new(r->blobs);
	int rc = blob_add_copy(batch, full, sha256, size);

	if (!rc)
		rc = blob_commit(batch);
	blob_batch_free(batch);
	return rc;
}

static int hash_one(struct repo *r, const char *full, const struct stat *st, bool store,
		    char sha256[HASH_HEX + 1])
{
	int64_t size;
	int rc;

	if (stat_cache_sha256(r, full, st, sha256))
		return 0;
	if ((rc = refuse_pointer(full, st)) < 0)
		return rc;
	rc = store ? store_one(r, full, sha256, &size) : hash_file(full, sha256, &size);
	if (rc < 0)
		return rc;
	if (size != st->st_size)
		return error_set(ERR_EXISTS, "'%s' changed while it was read", full);
	stat_cache_put(r, full, st, sha256, NULL);
	return 0;
}

struct gathering {
	struct repo *r;
	struct source *s;
	size_t cap;
};

static int add_file(struct gathering *g, const char *full, const char *rel, const struct stat *st)
{
	struct source_file *f;
	bool store;
	int rc;

	ARRAY_GROW(g->s->files, g->s->n, g->cap);
	f = &g->s->files[g->s->n];
	*f = (struct source_file){ .size = st->st_size, .executable = st->st_mode & S_IXUSR };
	store = (g->r->flags & REPO_WRITE) && g->s->keep && st->st_size > SMALL_FILE_BYTES;
	if ((rc = hash_one(g->r, full, st, store, f->sha256)) < 0)
		return rc;
	f->path = xstrdup(rel);
	g->s->n++;
	return 0;
}

static int refuse_name(const char *full, const char *rel)
{
	const char *base = path_base(rel);

	if (strcasecmp(base, ".git") && strcasecmp(base, "git~1"))
		return 0;
	return error_hint(error_set(ERR_INPUT, "'%s' cannot be recorded: git refuses the name '%s'",
				    full, base),
			  "name the files wanted, or a folder without it");
}

/* A link to a file counts as the file. */
static int gather(const char *full, const char *rel, const struct stat *st, void *payload)
{
	struct stat target;
	int rc = refuse_name(full, rel);

	if (rc < 0 || S_ISDIR(st->st_mode))
		return rc;
	if (S_ISLNK(st->st_mode)) {
		if (stat(full, &target) < 0)
			return error_errno("cannot follow the link '%s'", full);
		if (S_ISDIR(target.st_mode))
			return error_set(ERR_INPUT, "'%s' is a link to a folder", full);
		st = &target;
	}
	if (!S_ISREG(st->st_mode))
		return error_set(ERR_INPUT, "'%s' is neither file nor folder", full);
	return add_file(payload, full, rel, st);
}

static int file_compare(const void *a, const void *b)
{
	return strcmp(((const struct source_file *)a)->path, ((const struct source_file *)b)->path);
}

static void source_sum(struct source *s)
{
	struct contents c = CONTENTS_INIT;

	if (s->n)
		qsort(s->files, s->n, sizeof(*s->files), file_compare);
	for (size_t i = 0; i < s->n; i++)
		contents_add(&c, s->files[i].executable ? CONTENTS_PROGRAM : CONTENTS_FILE,
			     s->files[i].sha256, s->files[i].size, s->files[i].path);
	contents_hash(&c, s->content);
	contents_clear(&c);
}

int source_stat(struct repo *r, const char *role, const char *path, bool keep, struct source *out)
{
	struct gathering g = { .r = r, .s = out };
	char *root = source_root(r, path);
	struct stat st;
	int rc = 0;

	*out = (struct source){ .role = xstrdup(role), .path = xstrdup(path), .keep = keep };
	if (stat(root, &st) < 0) {
		rc = error_errno("cannot read the source '%s'", path);
	} else if (S_ISDIR(st.st_mode)) {
		out->is_dir = true;
		rc = file_walk(root, gather, &g);
		if (!rc && !out->n)
			rc = error_set(ERR_INPUT, "the source '%s' is an empty folder", path);
	} else if (S_ISREG(st.st_mode)) {
		rc = add_file(&g, root, path_base(path), &st);
	} else {
		rc = error_set(ERR_INPUT, "the source '%s' is neither file nor folder", path);
	}
	stat_cache_flush(r);
	if (!rc)
		source_sum(out);
	else
		source_clear(out);
	free(root);
	return rc;
}

static int import_one(struct repo *r, struct blob_batch *batch, const char *full,
		      struct source_file *f)
{
	char sha256[HASH_HEX + 1];
	struct stat st;
	int64_t size;
	int rc;

	if (blob_exists(r->blobs, f->sha256, f->size))
		return 0;
	if (stat(full, &st) < 0)
		return error_errno("cannot read '%s'", full);
	if ((rc = blob_add_copy(batch, full, sha256, &size)) < 0)
		return rc;
	if (strcmp(sha256, f->sha256)) {
		rc = error_set(ERR_EXISTS, "'%s' changed while it was imported", full);
		return error_hint(rc, "run the same command again");
	}
	stat_cache_put(r, full, &st, sha256, NULL);
	return 0;
}

int source_import(struct repo *r, struct source *s)
{
	char *root = source_root(r, s->path);
	struct blob_batch *batch = blob_batch_new(r->blobs);
	int rc = 0;

	for (size_t i = 0; !rc && s->keep && i < s->n; i++) {
		char *full = file_full(s, root, i);

		rc = import_one(r, batch, full, &s->files[i]);
		free(full);
	}
	if (!rc)
		rc = blob_commit(batch);
	stat_cache_flush(r);
	blob_batch_free(batch);
	free(root);
	return rc;
}

static int put_stored(const char *stored, const struct source_file *f, enum version_place how,
		      const char *dest)
{
	if (how == PLACE_LINK && !f->executable && link(stored, dest) == 0)
		return 0;
	return file_copy(stored, dest, f->executable ? 0777 : 0666);
}

/* Its bytes are the user's file alone: copied, and only right while they are what was hashed. */
static int copy_unkept(struct repo *r, const struct source *s, size_t i, const char *dest)
{
	const struct source_file *f = &s->files[i];
	char *root = source_root(r, s->path), *from = file_full(s, root, i), sha256[HASH_HEX + 1];
	int rc = file_copy(from, dest, f->executable ? 0777 : 0666);

	if (!rc)
		rc = hash_file(dest, sha256, NULL);
	if (!rc && strcmp(sha256, f->sha256))
		rc = error_set(ERR_EXISTS, "'%s' changed since it was hashed", from);
	free(root);
	free(from);
	return rc;
}

static int place_one(struct repo *r, const struct source *s, size_t i, enum version_place how,
		     const char *dest)
{
	const struct source_file *f = &s->files[i];
	char *stored = blob_path(r->blobs, f->sha256);
	int rc = file_make_parents(dest);

	if (!rc && blob_exists(r->blobs, f->sha256, f->size))
		rc = put_stored(stored, f, how, dest);
	else if (!rc && s->keep)
		rc = fail_absent(f->path, f->sha256);
	else if (!rc)
		rc = copy_unkept(r, s, i, dest);
	free(stored);
	return rc;
}

int source_place(struct repo *r, const struct source *s, enum version_place how, const char *dest)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < s->n; i++) {
		char *to = s->is_dir ? path_join(dest, s->files[i].path) : xstrdup(dest);

		rc = place_one(r, s, i, how, to);
		free(to);
	}
	return rc;
}

/* In a clone the small ones are git blobs only: give them a file among the blobs. */
static int restore_small(struct repo *r, const struct tree_list *tree, const char *path,
			 const struct source_file *f)
{
	struct blob_batch *batch;
	struct buf b = BUF_INIT;
	struct pointer p;
	char sha256[HASH_HEX + 1];
	int rc;

	const struct tree_file *blob = tree_list_find(tree, path);

	if (!blob || f->size > SMALL_FILE_BYTES || blob_exists(r->blobs, f->sha256, f->size))
		return 0;
	rc = object_read(r->store, &blob->id, OBJECT_BLOB, &b);
	if (!rc && !(pointer_parse(b.data, b.len, &p) && !strcmp(p.sha256, f->sha256))) {
		batch = blob_batch_new(r->blobs);
		rc = blob_add_data(batch, b.data, b.len, sha256);
		if (!rc)
			rc = blob_commit(batch);
		blob_batch_free(batch);
	}
	buf_clear(&b);
	return rc;
}

static int load_files(struct repo *r, const struct tree_list *tree, const struct contents *c,
		      struct source *s)
{
	size_t len = strlen(s->role), cap = 0;
	int rc = 0;

	for (size_t i = 0; !rc && i < c->n; i++) {
		const struct contents_line *l = &c->v[i];
		char *path;

		if (strncmp(l->path, s->role, len) || l->path[len] != '/')
			continue;
		ARRAY_GROW(s->files, s->n, cap);
		s->files[s->n] = (struct source_file){ .path = xstrdup(l->path + len + 1),
						       .size = l->size,
						       .executable = l->mode == CONTENTS_PROGRAM };
		memcpy(s->files[s->n].sha256, l->sha256, sizeof l->sha256);
		path = path_join("sources", l->path);
		if (s->keep)
			rc = restore_small(r, tree, path, &s->files[s->n]);
		s->n++;
		free(path);
	}
	return rc;
}

static int load_all(struct repo *r, const struct tree_list *tree, const struct contents *c,
		    const json_t *list, struct source *v, size_t *n)
{
	const json_t *it;
	size_t i;
	int rc = 0;

	json_array_foreach(list, i, it) {
		struct source *s = &v[*n];

		if (rc < 0)
			break;
		s->role = xstrdup(json_str(it, "role", ""));
		s->path = xstrdup(json_str(it, "path", ""));
		snprintf(s->content, sizeof s->content, "%s", json_str(it, "content", ""));
		s->is_dir = json_bool(it, "dir", false);
		s->keep = json_bool(it, "keep", true);
		++*n;
		rc = load_files(r, tree, c, s);
	}
	return rc;
}

int source_load(struct repo *r, const struct version *v, struct source **out, size_t *n_out)
{
	struct contents c = CONTENTS_INIT;
	struct buf b = BUF_INIT;
	json_t *manifest = NULL;
	struct tree_list files = { 0 };
	const json_t *list;
	struct oid tree;
	int rc = version_manifest(r, v, &manifest);

	*out = NULL;
	*n_out = 0;
	list = json_object_get(manifest, "sources");
	if (!rc && json_array_size(list)) {
		rc = version_tree(r, v, &tree);
		if (!rc)
			rc = tree_list_read(r->store, &tree, &files);
		if (!rc)
			rc = version_cat(r, v, "sources.list", &b);
		if (!rc)
			rc = contents_parse(b.data, b.len, &c);
		*out = xcalloc(json_array_size(list), sizeof(**out));
		if (!rc)
			rc = load_all(r, &files, &c, list, *out, n_out);
	}
	tree_list_clear(&files);
	buf_clear(&b);
	contents_clear(&c);
	json_decref(manifest);
	return rc;
}

void source_clear(struct source *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->files[i].path);
	free(s->files);
	free(s->role);
	free(s->path);
	memset(s, 0, sizeof(*s));
}
