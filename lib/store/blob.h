/*
 * blob.h - large files by content: MICH_DIR/blobs/aa/bb/<sha256>, read-only, with a hard link for
 * git-lfs at LFS_DIR/objects/aa/bb/<sha256>. Our copy is the one that counts.
 */
#ifndef MICH_STORE_BLOB_H
#define MICH_STORE_BLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/hash.h"

struct blobs; /* where they are */

struct blobs *blobs_new(const char *mich_dir, const char *lfs_dir);
void blobs_free(struct blobs *b);

/* Where the blob is, or would be; caller frees. */
char *blob_path(const struct blobs *b, const char *sha256);
char *blob_lfs_path(const struct blobs *b, const char *sha256);

/* True when it is here with that size (-1: any). */
bool blob_exists(const struct blobs *b, const char *sha256, int64_t size);

/* Put git-lfs's hard link back where it is missing. 1: it was, 0: nothing to do, <0. */
int blob_link_lfs(const struct blobs *b, const char *sha256);

/* Several files that become durable together: added (hashed on the way), then committed. */
struct blob_batch;
struct blob_batch *blob_batch_new(const struct blobs *b);

/*
 * Add a file that is ours: it is hashed where it lies and moved at commit (copied when other links
 * to it exist or it lies on another file system).
 */
int blob_add_taken(struct blob_batch *batch, const char *path, char sha256[HASH_HEX + 1],
		   int64_t *size_out);

/* Add a copy of a file of the user's, read once. ERR_EXISTS: it changed while it was read. */
int blob_add_copy(struct blob_batch *batch, const char *path, char sha256[HASH_HEX + 1],
		  int64_t *size_out);
int blob_add_data(struct blob_batch *batch, const void *data, size_t n, char sha256[HASH_HEX + 1]);

/* Everything added is there, synced to disk. */
int blob_commit(struct blob_batch *batch);
void blob_batch_free(struct blob_batch *batch); /* what was not committed is removed */

#endif
