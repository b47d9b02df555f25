/* scorer.c - what the kinds of models share. */
#include "lib/model/scorer.h"

#include "lib/base/error.h"
#include "lib/base/file.h"

int scorer_weights(const char *dir, const json_t *meta, char **path_out)
{
	const char *weights = json_str(meta, "weights", "");

	*path_out = NULL;
	if (!*weights || *path_base(weights) == '.' || path_base(weights) != weights)
		return error_set(ERR_CORRUPT, "'%s/model.json' names no file beside it as weights",
				 dir);
	*path_out = path_join(dir, weights);
	return 0;
}
