/* gpu_engine.c - device, ranks and trainer put together. */
#include "lib/learn/cuda/gpu_engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/cuda/device.h"
#include "lib/learn/cuda/gpu_facts.h"
#include "lib/learn/cuda/gpu_trainer.h"
#include "lib/learn/cuda/nccl.h"
#include "lib/learn/team/team.h"

/* Floats of an ordered sum at once: 64 MiB of each rank. */
enum { ROOM_MOST = 1 << 24 };

struct gpu_engine {
	struct device *device;
	struct nccl *nccl; /* NULL: one rank */
	struct gpu_trainer *trainer;
};

static int local_rank(int devices)
{
	const char *s = getenv("LOCAL_RANK");
	long rank = s ? strtol(s, NULL, 10) : 0;

	return rank > 0 ? (int)(rank % devices) : 0;
}

static int open_device(struct gpu_engine *e)
{
	int n, rc = device_count(&n);

	if (!rc)
		rc = device_open(local_rank(n), &e->device);
	return rc;
}

static int open_ranks(struct gpu_engine *e, const struct net_weights *w,
		      const struct net_engine_options *o, struct gpu_team *out)
{
	size_t room = w->n_params + 2;
	struct nccl_options n = { .ordered = o->trainer.determinism == NET_DETERMINISM_WORLD,
				  .room = room < ROOM_MOST ? room : ROOM_MOST };
	int rc;

	*out = (struct gpu_team){ .rank = team_rank(o->team), .ranks = team_ranks(o->team) };
	if (out->ranks == 1)
		return 0;
	if ((rc = nccl_open(o->team, e->device, &n, &e->nccl)))
		return rc;
	device_watch(e->device, nccl_watch, e->nccl);
	out->sum = nccl_sum;
	out->payload = e->nccl;
	return 0;
}

/* A rank that failed ends what its stream waits for; graphs go before the communicator that they use. */
static void gpu_close(void *trainer)
{
	struct gpu_engine *e = trainer;

	if (!e)
		return;
	if (nccl_is_broken(e->nccl))
		nccl_abort(e->nccl);
	gpu_trainer_close(e->trainer);
	nccl_close(e->nccl);
	device_close(e->device);
	free(e);
}

static enum gpu_math math_of(enum net_math m)
{
	static const enum gpu_math of[] = { [NET_MATH_FP32] = GPU_MATH_FP32,
					    [NET_MATH_TF32] = GPU_MATH_TF32,
					    [NET_MATH_BF16] = GPU_MATH_BF16 };

	return of[m];
}

static int gpu_open(const struct net_shape *shape, struct net_weights *weights,
		    const struct net_engine_options *o, void **out)
{
	struct gpu_trainer_options g = { .trainer = o->trainer, .math = math_of(o->math) };
	struct gpu_engine *e = xcalloc(1, sizeof *e);
	int rc = open_device(e);

	*out = NULL;
	if (!rc)
		rc = open_ranks(e, weights, o, &g.team);
	if (!rc)
		rc = gpu_trainer_open(e->device, shape, weights, &g, &e->trainer);
	if (rc) {
		gpu_close(e);
		return rc;
	}
	*out = e;
	return 0;
}

static int gpu_step(void *trainer, const struct net_batch *b, struct net_report *out)
{
	struct gpu_engine *e = trainer;

	return gpu_trainer_step(e->trainer, b, out);
}

static int gpu_flush(void *trainer, struct net_report *out)
{
	struct gpu_engine *e = trainer;

	return gpu_trainer_flush(e->trainer, out);
}

static int gpu_evaluate(void *trainer, const struct net_data *d, size_t first, size_t rows,
			double *loss, double *weight, float *predictions)
{
	struct gpu_engine *e = trainer;

	return gpu_trainer_evaluate(e->trainer, d, first, rows, loss, weight, predictions);
}

static int gpu_pull(void *trainer, struct trainer_state *out)
{
	struct gpu_engine *e = trainer;

	return gpu_trainer_pull(e->trainer, out);
}

static int gpu_push(void *trainer)
{
	struct gpu_engine *e = trainer;

	return gpu_trainer_push(e->trainer);
}

static void gpu_traffic(const void *trainer, struct net_traffic *out)
{
	const struct gpu_engine *e = trainer;
	struct gpu_traffic t;

	gpu_trainer_traffic(e->trainer, &t);
	*out = (struct net_traffic){ .resident_bytes = t.resident_bytes,
				     .remote_bytes = t.pinned_bytes,
				     .sent_bytes = t.uploaded_bytes,
				     .control_bytes = t.control_bytes };
}

static json_t *gpu_used(const void *trainer)
{
	const struct gpu_engine *e = trainer;

	return gpu_facts_used(e->device, e->nccl != NULL);
}

const struct net_engine net_engine_cuda = {
	.name = "cuda",
	.program = "mich-net-cuda",
	.open = gpu_open,
	.close = gpu_close,
	.step = gpu_step,
	.flush = gpu_flush,
	.evaluate = gpu_evaluate,
	.pull = gpu_pull,
	.push = gpu_push,
	.describe = gpu_facts,
	.traffic = gpu_traffic,
	.used = gpu_used,
};
