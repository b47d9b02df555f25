/* worktree.h - files of the work tree as git would record them. */
#ifndef MICH_STORE_WORKTREE_H
#define MICH_STORE_WORKTREE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "lib/base/buf.h"
#include "lib/base/strlist.h"
#include "lib/store/oid.h"

struct store;

/*
 * The bytes that `git add PATH` would store: line ends and idents as .gitattributes and
 * core.autocrlf say, a pointer for a file that git-lfs holds, the target of a link; other filters
 * are run as git runs them. path is relative to the work tree.
 */
int worktree_clean(struct store *s, const char *path, const struct stat *st, struct buf *out);

/* 100644, 100755 or 120000, as core.filemode and core.symlinks let git see it. */
unsigned worktree_mode(struct store *s, const char *path, const struct stat *st);

/* In git's index: 1 and its name there (fresh_out: the file is unchanged since by its stat), or 0.
 */
int worktree_tracked(struct store *s, const char *path, const struct stat *st, unsigned *mode_out,
		     struct oid *out, bool *fresh_out);

/* True when something below the folder is in git's index. */
bool worktree_tracks_below(struct store *s, const char *folder);
bool worktree_ignored(struct store *s, const char *path);

/* The reverse of clean: bytes from git to how they lie in a work tree. LFS pointers stay. */
int worktree_smudge(struct store *s, const char *path, const struct oid *blob, struct buf *out);

#endif
