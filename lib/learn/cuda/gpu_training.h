/*
 * gpu_training.h - a GPU's trainer from within: what lies on the device, and what one step puts into the
 * stream. Private to lib/learn/cuda.
 *
 * A batch is cut into parts (a power of two on each rank): a kernel adds the rows of a part in their
 * order, then parts are added pairwise. With NET_DETERMINISM_WORLD the parts are trainer.h's shards.
 */
#ifndef MICH_LEARN_CUDA_GPU_TRAINING_H
#define MICH_LEARN_CUDA_GPU_TRAINING_H

#include "lib/learn/cuda/device.h"
#include "lib/learn/cuda/gpu_kernels.h"
#include "lib/learn/cuda/gpu_trainer.h"
#include "lib/learn/net/wiring.h"

enum {
	GPU_ROWS = 64,		 /* capacities are multiples of it */
	GPU_EVALUATE = 8192,	 /* rows that go through the net together without a gradient */
	GPU_EVALUATE_PARTS = 32, /* in which their losses are added */
	GPU_GROUP = 64,		 /* steps that are reported together */
	GPU_UNROLLED =
		32, /* steps of one graph, where so many are queued; or a quarter of it, or 1 */
	GPU_GRAPHS = 16, /* kept at most */
};

/* One set of rows, known by its addresses. */
struct gpu_data {
	struct net_data of;
	float *x, *y, *w; /* as the device sees them; NULL as there */
	void *memory;	  /* of the device, or of the host where pinned */
	bool pinned;
	size_t bytes;
};

/* A layer on the device: (capacity, ld) each; NULL where the layer has no use for it. */
struct gpu_level {
	size_t in, units, ld_in, ld;
	void *w;	     /* (units, ld_in) of type, the weights */
	void *bias;	     /* (units) as the layer's outputs: of cuBLASLt's epilogues */
	void *mask;	     /* a bit for each of a, of fused ones: cuBLASLt's */
	void *z, *h, *a, *d; /* as struct gpu_layer; of the last layer only d */
	float *out;	     /* of the last layer: what it gives, before the head */
	float *rstd;
	float *sums, *squares, *d_sums; /* (units), (units), (2 units) of batch norm */
	float *dw;			/* (dw_parts, units, ld_in) gradient by the weights */
	size_t dw_parts;
	size_t bias_at, norm_at; /* of the small tensors' gradients */
	bool fused;		 /* relu, nothing before or behind it: products do it */
	bool bias_done;		 /* gpu_output.cu adds up the gradient by its bias */
	bool ones; /* of the first: a 1 follows its inputs, so column `in` of dw is the gradient by the bias */
};

/* Rows of one step as the net takes them. */
struct gpu_batch {
	void *x; /* (capacity, ld_x) first activations */
	float *y, *w;
	uint64_t *ids; /* rows of the data */
};

struct gpu_graph {
	const struct gpu_data *data;
	size_t capacity, copies;
	struct device_graph *graph;
};

struct gpu_plan;
struct blas;

struct gpu_trainer {
	struct gpu_trainer_options o;
	struct device *device;
	void *stream, *side;  /* side: of gradients by weights, beside the way back */
	struct wiring wiring; /* where tensors lie */
	struct net_weights *weights;
	enum gpu_type type;
	size_t capacity; /* rows of the largest batch, on this rank */
	size_t rows_max; /* that activations have room for */
	size_t parts;	 /* of a batch, on this rank */
	size_t n_params;
	bool one_output;	  /* gpu_output.cu does the last layer of a step */
	struct gpu_level *levels; /* (wiring.n) */
	struct blas *blas;	  /* NULL: products of our own */
	struct gpu_plan **plans;  /* (n_plans) */
	size_t n_plans, cap_plans;

	/* On the device. */
	void **blocks; /* (n_blocks) all that was taken */
	size_t n_blocks, cap_blocks;
	struct gpu_steps steps;
	float *params, *stats, *moments[2];
	float *class_weights;
	uint32_t *numeric;
	struct gpu_table *tables;
	/* The step's rows in one, those of the next are put into the other meanwhile: where they ask for no weight. */
	struct gpu_batch batches[2];
	bool foresees;
	unsigned turn; /* which one is the step's */
	void *d_x;     /* (capacity, ld_x) the gradient by the first activations */
	size_t ld_x;
	uint32_t *codes;
	float *small; /* (parts, n_small) gradients by biases and norms, then loss and weight */
	size_t n_small;
	struct gpu_embedding embedding;
	struct gpu_update update;
	double *losses;	    /* (GPU_EVALUATE_PARTS, 2) */
	float *predictions; /* (GPU_EVALUATE, outputs) */

	struct gpu_data **data; /* (n_data) */
	size_t n_data, cap_data;
	size_t resident, pinned;
	uint64_t uploaded, control_bytes;
	struct gpu_graph graphs[GPU_GRAPHS];
	size_t n_graphs, n_captured;
	size_t *warm; /* (n_warm) capacities of which a step was done */
	size_t n_warm, cap_warm;

	/* The queue. */
	struct gpu_record *staged; /* (GPU_RING) of the host, page-locked: as the ring will be */
	size_t n_pending;
	const struct gpu_data *pending_data;
	size_t pending_capacity;
	uint32_t at;	   /* number of the next record in the ring */
	size_t unreported; /* steps since the last report was asked for */
	struct shuffle order;
	uint64_t order_epoch;
	size_t order_rows; /* 0: none yet */
	uint64_t foreseen; /* the optimiser's steps, if none is left out */

	/* What came back. */
	struct gpu_outcome *outcomes; /* (2) of the host, which the device writes */
	struct gpu_outcome *outcomes_device;
	uint32_t asked, taken; /* reports */
	double loss, weight, norm;
	bool stopped;
	uint64_t count;		/* as of the last report taken */
	float *host_moments[2]; /* gpu_trainer_pull */
};

/* gpu_data.c: find the rows on the device, or put them there. */
int gpu_data_find(struct gpu_trainer *t, const struct net_data *d, struct gpu_data **out);
void gpu_data_clear(struct gpu_trainer *t);

/* gpu_memory.c: bytes of the device that live as long as the trainer, zeroed; all of them, there and back. */
int gpu_take(struct gpu_trainer *t, size_t bytes, void *out);
int gpu_memory_take(struct gpu_trainer *t);
void gpu_memory_give_back(struct gpu_trainer *t);
static inline size_t gpu_ld(size_t n)
{
	return (n + 7) / 8 * 8;
}
static inline const struct gpu_batch *gpu_batch_of(const struct gpu_trainer *t)
{
	return &t->batches[t->turn];
}
static inline size_t gpu_bytes_of(const struct gpu_trainer *t)
{
	return t->type == GPU_BF16 ? 2 : 4;
}

/* Rows that the largest share of a batch is padded to: the same on every rank. */
static inline size_t gpu_capacity(const struct gpu_trainer *t, size_t rows)
{
	size_t ranks = (size_t)t->o.team.ranks, share = (rows + ranks - 1) / ranks;

	return (share + GPU_ROWS - 1) / GPU_ROWS * GPU_ROWS;
}

/* gpu_pieces.c: how the gradient is put together. After everything else is on the device. */
int gpu_pieces_open(struct gpu_trainer *t);

/* gpu_pass.c: put n steps, of that many rows each at most, into the stream. */
int gpu_pass_steps(struct gpu_trainer *t, const struct gpu_data *data, size_t capacity, size_t n);
/* Rows through the net as they lie, with running moments: into the last level's out. */
int gpu_pass_evaluate(struct gpu_trainer *t, const struct gpu_data *data, size_t first,
		      size_t rows);
/* What the loss reads and writes. */
struct gpu_loss gpu_pass_loss(const struct gpu_trainer *t, size_t capacity);

/* gpu_queue.c: hand pending steps to the device; ask for a report; wait for the one numbered so. */
int gpu_queue_submit(struct gpu_trainer *t);
int gpu_queue_report(struct gpu_trainer *t);
int gpu_queue_wait(struct gpu_trainer *t, uint32_t number);

#endif
