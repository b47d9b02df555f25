/* trainer_open.c - a trainer's memory and threads. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/deal.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/net/trainer.h"
#include "lib/learn/net/training.h"

static bool is_power(size_t n)
{
	return n && !(n & (n - 1));
}

/* How many lanes there are and how many shards each has. */
static int cut(struct trainer *t, size_t threads)
{
	size_t ranks = (size_t)t->o.team.ranks, mine;

	t->n_lanes = threads;
	t->shards_lane = 1;
	t->shards = ranks * threads;
	if (t->o.determinism != NET_DETERMINISM_WORLD)
		return 0;
	t->shards = t->o.shards ? t->o.shards : NET_WORLD_SHARDS;
	if (!is_power(t->shards) || !is_power(ranks) || ranks > t->shards)
		return error_set(
			ERR_INPUT,
			"determinism = world with %zu ranks and %zu shards: both are to be powers of 2, "
			"no more ranks than shards",
			ranks, t->shards);
	mine = t->shards / ranks;
	for (t->n_lanes = 1; t->n_lanes * 2 <= threads && t->n_lanes * 2 <= mine;)
		t->n_lanes *= 2;
	t->shards_lane = mine / t->n_lanes;
	return 0;
}

static int check(const struct trainer *t, const struct net_shape *shape)
{
	const struct trainer_options *o = &t->o;
	int rc;

	if (loss_head(o->loss.kind) != shape->head)
		return error_set(ERR_INPUT, "the loss %s is not made for a head '%s'",
				 loss_name(o->loss.kind), net_head_name(shape->head));
	if (!o->batch)
		return error_set(ERR_INPUT, "a batch of no rows");
	if (o->team.ranks > 1 && !o->team.sum)
		return error_set(ERR_INPUT, "%d ranks with no way to add", o->team.ranks);
	if ((rc = optimizer_check(&o->optimizer)) < 0)
		return rc;
	return net_shape_check(shape);
}

static void find_segments(struct trainer *t)
{
	struct net_tensors params;

	net_shape_params(t->wiring.shape, &params);
	t->n_params = params.count;
	t->n_chunks = (params.count + TRAINING_CHUNK - 1) / TRAINING_CHUNK;
	t->segments = xcalloc(params.n, sizeof(*t->segments));
	t->n_segments = params.n;
	for (size_t i = 0; i < params.n; i++) {
		const struct net_tensor *v = &params.v[i];

		/* Biases and a norm's weights are vectors. */
		t->segments[i] = (struct segment){ v->offset, v->offset + v->count, v->n_dims > 1 };
	}
	net_tensors_clear(&params);
}

static int open_moments(struct trainer *t, struct training_lane *lane)
{
	lane->moments = xcalloc(t->wiring.n, sizeof(*lane->moments));
	for (size_t l = 0; l < t->wiring.n; l++) {
		struct training_moments *m = &lane->moments[l];
		size_t units = t->wiring.layers[l].units;
		int rc;

		if (t->wiring.layers[l].norm != NET_NORM_BATCH)
			continue;
		if ((rc = mem_alloc(5 * units, sizeof(float), &m->mean)) < 0)
			return rc;
		m->var = m->mean + units;
		m->rstd = m->var + units;
		m->d_weight = m->rstd + units;
		m->d_bias = m->d_weight + units;
	}
	return mem_alloc(t->shards_lane * 2 * t->units_max, sizeof(float), &lane->sums);
}

/* A shard's largest number of rows, and how many passes and gradients a lane needs. */
static int open_lane(struct trainer *t, struct training_lane *lane)
{
	size_t rows = t->wiring.batch_norm ? t->o.batch / t->shards + 1 : TRAINING_TILE, passes;
	int rc;

	passes = t->wiring.batch_norm ? t->shards_lane : 1;
	lane->passes = xcalloc(passes, sizeof(*lane->passes));
	for (size_t i = 0; i < passes; i++) {
		lane->n_passes++;
		/* The first one also takes the tiles of an evaluation. */
		rc = pass_init(&t->wiring, i || rows > TRAINING_TILE ? rows : TRAINING_TILE,
			       &lane->passes[i]);
		if (rc < 0)
			return rc;
	}
	lane->n_gradients = passes;
	for (size_t n = t->shards_lane; !t->wiring.batch_norm && n > 1; n /= 2)
		lane->n_gradients++;
	lane->gradients = xcalloc(lane->n_gradients, sizeof(*lane->gradients));
	lane->begins = xcalloc(lane->n_gradients, sizeof(*lane->begins));
	lane->lists = xcalloc(lane->n_gradients, sizeof(*lane->lists));
	for (size_t i = 0; i < lane->n_gradients; i++)
		if ((rc = mem_alloc(t->n_params + 2, sizeof(float), &lane->gradients[i])) < 0)
			return rc;
	return open_moments(t, lane);
}

static int open_state(struct trainer *t)
{
	int rc = 0, moments = optimizer_moments(&t->o.optimizer);

	for (int i = 0; !rc && i < moments; i++)
		rc = mem_alloc(t->n_params, sizeof(float), &t->moments[i]);
	if (!rc)
		rc = mem_alloc(t->n_chunks, sizeof(*t->squares), &t->squares);
	if (!rc)
		rc = mem_alloc(2 * t->units_max, sizeof(*t->totals), &t->totals);
	t->lanes = xcalloc(t->n_lanes, sizeof(*t->lanes));
	for (size_t i = 0; !rc && i < t->n_lanes; i++)
		rc = open_lane(t, &t->lanes[i]);
	return rc;
}

int trainer_open(const struct net_shape *shape, struct net_weights *weights,
		 const struct trainer_options *o, struct trainer **out)
{
	struct trainer *t = xcalloc(1, sizeof(*t));
	size_t threads = (size_t)(o->threads > 0 ? o->threads : deal_cores());
	int rc;

	*out = NULL;
	t->o = *o;
	if (!t->o.team.ranks)
		t->o.team.ranks = 1;
	if ((rc = check(t, shape)) < 0 ||
	    (rc = cut(t, threads < TRAINING_LANES ? threads : TRAINING_LANES)) < 0 ||
	    (rc = wiring_init(shape, weights, &t->wiring)) < 0)
		goto out;
	for (size_t l = 0; l < t->wiring.n; l++)
		if (t->wiring.layers[l].units > t->units_max)
			t->units_max = t->wiring.layers[l].units;
	find_segments(t);
	touched_plan_init(&t->wiring, t->n_params + 2, t->o.batch, &t->plan);
	if ((rc = open_state(t)) < 0 || (rc = ranks_sum_open(t)) < 0)
		goto out;
	rc = workers_open((int)t->n_lanes, &t->workers);
out:
	if (rc < 0)
		trainer_close(t);
	else
		*out = t;
	return rc;
}

static void close_lane(struct trainer *t, struct training_lane *lane)
{
	for (size_t i = 0; i < lane->n_passes; i++)
		pass_clear(&lane->passes[i]);
	for (size_t i = 0; lane->gradients && i < lane->n_gradients; i++)
		free(lane->gradients[i]);
	for (size_t l = 0; lane->moments && l < t->wiring.n; l++)
		free(lane->moments[l].mean);
	free(lane->passes);
	free(lane->gradients);
	free(lane->begins);
	free(lane->lists);
	touched_clear(&lane->touched);
	free(lane->moments);
	free(lane->sums);
}

void trainer_close(struct trainer *t)
{
	if (!t)
		return;
	workers_close(t->workers);
	for (size_t i = 0; t->lanes && i < t->n_lanes; i++)
		close_lane(t, &t->lanes[i]);
	free(t->lanes);
	wiring_clear(&t->wiring);
	touched_plan_clear(&t->plan);
	ranks_sum_close(&t->over);
	resident_clear(&t->near);
	free(t->segments);
	free(t->moments[0]);
	free(t->moments[1]);
	free(t->squares);
	free(t->totals);
	free(t);
}

void trainer_state(struct trainer *t, struct trainer_state *out)
{
	*out = (struct trainer_state){ .moments = { t->moments[0], t->moments[1] },
				       .n = t->n_params,
				       .steps = &t->steps };
}

const float *trainer_gradient(const struct trainer *t)
{
	return t->lanes[0].gradients[0];
}
