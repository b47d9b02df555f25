/* loaded.c - from a recorded version to a model in memory. */
#include "lib/make/score/loaded.h"

#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/model/model.h"
#include "lib/record/run/scratch.h"
#include "lib/record/version.h"
#include "lib/step/wording.h"

static int read_placed(struct repo *repo, const struct version *v, const char *dir,
		       struct model **out)
{
	char *files = path_join(dir, "files"), *ref = version_ref(v);
	int rc = version_place(repo, v, PLACE_LINK, files);

	if (!rc && (rc = model_open(files, out)) < 0)
		wording_name(rc, files, ref);
	free(files);
	free(ref);
	return rc;
}

int loaded_model(struct repo *repo, const struct version *v, struct model **out)
{
	char *dir = NULL;
	int rc = scratch_make(repo, "model", &dir), removed = 0;

	*out = NULL;
	if (!rc)
		rc = read_placed(repo, v, dir, out);
	if (dir)
		removed = file_remove_tree(dir);
	free(dir);
	if (!rc && removed) {
		model_free(*out);
		*out = NULL;
	}
	return rc ? rc : removed;
}
