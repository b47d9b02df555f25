/*
 * mlp.h - a net laid out for scoring: no BLAS, no engine. The bits of a row's answer depend on the
 * row, the weights and nothing else: not on the rows around it, the number of threads, or the
 * processor where it can multiply and add in one operation as the kernels all do.
 */
#ifndef MICH_MODEL_NET_MLP_H
#define MICH_MODEL_NET_MLP_H

#include <stddef.h>
#include <stdint.h>

#include "lib/model/net/net_shape.h"
#include "lib/model/net/net_weights.h"

struct mlp;

/* Copies what it needs of both. s has passed net_shape_check. ERR_FAIL: no memory. */
int mlp_new(const struct net_shape *s, const struct net_weights *w, struct mlp **out);
void mlp_free(struct mlp *m);

size_t mlp_inputs(const struct mlp *m); /* floats a row of x */
size_t mlp_width(const struct mlp *m);	/* floats a row of out */

/*
 * x is (rows, inputs) row-major, NaN missing; out is (rows, width): predictions, after the head.
 * threads: at most that many, no more than rows make worth it. ERR_FAIL: no memory.
 */
int mlp_score(const struct mlp *m, const float *x, int64_t rows, int threads, float *out);

/*
 * Kernels, for tests and measurements: "scalar", "avx2", "avx512". NULL: the best of this CPU.
 * All give the same bits; the scalar one is far slower. ERR_INPUT.
 */
int mlp_use_kernel(struct mlp *m, const char *name);
const char *mlp_kernel(const struct mlp *m);

#endif
