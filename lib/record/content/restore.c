/* restore.c - blobs put back under the names that the record has for them. */
#include "lib/record/content/restore.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/record/content/contents.h"
#include "lib/record/content/files.h"
#include "lib/record/inside.h"
#include "lib/record/version.h"

/* Whether git has but a pointer to the bytes of a listed file, and they are not here. 1, 0, <0. */
static int is_gone(struct repo *r, const struct oid *tree, const struct contents_line *line)
{
	char *path = path_join("files", line->path);
	struct buf b = BUF_INIT;
	struct pointer p;
	int rc = repo_read_blob(r, tree, path, &b);

	if (!rc && line->mode != CONTENTS_LINK && pointer_parse(b.data, b.len, &p) &&
	    !strcmp(p.sha256, line->sha256))
		rc = !blob_exists(r->blobs, p.sha256, p.size);
	buf_clear(&b);
	free(path);
	return rc;
}

static int add_line(struct blob_batch *batch, const struct contents_line *line, const char *dir)
{
	char *path = path_join(dir, line->path), sha256[HASH_HEX + 1];
	int64_t size;
	int rc = blob_add_copy(batch, path, sha256, &size);

	if (!rc && strcmp(sha256, line->sha256) != 0)
		rc = error_set(ERR_CORRUPT, "'%s' came out with other bytes", line->path);
	free(path);
	return rc;
}

int version_restore(struct repo *r, const struct version *v, const char *dir)
{
	struct contents contents = CONTENTS_INIT;
	struct blob_batch *batch = blob_batch_new(r->blobs);
	struct oid tree;
	int rc = version_tree(r, v, &tree);

	if (!rc)
		rc = version_contents(r, v, &contents);
	for (size_t i = 0; rc >= 0 && i < contents.n; i++) {
		rc = is_gone(r, &tree, &contents.v[i]);
		if (rc > 0)
			rc = add_line(batch, &contents.v[i], dir);
	}
	if (rc >= 0)
		rc = blob_commit(batch);
	blob_batch_free(batch);
	contents_clear(&contents);
	return rc;
}
