/* worktree.c - files of the work tree as git would record them. */
#define _GNU_SOURCE
#include "lib/store/worktree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/store/git.h"
#include "lib/store/object.h"
#include "lib/store/pointer.h"
#include "lib/store/tree.h"

static git_index *index_of(struct store *s)
{
	if (!s->index && git_repository_index(&s->index, s->repo) < 0)
		s->index = NULL;
	return s->index;
}

/* The value of the filter attribute, NULL when there is none; borrowed. */
static const char *filter_of(struct store *s, const char *path)
{
	const char *value = NULL;

	if (git_attr_get(&value, s->repo, GIT_ATTR_CHECK_FILE_THEN_INDEX, path, "filter") < 0 ||
	    git_attr_value(value) != GIT_ATTR_VALUE_STRING)
		return NULL;
	return value;
}

/* A file that is a pointer already (never fetched) stays one; an empty file is empty. */
static int clean_lfs(const char *full, const struct stat *st, struct buf *out)
{
	char sha256[HASH_HEX + 1];
	struct pointer p;
	int64_t size;
	int rc;

	if (st->st_size < POINTER_MAX_BYTES) {
		if ((rc = file_read(full, out)) < 0 || !out->len ||
		    pointer_parse(out->data, out->len, &p))
			return rc;
		buf_reset(out);
	}
	if ((rc = hash_file(full, sha256, &size)) < 0)
		return rc;
	pointer_write(sha256, size, out);
	return 0;
}

static int clean_link(const char *full, struct buf *out)
{
	char target[PATH_MAX];
	ssize_t n = readlink(full, target, sizeof target);

	if (n < 0)
		return error_errno("cannot read '%s'", full);
	buf_add(out, target, (size_t)n);
	return 0;
}

static int clean_builtin(struct store *s, const char *path, struct buf *out)
{
	git_filter_list *filters = NULL;
	git_buf text = { 0 };
	int rc = git_filter_list_load(&filters, s->repo, NULL, path, GIT_FILTER_TO_ODB,
				      GIT_FILTER_DEFAULT);

	if (!rc && !filters) {
		char *full = path_join(s->workdir, path);

		rc = file_read(full, out);
		free(full);
		return rc;
	}
	if (!rc)
		rc = git_filter_list_apply_to_file(&text, filters, s->repo, path);
	if (!rc)
		buf_add(out, text.ptr, text.size);
	git_buf_dispose(&text);
	git_filter_list_free(filters);
	return rc < 0 ? git_fail(rc, "cannot read '%s' as git would", path) : 0;
}

/* True when the setting names a program that this attribute means. */
static bool has_program(struct store *s, const char *filter)
{
	static const char *const kinds[] = { "clean", "process" };
	bool found = false;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		char *key = xasprintf("filter.%s.%s", filter, kinds[i]), *value = NULL;

		found = found || (store_config(s, key, &value) > 0 && *value);
		free(key);
		free(value);
	}
	return found;
}

/* The first 40 letters that `git hash-object` prints. libgit2 runs no filter programs; git does. */
static int run_git(struct store *s, const char *path, char hex[OID_HEX + 1])
{
	const char *argv[] = { "git",	 "-C", s->workdir, "hash-object", "-w",
			       "--path", path, "--",	   path,	  NULL };
	posix_spawn_file_actions_t actions;
	int ends[2], status = 0, rc;
	size_t have = 0;
	ssize_t n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno("cannot start git");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	rc = posix_spawnp(&pid, "git", &actions, NULL, (char **)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	while (!rc && have < OID_HEX && (n = read(ends[0], hex + have, OID_HEX - have)) != 0) {
		if (n < 0 && errno != EINTR)
			break;
		have += n > 0 ? (size_t)n : 0;
	}
	close(ends[0]);
	hex[have] = '\0';
	while (!rc && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (rc || status || have < OID_HEX)
		return error_set(ERR_FAIL, "git cannot apply the filter of '%s'", path);
	return 0;
}

static int clean_program(struct store *s, const char *path, struct buf *out)
{
	char hex[OID_HEX + 1];
	struct oid id;
	int rc = run_git(s, path, hex);

	if (!rc && !oid_parse(hex, &id))
		rc = error_set(ERR_FAIL, "git cannot apply the filter of '%s'", path);
	return rc < 0 ? rc : object_read(s, &id, OBJECT_BLOB, out);
}

int worktree_clean(struct store *s, const char *path, const struct stat *st, struct buf *out)
{
	char *full = path_join(s->workdir, path);
	const char *filter = S_ISLNK(st->st_mode) ? NULL : filter_of(s, path);
	int rc;

	if (S_ISLNK(st->st_mode))
		rc = clean_link(full, out);
	else if (filter && !strcmp(filter, "lfs"))
		rc = clean_lfs(full, st, out);
	else if (filter && has_program(s, filter))
		rc = clean_program(s, path, out);
	else
		rc = clean_builtin(s, path, out);
	free(full);
	return rc;
}

unsigned worktree_mode(struct store *s, const char *path, const struct stat *st)
{
	bool filemode = true, fresh;
	unsigned mode;
	struct oid id;

	if (S_ISLNK(st->st_mode))
		return TREE_LINK;
	store_config_bool(s, "core.filemode", true, &filemode);
	if (!filemode && worktree_tracked(s, path, st, &mode, &id, &fresh) == 1 &&
	    mode != TREE_LINK)
		return mode;
	return st->st_mode & S_IXUSR ? TREE_PROGRAM : TREE_FILE;
}

/* Git's own rule: same times, inode and size, and older than the index file itself. */
static bool is_unchanged(const git_index_entry *e, const struct stat *st, const struct stat *file)
{
	if ((uint32_t)st->st_mtim.tv_sec != (uint32_t)e->mtime.seconds ||
	    (uint32_t)st->st_size != e->file_size || (uint32_t)st->st_ino != e->ino ||
	    (uint32_t)st->st_ctim.tv_sec != (uint32_t)e->ctime.seconds)
		return false;
	if (e->mtime.nanoseconds && (uint32_t)st->st_mtim.tv_nsec != e->mtime.nanoseconds)
		return false;
	return st->st_mtim.tv_sec < file->st_mtim.tv_sec;
}

int worktree_tracked(struct store *s, const char *path, const struct stat *st, unsigned *mode_out,
		     struct oid *out, bool *fresh_out)
{
	git_index *index = index_of(s);
	const git_index_entry *e = index ? git_index_get_bypath(index, path, 0) : NULL;
	struct stat file;

	if (!e)
		return 0;
	*mode_out = e->mode;
	memcpy(out->b, e->id.id, OID_BYTES);
	*fresh_out = stat(git_index_path(index), &file) == 0 && is_unchanged(e, st, &file);
	return 1;
}

bool worktree_tracks_below(struct store *s, const char *folder)
{
	git_index *index = index_of(s);
	char *prefix = xasprintf("%s/", folder);
	bool found = index && git_index_find_prefix(NULL, index, prefix) == 0;

	free(prefix);
	return found;
}

bool worktree_ignored(struct store *s, const char *path)
{
	int ignored = 0;

	return git_ignore_path_is_ignored(&ignored, s->repo, path) == 0 && ignored;
}

int worktree_smudge(struct store *s, const char *path, const struct oid *blob, struct buf *out)
{
	git_filter_list *filters = NULL;
	git_blob *b = NULL;
	git_buf text = { 0 };
	int rc = git_blob_lookup(&b, s->repo, git_id(blob));

	if (!rc)
		rc = git_filter_list_load(&filters, s->repo, b, path, GIT_FILTER_TO_WORKTREE,
					  GIT_FILTER_DEFAULT);
	if (!rc)
		rc = git_filter_list_apply_to_blob(&text, filters, b);
	if (!rc)
		buf_add(out, text.ptr, text.size);
	git_buf_dispose(&text);
	git_filter_list_free(filters);
	git_blob_free(b);
	return rc < 0 ? git_fail(rc, "cannot read '%s' from git", path) : 0;
}
