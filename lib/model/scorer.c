/* scorer.c - what the kinds of models share. */
#include "lib/model/scorer.h"

#include "lib/base/error.h"
#include "lib/base/file.h"

int scorer_weights(const struct scorer_place *p, char **path_out)
{
	const char *weights = json_str(p->meta, "weights", "");

	*path_out = NULL;
	if (!*weights || *path_base(weights) == '.' || path_base(weights) != weights)
		return error_set(ERR_CORRUPT, "'%s/model.json' names no file beside it as weights",
				 p->dir);
	*path_out = path_join(p->dir, weights);
	return 0;
}

int32_t scorer_class(const float *v, size_t k)
{
	int32_t best = 0;

	if (k == 1)
		return v[0] >= 0.5f;
	for (size_t i = 1; i < k; i++)
		if (v[i] > v[best])
			best = (int32_t)i;
	return best;
}
