/* git.h - what the files of lib/store share of libgit2; included by them alone. */
#ifndef MICH_STORE_GIT_H
#define MICH_STORE_GIT_H

#include <git2.h>
#include <stdbool.h>

#include "lib/store/store.h"

struct store {
	git_repository *repo;
	git_odb *odb;	    /* opened when first needed */
	git_config *config; /* a snapshot, likewise */
	git_index *index;   /* of this work tree, likewise */
	char *common_dir, *git_dir, *workdir, *objects_dir;
	bool shallow;
};

/* The reason libgit2 gave, behind ours; maps "not found", "exists" and "locked" to our codes. */
int git_fail(int rc, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

git_odb *git_store_odb(struct store *s); /* NULL: the reason is set */

static inline const git_oid *git_id(const struct oid *id)
{
	return (const git_oid *)(const void *)id->b;
}

#endif
