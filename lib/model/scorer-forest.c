/* scorer-forest.c - the kind "forest" of model.json. */
#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/model/forest.h"
#include "lib/model/scorer.h"

static int load(const char *path, int iterations, struct forest **out)
{
	struct buf b = BUF_INIT;
	int rc = file_read(path, &b);

	if (!rc && (rc = forest_parse(b.data, b.len, iterations, out)) < 0)
		error_wrap(rc, "'%s'", path);
	buf_clear(&b);
	return rc;
}

static int open_forest(const struct scorer_place *p, void **state_out)
{
	int64_t iterations = json_int(p->meta, "iterations", 0);
	struct forest *f = NULL;
	char *path;
	int rc;

	if (iterations < 0 || iterations > INT32_MAX)
		return error_set(ERR_CORRUPT, "'%s/model.json': bad iterations", p->dir);
	if ((rc = scorer_weights(p, &path)) < 0)
		return rc;
	rc = load(path, (int)iterations, &f);
	if (!rc && forest_inputs(f) != p->contract->inputs)
		rc = error_set(ERR_CORRUPT, "'%s' takes %zu inputs, but the contract gives %zu",
			       path, forest_inputs(f), p->contract->inputs);
	if (rc < 0) {
		forest_free(f);
		f = NULL;
	}
	free(path);
	*state_out = f;
	return rc;
}

static void free_forest(void *state)
{
	forest_free(state);
}

static size_t width(const void *state)
{
	return forest_groups(state);
}

static int score(const void *state, const float *x, int64_t rows, int threads, float *out)
{
	return forest_score(state, x, rows, threads, out);
}

const struct scorer scorer_forest = { "forest", open_forest, free_forest, width, score };
