/*
 * gpu_kernels.h - the kernels, as a C compiler sees them: functions that put work into a stream. All
 * pointers are the device's. A matrix of activations is (rows, ld) of `type`, rows up to a capacity;
 * those beyond the batch's are zero or do no harm: they have no weight.
 *
 * Where a step takes its rows, its rate and its random numbers from is in the device's memory
 * (gpu_steps), so that a captured graph of launches is the same for every step.
 */
#ifndef MICH_LEARN_CUDA_GPU_KERNELS_H
#define MICH_LEARN_CUDA_GPU_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/learn/net/loss_row.h"
#include "lib/learn/net/optimizer_terms.h"
#include "lib/learn/net/shuffle.h"

#ifdef __cplusplus
extern "C" {
#endif

enum gpu_type { GPU_F32, GPU_BF16 };

enum {
	GPU_RING = 256,	 /* records of steps that may wait */
	GPU_PIECE = 512, /* weights that one block looks after */
	GPU_TABLES = 64, /* embedded inputs at most */
	GPU_OUTPUT_UNITS = 512,
	GPU_BATCH_MOST = 65535 * 64, /* blocks below one another in gpu_product.cu */
};

/* What one step is to do. Written by the host. */
struct gpu_record {
	uint64_t first; /* place of this rank's first row in the epoch's order */
	uint64_t epoch;
	uint32_t rows;	     /* of this rank */
	uint32_t batch_rows; /* of all ranks */
	uint32_t begin;	     /* this rank's first row in the batch */
	uint32_t shuffled;
	uint64_t count; /* of the optimiser's steps, this one among them, unless one was left out */
	struct shuffle order;
	float lr;
	struct optimizer_terms terms[2]; /* for count; [1]: of decayed weights. Without scale */
};

/* What steps leave. Written by the device alone, but for at, count and stopped between steps. */
struct gpu_control {
	uint32_t at;	  /* number of the step that runs, as its record's in the ring */
	uint32_t blocks;  /* that are done, of a kernel that ends with its last one */
	uint32_t stopped; /* 1: a step was not finite; none after it changes anything */
	uint32_t ok;	  /* the step that runs changes the weights */
	uint64_t count;	  /* of the optimiser's steps */
	float scale;	  /* of the gradient */
	float rows;	  /* of the batch that runs: for the moments of batch norms */
	struct optimizer_terms terms[2];
	double norm, step_loss, step_weight; /* of the last step; loss is a sum */
	double loss, weight;		     /* sums since the last report */
};

struct gpu_steps {
	struct gpu_control *control;
	const struct gpu_record *ring; /* (GPU_RING) */
	uint64_t seed;
	size_t rank, ranks;
};

/* --- rows ------------------------------------------------------------------------------------------ */

struct gpu_table {
	size_t input, categories, dim;
	size_t offset; /* in the parameters */
	size_t at;     /* column of the first activations */
};

/* From rows of the data to first activations. */
struct gpu_gather {
	const float *x, *y, *w; /* of the data; y and w may be NULL */
	size_t inputs;
	const uint32_t *numeric; /* (n_numeric) inputs */
	size_t n_numeric;
	const struct gpu_table *tables; /* (n_tables) */
	size_t n_tables;
	const float *mean, *scale;  /* (n_numeric) */
	const float *target;	    /* mean, scale; or NULL */
	const float *class_weights; /* or NULL */
	const float *params;
	size_t width, ld;
	bool ones;	    /* a 1 follows the last column of a row that is there */
	size_t capacity;    /* a multiple of 16 */
	void *to;	    /* (capacity, ld) */
	float *to_y, *to_w; /* (capacity) w is 0 beyond the batch */
	uint64_t *ids;	    /* (capacity) rows of the data */
	uint32_t *codes;    /* (capacity, n_tables) */
};
/* The rows of the step that runs, or of one ahead; or, given, those from first on as they lie. */
void gpu_gather_rows(enum gpu_type type, const struct gpu_steps *s, unsigned ahead,
		     const struct gpu_gather *g, void *stream);
void gpu_gather_block(enum gpu_type type, size_t first, size_t rows, const struct gpu_gather *g,
		      void *stream);

/* --- products -------------------------------------------------------------------------------------- */

enum gpu_product_kind {
	GPU_FORWARD,  /* out (rows, units) = x (rows, in) w (units, in)^T + bias */
	GPU_BACKWARD, /* x_out (rows, in) = d (rows, units) w (units, in) */
	GPU_WEIGHTS,  /* w_out[part] (units, in) = d^T x over the rows of part */
};

struct gpu_product {
	enum gpu_product_kind kind;
	size_t rows, in, units; /* rows: the capacity */
	size_t ld_in, ld;	/* of x and w, of out and d */
	const void *x, *w, *d;
	const float *bias;
	bool relu; /* forward: what is below 0 is 0 */
	const void *
		mask; /* backward: (rows, in; ld_in) the result is 0 where this is not above 0; or NULL */
	void *out; /* forward: float where wide, else type; backward: type; weights: float */
	bool wide;
	size_t parts, stride; /* weights: floats from part to part */
};
/* Added in the order of the index with fused multiply-add: gemm.h's bits. */
void gpu_product_make(enum gpu_type type, const struct gpu_steps *s, const struct gpu_product *p,
		      void *stream);

/* --- layers ---------------------------------------------------------------------------------------- */

/* A layer's activation, its norm by columns before it, its dropout after it. */
struct gpu_layer {
	size_t capacity, units, ld;
	int activation;	 /* enum net_activation */
	float dropout;	 /* share; 0: none */
	uint32_t number; /* of the layer, for dropout */
	void *z;	 /* with a norm: in, then normalised; or NULL */
	void *h;	 /* of gelu: what goes into it; or NULL: a holds it */
	void *a;
	void *d;		    /* backward: the gradient by a, then by what came in */
	float *rstd;		    /* (capacity) of layer norm */
	const float *weight, *bias; /* (units) of the norm */
	const uint64_t *ids;
	/* batch norm: */
	const float *sums; /* (units) over the batch: of z, then of squares; NULL: running */
	const float *squares;
	const float *mean, *var; /* (units) running */
	const float *d_sums;	 /* (2 units) over the batch: of d x, then of d */
};
/* From z (batch norm) or h or a; dropout where s is not NULL. */
void gpu_activate(enum gpu_type type, const struct gpu_steps *s, const struct gpu_layer *l,
		  void *stream);
void gpu_activate_back(enum gpu_type type, const struct gpu_steps *s, const struct gpu_layer *l,
		       void *stream);
/* Layer norm of z, then its activation. */
void gpu_norm_rows(enum gpu_type type, const struct gpu_steps *s, const struct gpu_layer *l,
		   void *stream);
void gpu_norm_rows_back(enum gpu_type type, const struct gpu_layer *l, void *stream);
void gpu_norm_columns_back(enum gpu_type type, const struct gpu_steps *s, const struct gpu_layer *l,
			   void *stream);

/* Sums over the rows of each part, by column: to (parts, stride). */
enum gpu_sum { GPU_SUM, GPU_SQUARES, GPU_NORM_BACK };
struct gpu_columns {
	enum gpu_sum kind;
	size_t units, ld;
	const void *v;	     /* SUM: of v; SQUARES: of (v - mean)^2; NORM_BACK: of v z and of v */
	const void *z;	     /* of NORM_BACK */
	const float *sums;   /* of SQUARES: mean times the batch's rows */
	float *to, *to_more; /* to_more: of NORM_BACK, the sums of v */
	size_t parts, stride;
};
void gpu_columns_sum(enum gpu_type type, const struct gpu_steps *s, const struct gpu_columns *c,
		     void *stream);
/* to (n) = from (parts, stride), added pairwise. */
void gpu_total(const float *from, size_t parts, size_t stride, float *to, size_t n, void *stream);

/* Running moments of a batch norm: PyTorch's momentum of 0.1, the variance without bias. */
void gpu_run_moments(const struct gpu_steps *s, const float *sums, const float *squares,
		     float *mean, float *var, size_t units, void *stream);

/* --- embeddings ------------------------------------------------------------------------------------ */

/*
 * The gradient of tables: the first row with a code within a part gets the sum of all of them there,
 * in their order, and slots says which row that is (+ 1).
 */
struct gpu_embedding {
	const struct gpu_table *tables; /* of the device */
	size_t n_tables;
	size_t capacity; /* rows of the largest batch */
	const uint32_t *codes;
	const void *d; /* (capacity, ld) the gradient by the first activations */
	size_t ld;
	float *sums; /* (capacity, dims of all tables) */
	size_t dims, numeric;
	uint32_t *slots; /* (parts, slots_part) rows of all tables one behind the other */
	size_t slots_part, parts;
};
void gpu_embedding_sums(enum gpu_type type, const struct gpu_steps *s,
			const struct gpu_embedding *e, void *stream);
void gpu_embedding_clear(const struct gpu_steps *s, const struct gpu_embedding *e, void *stream);

/* --- losses ---------------------------------------------------------------------------------------- */

struct gpu_loss {
	enum loss_kind kind;
	float delta;
	size_t capacity, outputs, ld, ld_d;
	const float *z; /* (capacity, ld) */
	const float *y, *w;
	void *d;   /* (capacity, ld_d) the gradient of the weighted sum; NULL: not wanted */
	float *to; /* (parts, stride) sum of weighted losses, then of weights */
	size_t parts, stride;
};
void gpu_loss_rows(enum gpu_type type, const struct gpu_steps *s, const struct gpu_loss *l,
		   void *stream);
/* The same of rows as they lie, without a gradient: to (parts, 2) doubles. */
void gpu_loss_block(const struct gpu_loss *l, size_t rows, double *to, void *stream);
/* out (rows, outputs): what the head gives, as a person reads it. */
void gpu_head(enum net_head head, size_t outputs, const float *z, size_t ld, size_t rows,
	      const float *target, float *out, void *stream);

/* One number behind a relu layer: forward, loss and back, to below that relu. */
struct gpu_output {
	enum loss_kind kind; /* of one output */
	float delta;
	size_t capacity, units, ld; /* of the layer below; units up to GPU_OUTPUT_UNITS */
	const void *a;		    /* (capacity, ld) that it gave */
	void *d;		    /* (capacity, ld) gradient by what went into its relu */
	const void *weights;	    /* (ld) of type */
	const float *bias;	    /* (1) */
	const float *y, *w;
	float *dw;    /* (parts, ld) */
	float *small; /* (parts, stride): gradients at the places that follow */
	size_t parts, stride;
	size_t bias_at, below_at, loss_at; /* by the bias; by the layer's below; loss and weight */
};
void gpu_output_rows(enum gpu_type type, const struct gpu_steps *s, const struct gpu_output *o,
		     void *stream);

/* --- from gradients to weights --------------------------------------------------------------------- */

/* Some weights of one tensor, and where their gradients and copies are. */
struct gpu_piece {
	size_t offset;	       /* in the parameters */
	uint32_t first, count; /* within the tensor */
	uint32_t cols;	       /* of a row of the tensor */
	uint32_t parts;	       /* of the gradient: a power of 2 */
	uint32_t
		lanes; /* threads that share the parts of a weight: a power of 2; count is at most 256 / lanes then */
	const float *from; /* (parts, stride) of rows of ld floats */
	size_t stride, ld;
	const uint32_t
		*slots; /* of an embedding: (parts, slots_part); from is gpu_embedding.sums */
	size_t slots_part;
	void *copy; /* of `type`, or of float where wide: rows of copy_ld; or NULL */
	size_t copy_ld;
	uint32_t wide;
	uint32_t decayed;
};

struct gpu_update {
	const struct gpu_piece *pieces; /* of the device */
	size_t n_pieces;
	size_t n_params;
	float *params, *gradient; /* gradient: n_params + 2, loss and weight at the end */
	float *m, *v;		  /* or NULL */
	double *squares;	  /* (n_pieces) */
	float clip;
	bool adam, momentum; /* neither: plain sgd */
};
/* Sum the parts into the gradient; where judged, also see what came out (gpu_control). */
void gpu_reduce(const struct gpu_steps *s, const struct gpu_update *u, bool judged, void *stream);
/* See what came out of a gradient that other ranks added to. */
void gpu_judge(const struct gpu_steps *s, const struct gpu_update *u, void *stream);
void gpu_apply(enum gpu_type type, const struct gpu_steps *s, const struct gpu_update *u,
	       void *stream);
/* Make the copies anew. */
void gpu_refresh(enum gpu_type type, const struct gpu_update *u, void *stream);
/* What came of the steps since the last report; to may be the host's memory. number is written last. */
struct gpu_outcome {
	double loss, weight, norm; /* loss is a sum; norm is the last step's */
	uint64_t count;
	uint32_t stopped, number;
};
void gpu_report(const struct gpu_steps *s, struct gpu_outcome *to, uint32_t number, void *stream);

#ifdef __cplusplus
}
#endif

#endif
