/* source.h - a file or folder of the user's, imported by content. */
#ifndef MICH_RECORD_CONTENT_SOURCE_H
#define MICH_RECORD_CONTENT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/record/version.h"

struct repo;

struct source_file {
	char *path; /* below the source; its base name for a single file */
	char sha256[65];
	int64_t size;
	bool executable;
};

struct source {
	char *role;	  /* the name the step knows it by */
	char *path;	  /* as given in the Michfile, relative to it, or absolute */
	char content[65]; /* SHA-256 of the listing `mode sha256 size path`, as a version's contents
			   */
	struct source_file *files;
	size_t n;
	bool is_dir, keep; /* keep false: only its hash is recorded */
};

/*
 * Hash a source; unchanged files cost a stat (cache in the index, by path, size, inode, mtime and
 * ctime; a file younger than the clock's grain is hashed again). In a repository opened for writing
 * a large file that is hashed is stored in the same read. ERR_NOT_FOUND;
 * ERR_INPUT for a git-lfs pointer ("git lfs pull"), an empty folder, a device.
 */
int source_stat(struct repo *r, const char *role, const char *path, bool keep, struct source *out);

/* Store its bytes in .git/mich/blobs (one read, hashed on the way; changed meanwhile: ERR_EXISTS).
 */
int source_import(struct repo *r, struct source *s);

/*
 * Put it at dest (a file, or a folder) from the stored bytes, or from the path when keep is off: by
 * hard links or copies as version_place() does; what is not kept is always copied.
 */
int source_place(struct repo *r, const struct source *s, enum version_place how, const char *dest);

/* The recorded sources of a version, to place them again. Caller clears each and frees the array.
 */
struct version;
int source_load(struct repo *r, const struct version *v, struct source **out, size_t *n_out);

void source_clear(struct source *s);

#endif
