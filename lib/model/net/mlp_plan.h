/* mlp_plan.h - how mlp.h lays a net out. Private to it and its kernels. */
#ifndef MICH_MODEL_NET_MLP_PLAN_H
#define MICH_MODEL_NET_MLP_PLAN_H

#include "lib/model/net/mlp.h"

enum {
	MLP_ROWS = 48,	/* of a tile: three registers of sixteen, six of eight */
	MLP_PANEL = 16, /* units that lie side by side */
	MLP_ALIGN = 64,
};

struct mlp_layer {
	size_t in, out;	   /* width below, units */
	size_t panels;	   /* of MLP_PANEL units, the last filled up with zeroes */
	const float *w;	   /* (panels, in, MLP_PANEL) */
	const float *bias; /* (panels, MLP_PANEL) */
	const float *norm_weight, *norm_bias; /* (panels, MLP_PANEL) of a layer norm; else NULL */
	bool linear;			      /* the output: no activation */
	enum net_activation activation;
};

struct mlp {
	struct net_shape shape;
	const struct mlp_kernel *kernel;
	const float *mean, *scale; /* (n_numeric) */
	const float **tables;	   /* (n_embedded): (categories + 1, dim) */
	struct mlp_layer *layers;  /* (n_layers) the last is the output */
	size_t n_layers;
	size_t widest; /* of all activations, in whole panels */
	float target_mean, target_scale;
	float *memory;
};

/*
 * Activations of a tile lie unit by unit: (units, MLP_ROWS); those of one row one after the other.
 * Scratch is aligned: 2 * widest * MLP_ROWS floats for a tile, 2 * widest for a row. Both give the
 * same bits: a unit's sum begins with its bias and takes the inputs in their order, each multiplied
 * and added in one operation.
 */
struct mlp_kernel {
	const char *name;
	bool (*usable)(void);
	/* The output layer's sums, before the head, of n rows, at most MLP_ROWS: (n, outputs). */
	void (*tile)(const struct mlp *m, const float *x, int n, float *scratch, float *out);
	void (*row)(const struct mlp *m, const float *x, float *scratch, float *out);
	void (*head)(const struct mlp *m, float *out, int64_t rows); /* in place */
};

extern const struct mlp_kernel mlp_scalar, mlp_avx2, mlp_avx512;

#endif
