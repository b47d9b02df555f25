/* scratch.c - folders that are made to be removed. */
#define _GNU_SOURCE
#include "lib/make/scratch.h"

#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/record/repo.h"

int scratch_make(const struct repo *r, const char *what, char **out)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = r ? xasprintf("%s/tmp/%s-XXXXXX", repo_mich_dir(r), what) : NULL;
	int rc = 0;

	if (!dir || !mkdtemp(dir)) {
		free(dir);
		dir = xasprintf("%s/mich-%s-XXXXXX", tmp && *tmp ? tmp : "/tmp", what);
		if (!mkdtemp(dir)) {
			rc = error_errno("cannot make the folder '%s'", dir);
			free(dir);
			dir = NULL;
		}
	}
	*out = dir;
	return rc;
}
