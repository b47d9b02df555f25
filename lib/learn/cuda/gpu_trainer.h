/*
 * gpu_trainer.h - trainer.h on a GPU: the same nets, options, batches and order of rows, and the same
 * answer within a tolerance (tests/gpu/trainer.c holds it). Weights are fp32 whatever products are made in.
 *
 * The rows lie on the device; a step is one CUDA graph that reads which rows, which learning rate and
 * which random numbers from the device's memory, so it is captured once for a size of batch and replayed
 * unchanged. Steps are queued: gpu_trainer_step returns before they have run, and what they gave is
 * reported later. A step whose loss or gradient is no number changes nothing, nor does any after it.
 *
 * NET_DETERMINISM_RUN, and OFF: the same bits on the same GPU with the same libraries and ranks: no sum depends
 * on which of two came first. NET_DETERMINISM_WORLD: the same bits for every number of ranks that
 * divides the shards, with products of our own (gpu_product.cu) and sums over shards as in trainer.h; the
 * team's sum must then add pairwise in the order of the ranks.
 */
#ifndef MICH_LEARN_CUDA_GPU_TRAINER_H
#define MICH_LEARN_CUDA_GPU_TRAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/learn/net/trainer.h"

struct device;
struct gpu_trainer;

/* What products are made in: fp32, tf32 (10 bits of fraction), bf16 (activations are kept in it too). */
enum gpu_math { GPU_MATH_FP32, GPU_MATH_TF32, GPU_MATH_BF16 };

const char *gpu_math_name(enum gpu_math m); /* "fp32" "tf32" "bf16" */

/*
 * The other ranks, each with a device. sum: replace v (n, on the device) on every rank by the sum over
 * the ranks, in the order of `stream` (a cudaStream_t); it is called while the step is captured, as often
 * on every rank, and returns before the sum is there. A negative code ends the capture with it.
 */
struct gpu_team {
	int rank, ranks;
	int (*sum)(void *payload, float *v, size_t n, void *stream); /* may be NULL with one rank */
	void *payload;
};

struct gpu_trainer_options {
	struct trainer_options trainer; /* threads and team are not looked at */
	struct gpu_team team;		/* zeroed: one rank */
	enum gpu_math math;
	size_t resident_bytes; /* of data on the device at most; 0: what is free, less a reserve */
};

/*
 * As trainer_open. weights is borrowed; the device has its own copy from here on: gpu_trainer_pull
 * and gpu_trainer_push carry it over. ERR_INPUT: options that do not fit the shape; ERR_FAIL: no memory.
 */
int gpu_trainer_open(struct device *device, const struct net_shape *shape,
		     struct net_weights *weights, const struct gpu_trainer_options *o,
		     struct gpu_trainer **out);
void gpu_trainer_close(struct gpu_trainer *t);

/*
 * Queue one step. The rows of b->data are put on the device the first time they are seen (by their
 * address): they must not change or go before gpu_trainer_close. What does not fit is read from
 * page-locked host memory.
 *
 * out is what came of steps queued before, as far as it was looked at: after each 64th step those up
 * to the 64th before, always the same ones. loss is the mean over all their rows, weight 0 where there
 * are none yet. finite is false once a step's was not. ERR_INPUT as trainer_step; else what the device
 * or team gave.
 */
int gpu_trainer_step(struct gpu_trainer *t, const struct net_batch *b, struct net_report *out);

/* Wait for all steps; out is what those gave that no report was made of. */
int gpu_trainer_flush(struct gpu_trainer *t, struct net_report *out);

/* As trainer_evaluate, with the weights after all steps queued. What is not reported yet stays so. */
int gpu_trainer_evaluate(struct gpu_trainer *t, const struct net_data *d, size_t first, size_t rows,
			 double *loss, double *weight, float *predictions);

/*
 * What a checkpoint needs, on the host: pull waits for all steps and copies weights, moments and the
 * count of steps from the device, push copies them to it. The bytes mean the same as the CPU's, so
 * either may go on from the other's checkpoint; math and device are the caller's to compare. The moments
 * are borrowed: valid until the trainer closes.
 */
int gpu_trainer_pull(struct gpu_trainer *t, struct trainer_state *out);
int gpu_trainer_push(struct gpu_trainer *t);

/* How data reached the device. */
struct gpu_traffic {
	uint64_t resident_bytes; /* rows, labels and weights that lie on the device */
	uint64_t pinned_bytes;	 /* that it reads from the host at every epoch */
	uint64_t uploaded_bytes; /* of rows, in all: no more of them after the first epoch */
	uint64_t control_bytes;	 /* which rows, learning rates: some 100 bytes a step */
	size_t graphs;		 /* captured so far */
};
void gpu_trainer_traffic(const struct gpu_trainer *t, struct gpu_traffic *out);

/* The gradient of the last step before clipping, as trainer_gradient: for tests. Copied to the host. */
int gpu_trainer_gradient(struct gpu_trainer *t, float *out);

#endif
