/* repo.h - one open repository: the store, its index, and where things lie. */
#ifndef MICH_RECORD_REPO_H
#define MICH_RECORD_REPO_H

#include <stdbool.h>

struct repo;
struct store;
struct index;

enum repo_flags {
	REPO_WRITE = 1 << 0, /* refuse a bare, read-only or foreign-owned repository */
	REPO_READ = 1 << 1,  /* an index that cannot be written is built in memory */
};

/*
 * Find the git repository of dir (or above it) and open its record. ERR_NOT_FOUND: not a git
 * repository, or `mich init` was not run (with the hint); ERR_INPUT: reftable, sha256, somebody
 * else's repository (the hint says what to type).
 */
int repo_open(const char *dir, unsigned flags, struct repo **out);
int repo_init(const char *dir, bool *created_git); /* `mich init`; idempotent */
void repo_close(struct repo *r);

/* All borrowed; paths absolute, without a slash at the end. */
const char *repo_workdir(const struct repo *r);	 /* NULL: bare */
const char *repo_mich_dir(const struct repo *r); /* COMMON_GIT_DIR/mich */
struct store *repo_store(struct repo *r);
struct index *repo_index(struct repo *r); /* fresh: read from git whatever changed since */

/* A mich.* or any other git setting; caller frees *out. 1: set, 0: not set, <0: error. */
int repo_config(struct repo *r, const char *key, char **out);
/* As `git -c key=value`: for this process, whatever git's files say. */
void repo_override(struct repo *r, const char *key, const char *value);
bool repo_is_overridden(const struct repo *r, const char *key);

/*
 * Call fn once whenever a lock is waited for longer than a second: "model/eta is being written by
 * another process". The deadline is mich.lockTimeout (default 60 s).
 */
void repo_on_wait(struct repo *r, void (*fn)(const char *what, void *payload), void *payload);

/* "name <mail>", host: environment, then git config, then user@host. Borrowed. */
const char *repo_user(struct repo *r);
const char *repo_host(struct repo *r);

#endif
