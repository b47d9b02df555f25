/*
 * package.h - a version as one file that stands alone: a plain tar with
 *
 *	package.json   {"format":"mich-package/1","ref":"model/eta@14","id","content","release"}
 *	manifest.json  the bytes whose git object id is the version's id
 *	contents       the listing whose SHA-256 is its content
 *	metrics.json   where it has one
 *	files/         what was made
 *
 * The same version, under the same release, always gives the same bytes. It is scored and served where no record is.
 */
#ifndef MICH_MAKE_RELEASE_PACKAGE_H
#define MICH_MAKE_RELEASE_PACKAGE_H

#include <stdbool.h>

#include "lib/base/json.h"

struct repo;
struct version;

/* Write it to path, whole or not at all. release: "maps/eta@2.1", or NULL. ERR_NOT_FOUND: its files are gone. */
int package_write(struct repo *r, const struct version *v, const char *release, const char *path);

/* Does the text name a package rather than a version: a path that begins with '/' or '.', or ends in .tar? */
bool package_named(const char *text);

/*
 * A package that is open: its files, every one of them checked against `contents`, and that against
 * the manifest. Not trusted before, and nothing outside scratch is written.
 */
struct package {
	char *files;   /* the folder of what was made */
	json_t *about; /* package.json */
	json_t *manifest;
	char *scratch; /* ours, removed when closed; NULL: a folder was opened as it lies */
};

/*
 * path: the tar file, or a folder that it was unpacked into. scratch_dir: an existing folder in which
 * one for the files may be made. ERR_INPUT: no package; ERR_CORRUPT: a file is missing, changed or not
 * listed, named.
 */
int package_open(const char *path, const char *scratch_dir, struct package *out);
void package_close(struct package *p);

#endif
