/*
 * model.h - a folder that scores: model.json with its contract, and the weights beside it.
 *
 *   {"format":"mich-model/1","kind":"forest","weights":"model.ubj","contract":{...},"iterations":0}
 *   {"format":"mich-model/1","kind":"net","weights":"model.safetensors","contract":{...},"net":{...}}
 *   {"format":"mich-model/1","kind":"ensemble","contract":{...},"ensemble":{...}}
 *   {"format":"mich-model/1","kind":"partitions","weights":"partitions.bin","contract":{...},
 *    "partitions":{...}}	(partition.h)
 */
#ifndef MICH_MODEL_MODEL_H
#define MICH_MODEL_MODEL_H

#include "lib/base/json.h"
#include <stddef.h>
#include <stdint.h>

#include "lib/base/frame.h"
#include "lib/model/contract.h"
#include "lib/model/counts.h"
#include "lib/model/net/net_shape.h"

struct model;

/* ERR_NOT_FOUND, ERR_CORRUPT, ERR_INPUT (a kind or objective that is not known). */
int model_open(const char *dir, struct model **out);
/* A bare XGBoost file (.json, .ubj): no contract but plain numbers, named as the file names them.
 */
int model_open_xgboost(const char *path, struct model **out);
void model_free(struct model *m);

const struct contract *model_contract(const struct model *m);
const char *model_kind(const struct model *m);
const json_t *
model_meta(const struct model *m); /* model.json whole; borrowed; NULL for a bare file */

/* One output column of model_score. */
struct model_output {
	const char *name; /* "prediction", "probability", "probability_CLASS", "score" */
	enum frame_type type;
};
/*
 * regression: prediction. binary: prediction (a class, of the label's type) and probability (of the
 * second class). multiclass: prediction, then probability_CLASS for each. ranking: score.
 */
const struct model_output *model_outputs(const struct model *m, size_t *n_out);
/*
 * The first output that is a float, as csvrows_put wants to know: 1 where there are classes, else
 * 0.
 */
size_t model_floats(const struct model *m);

/* What scoring gave; may be used again and again. */
struct scores {
	int64_t rows;
	size_t k;     /* floats a row: 1, or one a class when multiclass */
	float *v;     /* (rows, k): prediction, probability of the second class or of each, score */
	int32_t *cls; /* (rows): number of the predicted class; NULL when there are no classes */
	struct counts counts; /* of all rows scored into it since scores_init */
	/* memory that is used again */
	float *x;
	int64_t cap;
	size_t x_width;
	struct frame_column *cols;
	void *cells;
	size_t cells_bytes;
};

#define SCORES_INIT \
	{           \
		0   \
	}

void scores_clear(struct scores *s);

/*
 * Score all rows of a frame: contract, then kernel. threads as in forest_score. The same bits for a
 * row whatever rows are around it. ERR_INPUT as transform_apply.
 */
int model_score(const struct model *m, const struct frame *in, int threads, struct scores *out);

/*
 * The kernel alone, on inputs that the transform gave: x (rows, contract inputs), out (rows,
 * model_width). For whoever changes inputs and asks again.
 */
int model_score_inputs(const struct model *m, const float *x, int64_t rows, int threads,
		       float *out);
size_t model_width(const struct model *m); /* floats a row: scores.k */

/*
 * How many rows of many are best given at a time; 0: a few thousand, as anybody does. A model of partitions
 * puts rows of one partition together, which are as fast as those of one model where there are a hundred or so.
 */
int64_t model_batch(const struct model *m);

/*
 * Lay the last scores out as columns named by model_outputs; borrowed from s until the next call.
 * Floats stand in double columns, unchanged. binary predicts the second class from probability 0.5
 * up.
 */
int model_frame(const struct model *m, struct scores *s, struct frame *out);

/*
 * Write dir/model.json for weights that lie in dir under the name `weights`. extras (may be NULL):
 * further members of model.json, such as "iterations". The bytes depend on the arguments alone.
 */
int model_write_forest(const char *dir, const struct contract *c, const char *weights,
		       const json_t *extras);
/* The same for a net of this shape (net_shape.h); its weights are net_weights_write's. */
int model_write_net(const char *dir, const struct contract *c, const struct net_shape *s,
		    const char *weights, const json_t *extras);
/* The same for models that answer as one (ensemble.h); each lies in a folder of dir. */
struct ensemble;
int model_write_ensemble(const char *dir, const struct contract *c, const struct ensemble *e);

/* The same for the models of partitions; the member is taken. dir/parent is a model by then. */
int model_write_partitions(const char *dir, const struct contract *c, json_t *partitions);

#endif
