/* training.c - the gradient of a batch: shards through the net, sums pairwise. */
#include "lib/learn/net/training.h"

#include <math.h>
#include <string.h>

#include "lib/learn/net/norm.h"

void training_pairs(float *const *v, size_t n, size_t from, size_t end)
{
	for (size_t step = 1; step < n; step *= 2)
		for (size_t i = 0; i + step < n; i += 2 * step) {
			float *a = v[i];
			const float *b = v[i + step];

			for (size_t k = from; k < end; k++)
				a[k] += b[k];
		}
}

void training_sum(const struct trainer *t, float *const *v, const struct touched *lists, size_t n,
		  struct touched_range range)
{
	for (size_t i = 0; i < t->plan.n_whole; i++) {
		struct touched_range r = touched_within(t->plan.whole[i], range);

		training_pairs(v, n, r.from, r.end);
	}
	for (size_t step = 1; t->plan.n_tables && step < n; step *= 2)
		for (size_t i = 0; i + step < n; i += 2 * step)
			for (size_t k = i + step; k < n && k < i + 2 * step; k++)
				touched_add(lists[k].rows, lists[k].n, range, v[i], v[i + step]);
}

static struct training_lane *lane_of(struct trainer *t, size_t lane)
{
	return &t->lanes[lane];
}

/* --- sums of batch norm ---------------------------------------------------------------------------- */

/* sums of the lane's shards, of all lanes, of all ranks: in t->totals (n) for everyone. */
static void total(struct trainer *t, size_t lane, size_t n)
{
	float *of[TRAINING_LANES], *sums = lane_of(t, lane)->sums;

	for (size_t step = 1; step < t->shards_lane; step *= 2)
		for (size_t i = 0; i + step < t->shards_lane; i += 2 * step)
			for (size_t k = 0; k < n; k++)
				sums[i * 2 * t->units_max + k] +=
					sums[(i + step) * 2 * t->units_max + k];
	workers_meet(t->workers);
	if (!lane) {
		for (size_t i = 0; i < t->n_lanes; i++)
			of[i] = t->lanes[i].sums;
		training_pairs(of, t->n_lanes, 0, n);
		memcpy(t->totals, of[0], n * sizeof(float));
		if (t->o.team.ranks > 1 && !t->rc)
			t->rc = t->o.team.sum(t->o.team.payload, t->totals, n);
	}
	workers_meet(t->workers);
}

static float *sums_of(const struct trainer *t, struct training_lane *lane, size_t pass)
{
	return lane->sums + pass * 2 * t->units_max;
}

/* Mean, then variance, of layer l over the batch. */
static void moments(struct trainer *t, size_t number, size_t l)
{
	const struct wiring_layer *layer = &t->wiring.layers[l];
	struct training_lane *lane = lane_of(t, number);
	struct training_moments *m = &lane->moments[l];
	size_t units = layer->units;
	float n = (float)t->batch->rows;

	memset(lane->sums, 0, lane->n_passes * 2 * t->units_max * sizeof(float));
	for (size_t i = 0; i < lane->n_passes; i++)
		norm_sums(lane->passes[i].layers[l].z, lane->passes[i].rows, units, layer->ld,
			  sums_of(t, lane, i));
	total(t, number, units);
	for (size_t k = 0; k < units; k++)
		m->mean[k] = t->totals[k] / n;
	memset(lane->sums, 0, lane->n_passes * 2 * t->units_max * sizeof(float));
	for (size_t i = 0; i < lane->n_passes; i++)
		norm_squares(lane->passes[i].layers[l].z, m->mean, lane->passes[i].rows, units,
			     layer->ld, sums_of(t, lane, i));
	total(t, number, units);
	for (size_t k = 0; k < units; k++) {
		m->var[k] = t->totals[k] / n;
		m->rstd[k] = 1 / sqrtf(m->var[k] + NET_EPSILON);
	}
}

/* --- passes, all of a lane layer by layer ------------------------------------------------------------ */

static void forward(struct trainer *t, size_t number)
{
	struct training_lane *lane = lane_of(t, number);

	for (size_t l = 0; l < t->wiring.n; l++) {
		const struct wiring_layer *layer = &t->wiring.layers[l];
		struct training_moments *m = &lane->moments[l];

		for (size_t i = 0; i < lane->n_passes; i++)
			pass_linear(&lane->passes[i], l);
		if (layer->norm == NET_NORM_BATCH)
			moments(t, number, l);
		for (size_t i = 0; i < lane->n_passes; i++) {
			if (layer->norm != NET_NORM_NONE)
				pass_norm(&lane->passes[i], l, m->mean, m->rstd);
			pass_activate(&lane->passes[i], l, t->batch, &t->o.seed);
		}
	}
}

/* The sums that a batch norm's gradient needs, over the whole batch. */
static void moments_back(struct trainer *t, size_t number, size_t l, float *const *gradients)
{
	const struct wiring_layer *layer = &t->wiring.layers[l];
	struct training_lane *lane = lane_of(t, number);
	struct training_moments *m = &lane->moments[l];
	size_t units = layer->units;

	memset(lane->sums, 0, lane->n_passes * 2 * t->units_max * sizeof(float));
	for (size_t i = 0; i < lane->n_passes; i++) {
		float *sums = sums_of(t, lane, i);

		pass_norm_sums(&lane->passes[i], l, sums, sums + units);
		memcpy(gradients[i] + layer->norm_weight, sums, units * sizeof(float));
		memcpy(gradients[i] + layer->norm_bias, sums + units, units * sizeof(float));
	}
	total(t, number, 2 * units);
	memcpy(m->d_weight, t->totals, units * sizeof(float));
	memcpy(m->d_bias, t->totals + units, units * sizeof(float));
}

static void backward(struct trainer *t, size_t number, float *const *gradients)
{
	struct training_lane *lane = lane_of(t, number);
	float n = (float)t->batch->rows;

	for (size_t l = t->wiring.n; l-- > 0;) {
		const struct wiring_layer *layer = &t->wiring.layers[l];
		struct training_moments *m = &lane->moments[l];

		for (size_t i = 0; i < lane->n_passes; i++)
			pass_activate_back(&lane->passes[i], l);
		if (layer->norm == NET_NORM_BATCH)
			moments_back(t, number, l, gradients);
		for (size_t i = 0; i < lane->n_passes; i++) {
			struct pass *p = &lane->passes[i];

			if (layer->norm == NET_NORM_LAYER)
				pass_norm_sums(p, l, gradients[i] + layer->norm_weight,
					       gradients[i] + layer->norm_bias);
			if (layer->norm != NET_NORM_NONE)
				pass_norm_back(p, l, m->rstd, m->d_weight, m->d_bias, n);
			pass_linear_back(p, l, gradients[i]);
		}
	}
}

/* --- shards ---------------------------------------------------------------------------------------- */

/* First row, in the batch, of shard i of all. */
static size_t shard_begin(const struct trainer *t, size_t i)
{
	return t->batch->rows * i / t->shards;
}

/* Rows of the data at places from on of the epoch's order; 0 beyond its end. */
static size_t rows_at(const struct trainer *t, size_t place, size_t n, uint64_t *rows)
{
	size_t end = t->batch->data->rows;

	n = place >= end ? 0 : end - place < n ? end - place : n;
	if (t->batch->shuffled)
		shuffle_run(&t->order, place, n, rows);
	for (size_t i = 0; !t->batch->shuffled && i < n; i++)
		rows[i] = place + i;
	return n;
}

/* Rows from to from + rows - 1 of the batch; as many from `next` on, of this or the next one, follow. */
static void load(struct trainer *t, struct pass *p, size_t from, size_t rows, size_t next)
{
	const struct net_batch *b = t->batch;

	rows_at(t, b->first + from, rows, p->ids);
	pass_load(p, &t->near, rows);
	p->n_next = rows_at(t, b->first + next, rows, p->next);
	pass_fetch(p, &t->near);
}

static void add_sum(const struct trainer *t, const struct loss_sum *sum, float *gradient)
{
	gradient[t->n_params] += (float)sum->loss;
	gradient[t->n_params + 1] += (float)sum->weight;
}

/* Gradient i of the lane begins; where tables go by rows they are zero already. */
static float *begin_gradient(const struct trainer *t, struct training_lane *lane, size_t i)
{
	float *gradient = lane->gradients[i];

	for (size_t k = 0; k < t->plan.n_whole; k++) {
		struct touched_range r = t->plan.whole[k];

		memset(gradient + r.from, 0, (r.end - r.from) * sizeof(float));
	}
	if (!i)
		lane->touched.n = 0;
	lane->begins[i] = lane->touched.n;
	return gradient;
}

/* The lane's gradients from first on become the first of them. */
static void end_gradients(const struct trainer *t, struct training_lane *lane, size_t first,
			  size_t n)
{
	size_t end = lane->touched.n;

	for (size_t i = n; t->plan.n_tables && i-- > 0; end = lane->begins[first + i])
		lane->lists[i] = (struct touched){
			.rows = lane->touched.rows + lane->begins[first + i],
			.n = end - lane->begins[first + i],
		};
	training_sum(t, lane->gradients + first, lane->lists, n,
		     (struct touched_range){ 0, t->n_params + 2 });
}

/* Rows from `from`, to `end` at most, through the net and back; the lane goes on at row `next`. */
static void tile(struct trainer *t, size_t number, size_t from, size_t end, size_t next,
		 struct loss_sum *sum, float *gradient)
{
	struct pass *p = lane_of(t, number)->passes;

	load(t, p, from, end - from < TRAINING_TILE ? end - from : TRAINING_TILE, next);
	touched_note(&t->plan, p, &lane_of(t, number)->touched);
	forward(t, number);
	pass_loss(p, &t->o.loss, sum);
	backward(t, number, &gradient);
}

/* A shard by tiles: no layer needs to see other rows. The lane goes on at row `next`. */
static void shard(struct trainer *t, size_t number, size_t i, size_t next, float *gradient)
{
	struct loss_sum sum = { 0 };
	size_t end = shard_begin(t, i + 1);

	for (size_t from = shard_begin(t, i); from < end; from += TRAINING_TILE) {
		size_t after = from + TRAINING_TILE;

		tile(t, number, from, end, after < end ? after : next, &sum, gradient);
	}
	add_sum(t, &sum, gradient);
}

/* All shards of the lane side by side. */
static void shards_together(struct trainer *t, size_t number, size_t first)
{
	struct training_lane *lane = lane_of(t, number);

	for (size_t i = 0; i < lane->n_passes; i++) {
		size_t from = shard_begin(t, first + i);

		begin_gradient(t, lane, i);
		load(t, &lane->passes[i], from, shard_begin(t, first + i + 1) - from,
		     t->batch->rows + from);
		touched_note(&t->plan, &lane->passes[i], &lane->touched);
	}
	forward(t, number);
	for (size_t i = 0; i < lane->n_passes; i++) {
		struct loss_sum sum = { 0 };

		pass_loss(&lane->passes[i], &t->o.loss, &sum);
		add_sum(t, &sum, lane->gradients[i]);
	}
	backward(t, number, lane->gradients);
	end_gradients(t, lane, 0, lane->n_passes);
}

/* One after the other; as soon as two neighbours of one size are there they are added. */
static void shards_in_turn(struct trainer *t, size_t number, size_t first)
{
	struct training_lane *lane = lane_of(t, number);
	size_t open = 0;

	for (size_t i = 0; i < t->shards_lane; i++) {
		size_t next = i + 1 < t->shards_lane ? shard_begin(t, first + i + 1)
						     : t->batch->rows + shard_begin(t, first);

		shard(t, number, first + i, next, begin_gradient(t, lane, open++));
		for (size_t done = i + 1; done % 2 == 0; done /= 2, open--)
			end_gradients(t, lane, open - 2, 2);
	}
}

/*
 * The rank's tiles, each by the lane that is free first. How a lane's tiles are grouped into its sum depends
 * on who was when free.
 */
static void tiles_as_free(struct trainer *t, size_t number)
{
	struct training_lane *lane = lane_of(t, number);
	size_t ranks = (size_t)t->o.team.ranks, rank = (size_t)t->o.team.rank;
	size_t from = t->batch->rows * rank / ranks, end = t->batch->rows * (rank + 1) / ranks;
	float *gradient = begin_gradient(t, lane, 0);
	struct loss_sum sum = { 0 };

	for (;;) {
		size_t at = from + atomic_fetch_add(&t->tiles, 1) * TRAINING_TILE;

		if (at >= end)
			break;
		tile(t, number, at, end, at + t->n_lanes * TRAINING_TILE, &sum, gradient);
	}
	add_sum(t, &sum, gradient);
}

void training_gradient(struct trainer *t, size_t number)
{
	size_t first = (size_t)t->o.team.rank * (t->shards / (size_t)t->o.team.ranks) +
		       number * t->shards_lane;

	if (t->wiring.batch_norm)
		shards_together(t, number, first);
	else if (t->o.determinism == NET_DETERMINISM_OFF)
		tiles_as_free(t, number);
	else
		shards_in_turn(t, number, first);
}
