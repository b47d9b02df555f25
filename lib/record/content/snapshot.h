/* snapshot.h - one path of the work tree into git, and out again. For code.c. */
#ifndef MICH_RECORD_CONTENT_SNAPSHOT_H
#define MICH_RECORD_CONTENT_SNAPSHOT_H

#include "lib/store/oid.h"

struct repo;
struct pack;

/*
 * The mode and name of a file or folder as git would record it now; what git does not hold goes
 * into p. In a folder, untracked files that are ignored are left out. ERR_NOT_FOUND.
 */
int snapshot_path(struct repo *r, struct pack *p, const char *path, unsigned *mode_out,
		  struct oid *out);

/* Write it at dir/path as it lies in a work tree: line ends, bytes for git-lfs pointers, links,
 * modes. */
int snapshot_place(struct repo *r, const char *path, unsigned mode, const struct oid *id,
		   const char *dir);

#endif
