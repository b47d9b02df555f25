/*
 * forest.h - score with trees: XGBoost's own model files, without XGBoost. Sums run tree by tree in
 * floats as XGBoost's do, so the bits are the same, whatever the kernel and the number of threads.
 */
#ifndef MICH_MODEL_TREES_FOREST_H
#define MICH_MODEL_TREES_FOREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/strlist.h"
#include "lib/model/contract.h"

struct forest;

/*
 * Read an XGBoost model, JSON or UBJSON by its first bytes. iterations: use the first so many
 * rounds of boosting; 0 means all. ERR_CORRUPT: not such a model; ERR_INPUT: a model that this
 * scorer does not know (its objective, vector leaves, gblinear), named.
 */
int forest_parse(const void *data, size_t n, int iterations, struct forest **out);
void forest_free(struct forest *f);

size_t forest_inputs(const struct forest *f); /* floats a row */
size_t forest_groups(const struct forest *f); /* outputs a row: classes, targets, or 1 */
size_t forest_trees(const struct forest *f);
size_t forest_nodes(const struct forest *f);	      /* of all trees, leaves too */
const char *forest_objective(const struct forest *f); /* "binary:logistic"; borrowed */
enum contract_task forest_task(const struct forest *f);
int forest_best_iteration(const struct forest *f); /* attributes.best_iteration; -1: none */
/*
 * Names and types ("float", "int", "c": categorical) of the inputs, where the file has them;
 * borrowed.
 */
const struct strlist *forest_names(const struct forest *f);
const struct strlist *forest_types(const struct forest *f);

/*
 * x is (rows, inputs) row-major, NaN missing; out is (rows, groups). margin: sums before the
 * objective's transform, what XGBoost calls output_margin. score: after it, as XGBoost predicts,
 * but multi:softmax gives its probabilities. threads: at most that many, no more than rows make
 * worth it.
 */
int forest_margin(const struct forest *f, const float *x, int64_t rows, int threads, float *out);
int forest_score(const struct forest *f, const float *x, int64_t rows, int threads, float *out);

/* One row, no memory taken, no thread: for requests. scratch holds forest_scratch(f) bytes. */
size_t forest_scratch(const struct forest *f);
void forest_score_row(const struct forest *f, const float *x, void *scratch, float *out);

/*
 * Kernels, for tests and measurements: "scalar", "avx2", "avx512". NULL: the best of this CPU.
 * ERR_INPUT.
 */
int forest_use_kernel(struct forest *f, const char *name);
const char *forest_kernel(const struct forest *f);

/* Apply the objective's transform to margins (rows, groups) in place. */
void forest_transform(const struct forest *f, float *margins, int64_t rows);

#endif
