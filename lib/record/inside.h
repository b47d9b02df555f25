/* inside.h - what the files of lib/record share. */
#ifndef MICH_RECORD_INSIDE_H
#define MICH_RECORD_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/strlist.h"
#include "lib/index/index.h"
#include "lib/index/statement.h"
#include "lib/record/repo.h"
#include "lib/store/blob.h"
#include "lib/store/lock.h"
#include "lib/store/object.h"
#include "lib/store/pack.h"
#include "lib/store/pointer.h"
#include "lib/store/ref.h"
#include "lib/store/store.h"
#include "lib/store/tree.h"

enum {
	SMALL_FILE_BYTES = 64 << 10,  /* a git blob up to here */
	SMALL_TOTAL_BYTES = 16 << 20, /* and this much of them in a version */
	LOCK_DEFAULT_MS = 60000,
};

/* Below .git/mich: held while stored files are removed; a run waits for it before it stores any. */
#define COLLECT_LOCK "collect.lock"

struct repo {
	struct store *store;
	struct index *index;
	struct blobs *blobs;
	char *mich_dir, *scratch_dir, *lfs_dir;
	unsigned flags;
	bool writable; /* .git/mich can be written */
	char *user, *host;
	struct lock_wait wait;
	struct pack **held; /* snapshots of code that no ref reaches yet; released at close */
	size_t n_held, cap_held;
	struct stat_cache *stats; /* stat_cache.c */
	bool sweeping;		  /* in run_sweep: do not wait for journals */
	struct strlist overrides; /* KEY=VALUE, over git config; the last wins */
};

/* "Name <mail> seconds +zone" of the author or committer; caller frees. */
enum ident_role { IDENT_AUTHOR, IDENT_COMMITTER };
char *ident_line(struct repo *r, enum ident_role role);
char *ident_name(struct repo *r, enum ident_role role); /* "Name <mail>" */

/* Bring the index up to what git holds now. */
int refresh_index(struct repo *r);
int refresh_fill(struct repo *r); /* whatever the folders' times say */

/* One blob of a version's tree, pointers followed only by the caller. */
int repo_read_blob(struct repo *r, const struct oid *tree, const char *path, struct buf *out);

/* Hold a finished pack until the repository is closed. */
void repo_hold(struct repo *r, struct pack *p);

/* After a record: make one pack of many small ones. */
void repo_tidy(struct repo *r);

#endif
