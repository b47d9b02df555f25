/* gpu_trainer_open.c - whether what is asked for can be had, and how a batch is cut. */
#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/cuda/gpu_gemm.h"
#include "lib/learn/cuda/gpu_training.h"

enum {
	PARTS_MIN = 8,
	PARTS_MAX = 256,
	PART_ROWS = 16,
};

static const char *const MATHS[] = { "fp32", "tf32", "bf16" };

const char *gpu_math_name(enum gpu_math m)
{
	return MATHS[m];
}

static int check(const struct gpu_trainer *t, const struct net_shape *shape)
{
	const struct trainer_options *o = &t->o.trainer;
	int rc;

	if (loss_head(o->loss.kind) != shape->head)
		return error_set(ERR_INPUT, "the loss %s is not made for a head '%s'",
				 loss_name(o->loss.kind), net_head_name(shape->head));
	if (!o->batch)
		return error_set(ERR_INPUT, "a batch of no rows");
	if (o->batch > GPU_BATCH_MOST)
		return error_set(ERR_INPUT, "a batch of %zu rows: a GPU's step takes %d", o->batch,
				 GPU_BATCH_MOST);
	if (t->o.team.ranks > 1 && !t->o.team.sum)
		return error_set(ERR_INPUT, "%d ranks with no way to add", t->o.team.ranks);
	if (shape->n_embedded > GPU_TABLES)
		return error_set(ERR_INPUT,
				 "%zu embedded inputs: a GPU's trainer takes %d; gpus=0 takes more",
				 shape->n_embedded, GPU_TABLES);
	if ((rc = optimizer_check(&o->optimizer)) < 0)
		return rc;
	return net_shape_check(shape);
}

static bool is_power(size_t n)
{
	return n && !(n & (n - 1));
}

/* How many parts this rank's rows are added in. */
static int cut(struct gpu_trainer *t)
{
	size_t ranks = (size_t)t->o.team.ranks, shards = t->o.trainer.shards;

	t->capacity = gpu_capacity(t, t->o.trainer.batch);
	t->rows_max = t->capacity > GPU_EVALUATE ? t->capacity : GPU_EVALUATE;
	if (t->o.trainer.determinism != NET_DETERMINISM_WORLD) {
		for (t->parts = PARTS_MIN;
		     t->parts < PARTS_MAX && t->parts < t->capacity / PART_ROWS;)
			t->parts *= 2;
		return 0;
	}
	if (!shards)
		shards = NET_WORLD_SHARDS;
	if (!is_power(shards) || !is_power(ranks) || ranks > shards)
		return error_set(
			ERR_INPUT,
			"determinism = world with %zu ranks and %zu shards: both are to be powers of 2, "
			"no more ranks than shards",
			ranks, shards);
	t->parts = shards / ranks;
	return 0;
}

int gpu_trainer_open(struct device *device, const struct net_shape *shape,
		     struct net_weights *weights, const struct gpu_trainer_options *o,
		     struct gpu_trainer **out)
{
	struct gpu_trainer *t = xcalloc(1, sizeof *t);
	int rc;

	*out = NULL;
	t->o = *o;
	if (!t->o.team.ranks)
		t->o.team.ranks = 1;
	t->device = device;
	t->stream = device_stream(device);
	t->weights = weights;
	t->type = o->math == GPU_MATH_BF16 ? GPU_BF16 : GPU_F32;
	t->n_params = weights->n_params;
	if ((rc = check(t, shape)) < 0 || (rc = cut(t)) < 0 ||
	    (rc = wiring_init(shape, weights, &t->wiring)) < 0 || (rc = gpu_memory_take(t)) < 0 ||
	    (rc = gpu_trainer_push(t)) < 0)
		gpu_trainer_close(t);
	else
		*out = t;
	return rc;
}

void gpu_trainer_close(struct gpu_trainer *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n_graphs; i++)
		device_graph_close(t->graphs[i].graph);
	gpu_data_clear(t);
	gpu_gemm_close(t);
	gpu_memory_give_back(t);
	wiring_clear(&t->wiring);
	free(t->warm);
	free(t);
}
