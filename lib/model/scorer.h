/* scorer.h - what a kind of model is to model.c: one table of functions a kind. */
#ifndef MICH_MODEL_SCORER_H
#define MICH_MODEL_SCORER_H

#include "lib/base/json.h"
#include <stddef.h>
#include <stdint.h>

#include "lib/model/contract.h"

struct model;

/* A folder with model.json that is being opened, alone or inside another one. */
struct scorer_place {
	const char *dir;
	const json_t *meta;		 /* its model.json */
	const struct contract *contract; /* as meta has it */
	size_t depth;			 /* how many models it lies in */
	size_t *opened;			 /* models opened so far, itself and those around it too */
};

enum { SCORER_DEPTH = 4, SCORER_MODELS = 1 << 16 };

struct scorer {
	const char *kind; /* as model.json names it */
	/* ERR_INPUT when it does not take contract->inputs floats a row. */
	int (*open)(const struct scorer_place *p, void **state_out);
	/* The same from the bytes of its weights, p->dir aside; NULL: a kind of more than one file. */
	int (*parse)(const struct scorer_place *p, const void *data, size_t n, void **state_out);
	void (*free)(void *state);
	size_t (*width)(const void *state); /* floats a row that score gives */
	/* x (rows, inputs), out (rows, width): predictions, not margins. */
	int (*score)(const void *state, const float *x, int64_t rows, int threads, float *out);
	/* NULL, or how many rows are best asked at once, where more than a few thousand. */
	int64_t (*batch)(const void *state);
};

extern const struct scorer scorer_forest, scorer_net, scorer_ensemble, scorer_partitions;

const struct scorer *scorer_find(const char *kind); /* NULL: there is none of that name */

/* The path of the file that model.json names as its weights; caller frees. ERR_CORRUPT. */
int scorer_weights(const struct scorer_place *p, char **path_out);

/* The open() of a kind whose weights are one file: its parse() of that. */
int scorer_open_file(const struct scorer *kind, const struct scorer_place *p, void **state_out);

/*
 * Open the model in the folder `name` of p->dir, for model_free(). ERR_CORRUPT: no name of a folder
 * beside model.json, nothing there, models within models deeper than SCORER_DEPTH or more than
 * SCORER_MODELS of them; and what the model itself gives.
 */
int scorer_inner(const struct scorer_place *p, const char *name, struct model **out);

/* The number of the class that v (k) says: of one float the second from 0.5 up, else the largest. */
int32_t scorer_class(const float *v, size_t k);

#endif
