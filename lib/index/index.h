/*
 * index.h - the SQLite door: .git/mich/index.db, which holds what git holds in a form that answers
 * questions fast. All of it but the stat cache can be made again from git.
 */
#ifndef MICH_INDEX_INDEX_H
#define MICH_INDEX_INDEX_H

#include <stdbool.h>

struct index;

enum { INDEX_SCHEMA = 2 };

/*
 * Open path, make it, or make it anew when it is of another schema or no database: *empty_out says
 * that it must be filled. writable false: an unfinished or absent file,
 * or path NULL, gives one in memory.
 */
int index_open(const char *path, bool writable, struct index **out, bool *empty_out);
void index_close(struct index *x);
bool index_in_memory(const struct index *x);

/* Drop everything that git can give again; the stat cache stays. */
int index_reset(struct index *x);

/* One statement or several without parameters. */
int index_exec(struct index *x, const char *sql);

/* BEGIN IMMEDIATE; nested calls count and only the outermost commits. */
int index_begin(struct index *x);
int index_commit(struct index *x);
void index_rollback(struct index *x);

/* The version of SQLite that runs: "3.40.1". Borrowed. */
const char *index_library(void);

#endif
