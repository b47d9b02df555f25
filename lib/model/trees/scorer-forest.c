/* scorer-forest.c - the kind "forest" of model.json. */
#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/model/trees/forest.h"
#include "lib/model/scorer.h"

static int parse(const struct scorer_place *p, const void *data, size_t n, void **state_out)
{
	int64_t iterations = json_int(p->meta, "iterations", 0);
	struct forest *f = NULL;
	int rc;

	*state_out = NULL;
	if (iterations < 0 || iterations > INT32_MAX)
		return error_set(ERR_CORRUPT, "model.json: bad iterations");
	rc = forest_parse(data, n, (int)iterations, &f);
	if (!rc && forest_inputs(f) != p->contract->inputs) {
		rc = error_set(ERR_CORRUPT, "it takes %zu inputs, but the contract gives %zu",
			       forest_inputs(f), p->contract->inputs);
		forest_free(f);
		f = NULL;
	}
	*state_out = f;
	return rc;
}

static int open_forest(const struct scorer_place *p, void **state_out)
{
	return scorer_open_file(&scorer_forest, p, state_out);
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

const struct scorer scorer_forest = {
	"forest", open_forest, parse, free_forest, width, score, NULL
};
