/* scorer.h - what a kind of model is to model.c: one table of functions a kind. */
#ifndef MICH_MODEL_SCORER_H
#define MICH_MODEL_SCORER_H

#include "lib/base/json.h"
#include <stddef.h>
#include <stdint.h>

#include "lib/model/contract.h"

struct scorer {
	const char *kind; /* as model.json names it */
	/* Open what model.json of dir names. ERR_INPUT when it does not take `inputs` floats a row.
	 */
	int (*open)(const char *dir, const json_t *meta, size_t inputs, void **state_out);
	void (*free)(void *state);
	size_t (*width)(const void *state); /* floats a row that score gives */
	/* x (rows, inputs), out (rows, width): predictions, not margins. */
	int (*score)(const void *state, const float *x, int64_t rows, int threads, float *out);
};

extern const struct scorer scorer_forest, scorer_net;

/* The path of the file that model.json of dir names as its weights; caller frees. ERR_CORRUPT. */
int scorer_weights(const char *dir, const json_t *meta, char **path_out);

#endif
