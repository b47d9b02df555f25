/* scorer.c - what the kinds of models share. */
#include "lib/model/scorer.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"

static const struct scorer *const scorers[] = { &scorer_forest, &scorer_net, &scorer_ensemble,
						&scorer_partitions };

const struct scorer *scorer_find(const char *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(scorers); i++)
		if (!strcmp(scorers[i]->kind, kind))
			return scorers[i];
	return NULL;
}

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

int scorer_open_file(const struct scorer *kind, const struct scorer_place *p, void **state_out)
{
	struct buf b = BUF_INIT;
	char *path;
	int rc = scorer_weights(p, &path);

	*state_out = NULL;
	if (!rc)
		rc = file_read(path, &b);
	if (!rc && (rc = kind->parse(p, b.data, b.len, state_out)) < 0)
		error_wrap(rc, "'%s'", path);
	buf_clear(&b);
	free(path);
	return rc;
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
