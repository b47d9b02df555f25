/* check_store.c - large files, their links for git-lfs, what killed commands left, the index. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/record/check/checking.h"
#include "lib/record/run/scratch.h"

enum { OLD_S = 3600, STALE_LOCK_S = 10 };

static bool hashes_to(const char *path, const char *sha256)
{
	char have[HASH_HEX + 1];

	if (hash_file(path, have, NULL) == 0)
		return !strcmp(have, sha256);
	error_clear();
	return false;
}

/* Git-lfs may still have what we have not: take it when its bytes are true. */
static bool restore_blob(struct checking *c, const char *sha256)
{
	char *ours = blob_path(c->r->blobs, sha256), *lfs = blob_lfs_path(c->r->blobs, sha256);
	bool done = c->mend && file_exists(lfs) && hashes_to(lfs, sha256) &&
		    file_make_parents(ours) == 0;

	if (done && unlink(ours) < 0 && errno != ENOENT)
		done = false;
	if (done)
		done = link(lfs, ours) == 0 || file_copy(lfs, ours, 0444) == 0;
	if (done) {
		chmod(ours, 0444);
		check_mended(c, "blob %.12s came back from git-lfs", sha256);
	}
	error_clear();
	free(ours);
	free(lfs);
	return done;
}

static void mend_link(struct checking *c, const char *sha256)
{
	char *ours = blob_path(c->r->blobs, sha256), *lfs = blob_lfs_path(c->r->blobs, sha256);

	if (c->mend && !file_exists(lfs) && blob_link_lfs(c->r->blobs, sha256) == 1)
		check_mended(c, "git-lfs has its link to %.12s again", sha256);
	error_clear();
	free(ours);
	free(lfs);
}

/*
 * A blob is read-only, and its owner can read it. What is hidden from others is left so. 0; ERR_IO: nobody
 * who runs this may read it.
 */
static int mend_mode(struct checking *c, const char *path, const char *sha256, mode_t mode)
{
	mode_t want = mode & 0444 ? (mode & 0555) | 0400 : 0444;

	if (c->mend && want != mode && chmod(path, want) == 0)
		check_mended(c,
			     mode & 0400 ? "blob %.12s is read-only again"
					 : "blob %.12s can be read again",
			     sha256);
	return access(path, R_OK) < 0 ? error_errno("cannot read '%s'", path) : 0;
}

enum blob_state { BLOB_WHOLE, BLOB_DAMAGED, BLOB_MISSING, BLOB_UNREADABLE };

static enum blob_state look(struct checking *c, const struct pointer *p)
{
	char *path = blob_path(c->r->blobs, p->sha256);
	enum blob_state state = BLOB_DAMAGED;
	struct stat st;

	if (lstat(path, &st) < 0)
		state = errno == EACCES ? BLOB_UNREADABLE : BLOB_MISSING;
	else if (!S_ISREG(st.st_mode) || st.st_size != p->size)
		state = BLOB_DAMAGED;
	else if (mend_mode(c, path, p->sha256, st.st_mode & 07777) < 0)
		state = BLOB_UNREADABLE;
	else if (!c->plan->full || hashes_to(path, p->sha256))
		state = BLOB_WHOLE;
	error_clear();
	if ((state == BLOB_DAMAGED || state == BLOB_MISSING) && restore_blob(c, p->sha256))
		state = BLOB_WHOLE;
	if (state == BLOB_WHOLE)
		mend_link(c, p->sha256);
	free(path);
	return state;
}

/* Looked at once, however many versions share it. */
static enum blob_state look_once(struct checking *c, const struct pointer *p)
{
	const json_t *known = json_object_get(c->seen, p->sha256);
	enum blob_state state;

	if (known)
		return (enum blob_state)json_integer_value(known);
	state = look(c, p);
	json_object_set_new(c->seen, p->sha256, json_integer(state));
	c->out->blobs++;
	c->out->blob_bytes += p->size;
	return state;
}

void check_blob(struct checking *c, const char *where, const char *what, const struct pointer *p)
{
	static const char *const said[] = {
		[BLOB_DAMAGED] = "the bytes of '%s' (%.12s) are damaged",
		[BLOB_MISSING] = "the bytes of '%s' (%.12s) are missing",
		[BLOB_UNREADABLE] = "the bytes of '%s' (%.12s) cannot be read: permission denied",
	};
	enum blob_state state = look_once(c, p);

	if (state != BLOB_WHOLE)
		check_problem(c, where, said[state], what, p->sha256);
	if (c->plan->progress)
		c->plan->progress(where, c->out->blob_bytes, c->plan->payload);
}

/* With --full, also the blobs that no version points to: an import would take them as they are. */
static int check_stray(const char *path, const char *rel, const struct stat *st, void *payload)
{
	struct checking *c = payload;
	const char *name = path_base(rel);

	if (S_ISDIR(st->st_mode) || json_object_get(c->seen, name))
		return 0;
	if (strlen(name) != HASH_HEX || !S_ISREG(st->st_mode)) {
		check_problem(c, "blobs", "'%s' is no blob", rel);
	} else if (!hashes_to(path, name)) {
		if (c->mend && unlink(path) == 0)
			check_mended(c, "removed %.12s, a damaged blob that nothing uses", name);
		else
			check_problem(c, "blobs", "'%s' is damaged", rel);
	}
	return 0;
}

static bool is_old(const struct stat *st, int seconds)
{
	return time(NULL) - st->st_mtim.tv_sec > seconds;
}

/* What lies in tmp/ is nobody's after an hour without a write; a run being made there is locked. */
static void sweep_temp(struct checking *c)
{
	DIR *d = opendir(c->r->scratch_dir);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char *path = path_join(c->r->scratch_dir, e->d_name);
		struct stat st;

		if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") &&
		    !scratch_is_used(e->d_name) && lstat(path, &st) == 0 && is_old(&st, OLD_S) &&
		    file_remove_tree(path) == 0)
			check_mended(c, "removed 'tmp/%s', left by a command that was killed",
				     e->d_name);
		error_clear();
		free(path);
	}
	if (d)
		closedir(d);
}

static int sweep_lock(const char *path, const char *rel, const struct stat *st, void *payload)
{
	struct checking *c = payload;
	size_t n = strlen(rel);

	if (!S_ISREG(st->st_mode) || n < 5 || strcmp(rel + n - 5, ".lock") ||
	    !is_old(st, STALE_LOCK_S))
		return 0;
	if (unlink(path) == 0)
		check_mended(
			c, "removed the lock of refs/mich/%.*s, left by a command that was killed",
			(int)n - 5, rel);
	return 0;
}

static void walk(const char *dir, const char *name, file_walk_fn fn, struct checking *c)
{
	char *path = path_join(dir, name);

	if (file_is_dir(path) && file_walk(path, fn, c) < 0)
		check_problem(c, name, "%s", error_text());
	free(path);
}

void check_leftovers(struct checking *c)
{
	if (c->plan->full)
		walk(c->r->mich_dir, "blobs", check_stray, c);
	if (!c->mend)
		return;
	sweep_temp(c);
	walk(store_common_dir(c->r->store), "refs/mich", sweep_lock, c);
	if (pack_sweep(c->r->store) > 0)
		check_mended(c, "let go of new git objects of a command that was killed");
}

static const char *const tables[] = {
	"SELECT * FROM artifact ORDER BY kind, name",
	"SELECT * FROM version ORDER BY id",
	"SELECT * FROM event ORDER BY commit_id",
	"SELECT * FROM input ORDER BY version, position",
	"SELECT * FROM param ORDER BY version, key",
	"SELECT * FROM metric ORDER BY version, key",
	"SELECT * FROM tag ORDER BY version, key",
	"SELECT * FROM note ORDER BY commit_id",
	"SELECT * FROM release ORDER BY space, name, major, minor",
	"SELECT * FROM move ORDER BY commit_id",
	"SELECT * FROM stage ORDER BY space, name, stage",
};

static void add_row(struct statement *st, struct hash *h)
{
	for (int i = 0; i < statement_columns(st); i++) {
		const char *text = statement_text(st, i);

		hash_add(h, text ? text : "\1", text ? strlen(text) + 1 : 2);
	}
}

static int hash_index(struct index *x, char out[HASH_HEX + 1])
{
	struct hash h;
	int rc = 0;

	hash_init(&h);
	for (size_t i = 0; !rc && i < ARRAY_LEN(tables); i++) {
		struct statement *st;

		if ((rc = statement_open(x, tables[i], &st)) < 0)
			break;
		while ((rc = statement_step(st)) == 1)
			add_row(st, &h);
		hash_add(&h, "\n", 1);
		statement_close(st);
	}
	hash_hex(&h, out);
	return rc;
}

/* What the index says now against what a new one says. */
void check_index(struct checking *c)
{
	char now[HASH_HEX + 1] = "", anew[HASH_HEX + 1] = "";
	struct index *own = c->r->index, *fresh = NULL;
	bool empty;
	int rc = refresh_index(c->r);

	own = c->r->index;
	if (!rc)
		rc = hash_index(own, now);
	if (!rc && !(rc = index_open(NULL, false, &fresh, &empty))) {
		c->r->index = fresh;
		rc = refresh_fill(c->r);
		c->r->index = own;
	}
	if (!rc)
		rc = hash_index(fresh, anew);
	if (rc < 0)
		check_problem(c, "index", "%s", error_text());
	else if (strcmp(now, anew))
		check_problem(c, "index", "says something else than git: mich fsck --rebuild");
	index_close(fresh);
}
