/*
 * payload.h - files on their way into a version's tree: small ones as git blobs, large ones into
 * .git/mich/blobs with a git-lfs pointer in their place.
 */
#ifndef MICH_RECORD_CONTENT_PAYLOAD_H
#define MICH_RECORD_CONTENT_PAYLOAD_H

#include "lib/base/json.h"
#include "lib/record/content/contents.h"
#include "lib/record/inside.h"

struct payload {
	struct repo *r;
	struct pack *pack;
	struct tree *tree;
	struct blob_batch *batch;
	int64_t small_bytes; /* git blobs so far */
};

int payload_begin(struct repo *r, struct payload *out);
void payload_clear(struct payload *p); /* the pack is let go */

/* One member of the tree; large ones become pointers. */
int payload_add_data(struct payload *p, const char *path, const void *data, size_t n);
int payload_add_json(struct payload *p, const char *path, const json_t *v);

/* A copy of a file; absent (or NULL) is fine and adds nothing. */
int payload_add_file(struct payload *p, const char *path, const char *from);

/* Everything below dir as PREFIX/..., taken; listed in out, paths relative to dir. */
int payload_take_dir(struct payload *p, const char *prefix, const char *dir, struct contents *out);

/* Stored bytes (of an imported source) at path. */
int payload_add_stored(struct payload *p, const char *path, const struct contents_line *line);

#endif
