/* repo.c - one open repository. */
#define _GNU_SOURCE
#include "lib/record/repo.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/record/content/stat_cache.h"
#include "lib/record/inside.h"
#include "lib/record/release/handover.h"
#include "lib/record/run/run.h"

static const char *const folders[] = { "blobs", "locks", "runs", "tmp" };

static int make_folders(const char *mich_dir)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_LEN(folders); i++) {
		char *dir = path_join(mich_dir, folders[i]);

		rc = file_is_dir(dir) ? 0 : file_make_dirs(dir);
		free(dir);
	}
	return rc;
}

/* lfs.storage, below the git directory unless absolute; .git/lfs by default. */
static char *find_lfs(struct store *s)
{
	char *set = NULL, *dir;

	if (store_config(s, "lfs.storage", &set) > 0 && *set)
		dir = *set == '/' ? xstrdup(set) : path_join(store_common_dir(s), set);
	else
		dir = path_join(store_common_dir(s), "lfs");
	free(set);
	return dir;
}

static int find_timeout(struct repo *r)
{
	char *text = NULL;
	int rc = store_config(r->store, "mich.lockTimeout", &text);

	r->wait.deadline_ms = LOCK_DEFAULT_MS;
	if (rc > 0 && (rc = clock_parse_span(text, &r->wait.deadline_ms)) < 0)
		rc = error_wrap(rc, "the setting 'mich.lockTimeout'");
	free(text);
	return rc < 0 ? rc : 0;
}

static int note_ref(const char *name, const struct oid *id, void *payload)
{
	(void)name;
	(void)id;
	*(bool *)payload = true;
	return 0;
}

/* `mich init` was run here, or somebody's record was fetched. */
static int check_begun(struct repo *r)
{
	char *origin = NULL;
	bool any = false;
	int rc = 0;

	if (file_is_dir(r->mich_dir))
		return 0;
	if ((rc = ref_list(r->store, "refs/mich/", note_ref, &any)) < 0 || any)
		return rc;
	rc = error_set(ERR_NOT_FOUND, "'%s' has no record of mich yet",
		       repo_workdir(r) ? repo_workdir(r) : store_common_dir(r->store));
	if (store_config(r->store, "remote.origin.url", &origin) > 0)
		rc = error_hint(
			rc,
			"mich init, or to fetch that of origin: git fetch origin 'refs/mich/*:refs/mich/*'");
	else
		rc = error_hint(rc, "mich init");
	free(origin);
	return rc;
}

static bool can_write(const struct repo *r)
{
	return access(file_is_dir(r->mich_dir) ? r->mich_dir : store_common_dir(r->store), W_OK) ==
	       0;
}

static int refuse_writing(struct repo *r)
{
	int rc;

	if (!store_workdir(r->store)) {
		rc = error_set(ERR_INPUT, "cannot write: '%s' is a bare repository",
			       store_common_dir(r->store));
		return error_hint(rc, "git clone '%s' and work there", store_common_dir(r->store));
	}
	if (!r->writable) {
		rc = error_set(ERR_IO, "cannot write to '%s': %s", r->mich_dir, strerror(errno));
		return error_hint(rc, "work in a clone of your own, or ask for write permission");
	}
	return 0;
}

static int open_index(struct repo *r)
{
	char *path = path_join(r->mich_dir, "index.db");
	bool empty;
	int rc = r->writable ? make_folders(r->mich_dir) : 0;

	if (!rc)
		rc = index_open(path, r->writable, &r->index, &empty);
	/* A full disk must not stop reading. */
	if (rc < 0 && !(r->flags & REPO_WRITE)) {
		error_clear();
		rc = index_open(NULL, false, &r->index, &empty);
	}
	if (!rc)
		rc = refresh_index(r);
	free(path);
	return rc < 0 ? error_wrap(rc, "'%s'", r->mich_dir) : 0;
}

static int repo_fill(struct repo *r)
{
	char host[HOST_NAME_MAX + 1] = "";
	int rc;

	gethostname(host, sizeof host - 1);
	r->host = xstrdup(*host ? host : "localhost");
	r->mich_dir = path_join(store_common_dir(r->store), "mich");
	r->scratch_dir = path_join(r->mich_dir, "tmp");
	r->lfs_dir = find_lfs(r->store);
	r->blobs = blobs_new(r->mich_dir, r->lfs_dir);
	r->writable = can_write(r);
	if ((rc = check_begun(r)) < 0 || (rc = find_timeout(r)) < 0)
		return rc;
	if ((r->flags & REPO_WRITE) && (rc = refuse_writing(r)) < 0)
		return rc;
	return open_index(r);
}

int repo_open(const char *dir, unsigned flags, struct repo **out)
{
	struct repo *r = xcalloc(1, sizeof(*r));
	int rc;

	*out = NULL;
	r->flags = flags;
	if ((rc = store_open(dir, &r->store)) == 0)
		rc = repo_fill(r);
	if (!rc && r->writable && store_workdir(r->store))
		rc = run_sweep(r); /* who only reads records what died as well, where it may */
	if (!rc && r->writable && store_workdir(r->store))
		rc = handover_sweep(r); /* and ends what was cut short */
	if (rc < 0)
		repo_close(r);
	else
		*out = r;
	return rc;
}

int repo_init(const char *dir, bool *created_git)
{
	struct store *s = NULL;
	struct repo *r = NULL;
	char *mich_dir = NULL;
	int rc;

	*created_git = false;
	if (strcmp(dir, ".") && (rc = file_make_dirs(dir)) < 0)
		return rc;
	rc = store_open(!strcmp(dir, ".") ? NULL : dir, &s);
	if (rc == ERR_NOT_FOUND) {
		if ((rc = store_create(dir)) == 0)
			rc = store_open(dir, &s);
		*created_git = rc == 0;
	}
	if (rc < 0)
		return rc;
	mich_dir = path_join(store_common_dir(s), "mich");
	if (!(rc = make_folders(mich_dir)))
		rc = repo_open(dir, REPO_READ, &r);
	repo_close(r);
	store_close(s);
	free(mich_dir);
	return rc;
}

void repo_close(struct repo *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n_held; i++)
		pack_release(r->held[i]);
	strlist_clear(&r->overrides);
	stat_cache_close(r);
	index_close(r->index);
	blobs_free(r->blobs);
	store_close(r->store);
	free(r->held);
	free(r->mich_dir);
	free(r->scratch_dir);
	free(r->lfs_dir);
	free(r->user);
	free(r->host);
	free(r);
}

void repo_hold(struct repo *r, struct pack *p)
{
	ARRAY_GROW(r->held, r->n_held, r->cap_held);
	r->held[r->n_held++] = p;
}

void repo_tidy(struct repo *r)
{
	if (pack_fold(r->store, r->scratch_dir) < 0)
		error_clear();
}

const char *repo_workdir(const struct repo *r)
{
	return store_workdir(r->store);
}

const char *repo_mich_dir(const struct repo *r)
{
	return r->mich_dir;
}

struct store *repo_store(struct repo *r)
{
	return r->store;
}

struct index *repo_index(struct repo *r)
{
	if (refresh_index(r) < 0)
		error_clear(); /* what it holds is still true of an earlier moment */
	return r->index;
}

/* NULL: not overridden. */
static const char *override_of(const struct repo *r, const char *key)
{
	size_t n = strlen(key);

	for (size_t i = r->overrides.n; i > 0; i--) {
		const char *set = r->overrides.v[i - 1];

		if (!strncmp(set, key, n) && set[n] == '=')
			return set + n + 1;
	}
	return NULL;
}

int repo_config(struct repo *r, const char *key, char **out)
{
	const char *set = override_of(r, key);

	if (!set)
		return store_config(r->store, key, out);
	*out = xstrdup(set);
	return 1;
}

bool repo_is_overridden(const struct repo *r, const char *key)
{
	return override_of(r, key);
}

void repo_override(struct repo *r, const char *key, const char *value)
{
	strlist_addf(&r->overrides, "%s=%s", key, value);
}

void repo_on_wait(struct repo *r, void (*fn)(const char *what, void *payload), void *payload)
{
	r->wait.fn = fn;
	r->wait.payload = payload;
}

const char *repo_user(struct repo *r)
{
	if (!r->user)
		r->user = ident_name(r, IDENT_AUTHOR);
	return r->user;
}

const char *repo_host(struct repo *r)
{
	return r->host;
}

int repo_read_blob(struct repo *r, const struct oid *tree, const char *path, struct buf *out)
{
	struct oid id;
	unsigned mode;
	int rc = tree_lookup(r->store, tree, path, &mode, &id);

	if (rc == 0 || (rc > 0 && mode == TREE_FOLDER))
		return error_set(ERR_NOT_FOUND, "no file '%s'", path);
	return rc < 0 ? rc : object_read(r->store, &id, OBJECT_BLOB, out);
}
