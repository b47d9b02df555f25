/* files.h - the bytes of a version, for the other files of lib/record. */
#ifndef MICH_RECORD_CONTENT_FILES_H
#define MICH_RECORD_CONTENT_FILES_H

#include "lib/base/buf.h"
#include "lib/record/content/contents.h"
#include "lib/record/version.h"
#include "lib/store/oid.h"

/* The tree of a version's entry. */
int version_tree(struct repo *r, const struct version *v, struct oid *out);

/* What is under files/; empty when it made none. */
int version_contents(struct repo *r, const struct version *v, struct contents *out);

int fail_absent(const char *what, const char *sha256); /* ERR_NOT_FOUND with the hint */

#endif
