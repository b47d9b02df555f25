/*
 * store.h - the git repository as a place for objects, refs and settings. libgit2 lives behind this
 * folder's headers and shows in none of them.
 */
#ifndef MICH_STORE_STORE_H
#define MICH_STORE_STORE_H

#include <stdbool.h>

#include "lib/base/strlist.h"
#include "lib/store/oid.h"

struct store;

/*
 * Open the git repository that dir lies in (NULL: the current folder; then GIT_DIR, GIT_WORK_TREE
 * and GIT_CEILING_DIRECTORIES count, as for git). ERR_NOT_FOUND: there is none. ERR_INPUT: somebody
 * else's, reftable, sha256 or an extension that is not known; the hint says what to type.
 */
int store_open(const char *dir, struct store **out);
void store_close(struct store *s);

/* Make a git repository at dir, as `git init` does. */
int store_create(const char *dir);

/*
 * All borrowed, absolute, without a slash at the end. The common one is where objects and refs are: .git
 * of the main work tree.
 */
const char *store_common_dir(const struct store *s);
const char *store_workdir(const struct store *s); /* NULL: bare */
const char *store_objects_dir(const struct store *s);
bool store_is_shallow(const struct store *s);

/* A git setting, every level. 1: set and *out is the caller's to free; 0: not set; <0: error. */
int store_config(struct store *s, const char *key, char **out);
int store_config_bool(struct store *s, const char *key, bool fallback, bool *out);

/* HEAD's commit: 1 and *out, 0 while unborn. */
int store_head(struct store *s, struct oid *out);

/* The version of libgit2 that runs: "1.5.1". Borrowed. */
const char *store_library(void);

#endif
