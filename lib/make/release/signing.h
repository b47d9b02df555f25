/* signing.h - tags signed by the user's own git, with the key and the program that it is set up for. */
#ifndef MICH_MAKE_RELEASE_SIGNING_H
#define MICH_MAKE_RELEASE_SIGNING_H

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/store/oid.h"

struct repo;

/*
 * Is git set up to sign here? tag.gpgSign says so, or says no; where it is not set, a user.signingKey
 * means yes.
 */
int signing_wanted(struct repo *r, bool *out);

/*
 * The bytes of a signed tag, made by `git tag -s` in a folder of its own, so that no ref of the
 * repository is touched: git verify-tag knows it. payload is the repository. An error tells what
 * git said. As release_plan's sign.
 */
int signing_tag(const char *name, const struct oid *commit, const char *message,
		struct buf *tag_out, void *payload);

#endif
