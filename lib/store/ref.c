/* ref.c - git refs. */
#define _GNU_SOURCE
#include "lib/store/ref.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/store/git.h"

enum { STALE_LOCK_S = 10, TRIES = 1200, PAUSE_NS = 10 * 1000 * 1000 };

int ref_read(struct store *s, const char *name, struct oid *out)
{
	int rc = git_reference_name_to_id((git_oid *)(void *)out->b, s->repo, name);

	if (rc == GIT_ENOTFOUND)
		return 0;
	return rc < 0 ? git_fail(rc, "cannot read the ref '%s'", name) : 1;
}

struct named {
	char *name;
	struct oid id;
};

static int named_compare(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

int ref_list(struct store *s, const char *prefix, ref_fn fn, void *payload)
{
	char *glob = xasprintf("%s*", prefix);
	git_reference_iterator *it = NULL;
	struct named *v = NULL;
	size_t n = 0, cap = 0;
	git_reference *r;
	int rc = git_reference_iterator_glob_new(&it, s->repo, glob);

	while (!rc && (rc = git_reference_next(&r, it)) == 0) {
		const git_oid *id = git_reference_target(r);

		if (id) {
			ARRAY_GROW(v, n, cap);
			v[n].name = xstrdup(git_reference_name(r));
			memcpy(v[n++].id.b, id->id, OID_BYTES);
		}
		git_reference_free(r);
	}
	rc = rc == GIT_ITEROVER || !rc ? 0
				       : git_fail(rc, "cannot list the refs below '%s'", prefix);
	if (n)
		qsort(v, n, sizeof(*v), named_compare);
	for (size_t i = 0; i < n; i++) {
		if (!rc)
			rc = fn(v[i].name, &v[i].id, payload);
		free(v[i].name);
	}
	free(v);
	git_reference_iterator_free(it);
	free(glob);
	return rc;
}

/* True when a lock file was left by somebody who is gone, and is removed now. */
static bool drop_stale_lock(struct store *s, const char *name)
{
	char *path = xasprintf("%s/%s.lock", s->common_dir, name);
	struct stat st;
	bool dropped = stat(path, &st) == 0 && time(NULL) - st.st_mtime > STALE_LOCK_S &&
		       unlink(path) == 0;

	free(path);
	return dropped;
}

int ref_move(struct store *s, const char *name, const struct oid *old, const struct oid *id,
	     const char *message)
{
	static const struct oid none;
	git_reference *r = NULL;
	int rc = 0;

	for (int i = 0; i < TRIES; i++) {
		rc = git_reference_create_matching(&r, s->repo, name, git_id(id), 1,
						   git_id(old ? old : &none), message);
		if (rc != GIT_ELOCKED)
			break;
		if (!drop_stale_lock(s, name))
			nanosleep(&(struct timespec){ 0, PAUSE_NS }, NULL);
	}
	git_reference_free(r);
	return rc < 0 ? git_fail(rc, "cannot move the ref '%s'", name) : 0;
}
