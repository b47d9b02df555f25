/*
 * collect.c - the entry first, then the files: killed in between, files are left over, which the
 * next `mich rm` of the version takes. The lock keeps new runs from starting meanwhile (run_begin
 * waits).
 */
#define _GNU_SOURCE
#include "lib/record/collect.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/record/event.h"
#include "lib/record/head.h"
#include "lib/record/inside.h"
#include "lib/record/lineage.h"
#include "lib/record/release/release.h"
#include "lib/record/run/run.h"

/* Hashes of stored files, sorted once all are there. */
struct held {
	struct pointer *v;
	size_t n, cap;
	struct store *store;
	bool files_only; /* what goes when the version does: not its log, metrics, profile */
};

static int by_sha256(const void *a, const void *b)
{
	return strcmp(((const struct pointer *)a)->sha256, ((const struct pointer *)b)->sha256);
}

static bool is_file(const char *path)
{
	return !strncmp(path, "files/", 6) || !strncmp(path, "sources/", 8) ||
	       !strncmp(path, "shards/", 7);
}

static int add_entry(unsigned mode, const char *path, const struct oid *id, void *payload)
{
	struct held *h = payload;
	struct pointer pointer;
	struct buf b = BUF_INIT;
	size_t size = 0;
	int rc;

	if ((mode != TREE_FILE && mode != TREE_PROGRAM) || (h->files_only && !is_file(path)))
		return 0;
	if ((rc = object_header(h->store, id, NULL, &size)) <= 0 || size > POINTER_MAX_BYTES)
		return rc < 0 ? rc : 0;
	if ((rc = object_read(h->store, id, OBJECT_BLOB, &b)) == 0 &&
	    pointer_parse(b.data, b.len, &pointer)) {
		ARRAY_GROW(h->v, h->n, h->cap);
		h->v[h->n++] = pointer;
	}
	buf_clear(&b);
	return rc;
}

static int add_version(struct held *h, const char *commit_hex)
{
	struct commit commit = { 0 };
	struct oid id;
	int rc;

	if (!oid_parse(commit_hex, &id))
		return error_set(ERR_CORRUPT, "'%s' is no commit", commit_hex);
	if ((rc = commit_read(h->store, &id, &commit)) == 0)
		rc = tree_walk(h->store, &commit.tree, add_entry, h);
	commit_clear(&commit);
	return rc;
}

/* What all versions but v, and those that were collected, hold. */
static int others_hold(struct repo *r, const struct version *v, struct held *h)
{
	static const char OTHERS[] =
		"SELECT commit_id FROM version WHERE NOT collected AND id <> ?1";
	struct statement *st;
	int rc = statement_open(repo_index(r), OTHERS, &st);

	if (rc < 0)
		return rc;
	statement_bind_text(st, 1, v->id);
	while ((rc = statement_step(st)) == 1)
		if ((rc = add_version(h, statement_text(st, 0))) < 0)
			break;
	statement_close(st);
	if (h->n)
		qsort(h->v, h->n, sizeof *h->v, by_sha256);
	return rc;
}

/* Leave in own what no other version holds, each once. */
static void keep_unshared(struct held *own, const struct held *others, struct collected *out)
{
	size_t n = 0;

	if (own->n)
		qsort(own->v, own->n, sizeof *own->v, by_sha256);
	for (size_t i = 0; i < own->n; i++) {
		if (i && !strcmp(own->v[i].sha256, own->v[i - 1].sha256))
			continue;
		if (others->n &&
		    bsearch(&own->v[i], others->v, others->n, sizeof *others->v, by_sha256)) {
			out->shared++;
			continue;
		}
		out->bytes += own->v[i].size;
		own->v[n++] = own->v[i];
	}
	own->n = out->files = n;
}

/* The user's own large files may lie under the same link: then `git lfs prune` takes it, not we. */
static bool user_has_lfs(struct repo *r)
{
	char *path = repo_workdir(r) ? path_join(repo_workdir(r), ".gitattributes") : NULL;
	struct buf b = BUF_INIT;
	bool has = path && file_read(path, &b) == 0 && strstr(b.data, "filter=lfs");

	if (!has)
		error_clear();
	free(path);
	buf_clear(&b);
	return has;
}

static int remove_blob(struct repo *r, const char *sha256, bool keep_link)
{
	char *path = blob_path(r->blobs, sha256), *link = blob_lfs_path(r->blobs, sha256);
	struct stat ours, theirs;
	int rc = 0;

	if (!keep_link && stat(path, &ours) == 0 && stat(link, &theirs) == 0 &&
	    ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev)
		unlink(link);
	if (unlink(path) < 0 && file_exists(path))
		rc = error_errno("cannot remove '%s'", path);
	free(path);
	free(link);
	return rc;
}

static int remove_blobs(struct repo *r, const struct held *own)
{
	bool keep_link = user_has_lfs(r);
	int rc = 0;

	for (size_t i = 0; i < own->n && rc == 0; i++)
		rc = remove_blob(r, own->v[i].sha256, keep_link);
	return rc;
}

/* --- refusals -----------------------------------------------------------------------------------
 */

static int check_users(struct repo *r, const struct version *v, const struct strlist *gone)
{
	struct version *users;
	struct buf names = BUF_INIT;
	size_t n;
	int rc = lineage_users(repo_index(r), v, &users, &n);

	for (size_t i = 0; rc == 0 && i < n; i++)
		if (!gone || !strlist_has(gone, users[i].id))
			buf_addf(&names, "%s%s/%s@%lld", names.len ? " " : "", users[i].kind,
				 users[i].name, (long long)users[i].number);
	if (names.len) {
		rc = error_set(ERR_INPUT, "cannot remove %s/%s@%lld: used by %s", v->kind, v->name,
			       (long long)v->number, names.data);
		error_hint(rc, "mich deps --down %s/%s@%lld", v->kind, v->name,
			   (long long)v->number);
	}
	for (size_t i = 0; i < n; i++)
		version_clear(&users[i]);
	free(users);
	buf_clear(&names);
	return rc;
}

static int check_runs(struct repo *r)
{
	json_t *live = NULL;
	int rc = run_live(r, &live);

	if (rc == 0 && json_array_size(live)) {
		const json_t *run = json_array_get(live, 0);

		rc = error_set(
			ERR_BUSY,
			"cannot remove files while '%s/%s' is being made: it may use the same ones",
			json_str(run, "kind", "?"), json_str(run, "name", "?"));
		error_hint(rc, "try again when it is done");
	}
	json_decref(live);
	return rc;
}

static int record(struct repo *r, const struct version *v, const struct collected *c)
{
	json_t *data;
	int rc;

	if (v->collected)
		return 0;
	data = json_pack("{s:I,s:I}", "files", (json_int_t)c->files, "bytes", (json_int_t)c->bytes);
	rc = event_record(r, v, "collected", data);
	json_decref(data);
	return rc;
}

static int collect(struct repo *r, const struct version *v, const struct strlist *gone, bool dry,
		   struct collected *out)
{
	struct held own = { .store = repo_store(r), .files_only = true },
		    others = { .store = repo_store(r) };
	int rc;

	if ((rc = release_refuse(r, v, false, "remove")) == 0 &&
	    (rc = check_users(r, v, gone)) == 0 && (rc = add_version(&own, v->commit)) == 0 &&
	    (rc = others_hold(r, v, &others)) == 0) {
		keep_unshared(&own, &others, out);
		if (!dry && (rc = record(r, v, out)) == 0)
			rc = remove_blobs(r, &own);
	}
	free(own.v);
	free(others.v);
	return rc;
}

int collect_version(struct repo *r, const struct version *v, const struct strlist *gone, bool dry,
		    struct collected *out)
{
	char *path = path_join(repo_mich_dir(r), COLLECT_LOCK);
	int fd = -1, rc = 0;

	*out = (struct collected){ 0 };
	if (!dry && (rc = lock_take(path, "the removal of files", &r->wait, &fd)) == 0)
		rc = check_runs(r);
	if (rc == 0)
		rc = collect(r, v, gone, dry, out);
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}
