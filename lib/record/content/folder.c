/* folder.c - the listing of a folder's files. */
#define _GNU_SOURCE
#include "lib/record/content/folder.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"

static int add_link(const char *path, const char *rel, struct contents *out)
{
	char target[PATH_MAX], sha256[HASH_HEX + 1];
	ssize_t n = readlink(path, target, sizeof target);

	if (n < 0)
		return error_errno("cannot read link '%s'", path);
	hash_data(target, (size_t)n, sha256);
	contents_add(out, CONTENTS_LINK, sha256, n, rel);
	return 0;
}

static int add_entry(const char *path, const char *rel, const struct stat *st, void *payload)
{
	char sha256[HASH_HEX + 1];
	int64_t size = 0;
	int rc;

	if (S_ISDIR(st->st_mode))
		return 0;
	if (S_ISLNK(st->st_mode))
		return add_link(path, rel, payload);
	rc = hash_file(path, sha256, &size);
	if (!rc)
		contents_add(payload, st->st_mode & 0100 ? CONTENTS_PROGRAM : CONTENTS_FILE, sha256,
			     size, rel);
	return rc;
}

int folder_contents(const char *dir, struct contents *out)
{
	int rc = file_walk(dir, add_entry, out);

	contents_sort(out);
	return rc;
}
