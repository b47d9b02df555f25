/* trainer.c - a step, and an evaluation. */
#include "lib/learn/net/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/net/training.h"

/* --- a step ---------------------------------------------------------------------------------------- */

static size_t chunk_begin(const struct trainer *t, size_t lane)
{
	return t->n_chunks * lane / t->n_lanes;
}

static size_t chunk_end(const struct trainer *t, size_t i)
{
	size_t end = (i + 1) * TRAINING_CHUNK;

	return end < t->n_params ? end : t->n_params;
}

/* The lane's part of a gradient. */
static struct touched_range range_of(const struct trainer *t, size_t lane)
{
	return (struct touched_range){ chunk_begin(t, lane) * TRAINING_CHUNK,
				       lane + 1 == t->n_lanes
					       ? t->n_params + 2
					       : chunk_begin(t, lane + 1) * TRAINING_CHUNK };
}

/* The lane's part of the gradient: of all lanes, and its squares by chunks. */
static void add_lanes(struct trainer *t, size_t lane)
{
	struct touched lists[TRAINING_LANES];
	float *of[TRAINING_LANES];

	for (size_t i = 0; i < t->n_lanes; i++) {
		of[i] = t->lanes[i].gradients[0];
		lists[i] = t->lanes[i].touched;
	}
	training_sum(t, of, lists, t->n_lanes, range_of(t, lane));
}

/* What the last step left in tables that go by rows. */
static void clear_tables(struct trainer *t, size_t lane)
{
	struct touched_range range = range_of(t, lane);
	float *g = t->lanes[0].gradients[0];

	if (t->o.team.ranks > 1)
		ranks_sum_zero(t, range);
	else
		for (size_t i = 0; i < t->n_lanes; i++)
			touched_zero(t->lanes[i].touched.rows, t->lanes[i].touched.n, range, g);
}

static void square_chunks(struct trainer *t, size_t lane)
{
	const float *g = t->lanes[0].gradients[0];

	for (size_t i = chunk_begin(t, lane); i < chunk_begin(t, lane + 1); i++) {
		double lanes[8] = { 0 };
		size_t k = i * TRAINING_CHUNK, end = chunk_end(t, i);

		for (; k + 8 <= end; k += 8)
			for (size_t l = 0; l < 8; l++)
				lanes[l] += (double)g[k + l] * g[k + l];
		for (; k < end; k++)
			lanes[0] += (double)g[k] * g[k];
		t->squares[i] = ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
				((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
	}
}

/* What came out, and how far to go: every lane sees for itself. */
struct verdict {
	struct net_report report;
	float scale;
	bool ok; /* the weights are to be changed */
};

static struct verdict judge(const struct trainer *t)
{
	const float *sums = t->lanes[0].gradients[0] + t->n_params;
	double squares = 0, weight = sums[1];
	struct verdict v;

	for (size_t i = 0; i < t->n_chunks; i++)
		squares += t->squares[i];
	v.report = (struct net_report){
		.loss = weight > 0 ? sums[0] / weight : 0,
		.weight = weight,
		.norm = weight > 0 ? sqrt(squares) / weight : 0,
	};
	v.report.finite = isfinite(v.report.loss) && isfinite(v.report.norm);
	v.scale = weight > 0 ? (float)(1 / weight) : 0;
	if (t->o.optimizer.clip > 0 && v.report.norm > t->o.optimizer.clip)
		v.scale *= (float)(t->o.optimizer.clip / v.report.norm);
	v.ok = v.report.finite && weight > 0 && !t->rc;
	return v;
}

/* Running moments of batch norms: PyTorch's momentum of 0.1, the variance without bias. */
static void run_moments(struct trainer *t)
{
	float n = (float)t->batch->rows, unbiased = n > 1 ? n / (n - 1) : 1;
	float *stats = t->wiring.weights->stats;

	for (size_t l = 0; l < t->wiring.n; l++) {
		const struct wiring_layer *layer = &t->wiring.layers[l];
		const struct training_moments *m = &t->lanes[0].moments[l];

		for (size_t k = 0; layer->norm == NET_NORM_BATCH && k < layer->units; k++) {
			float *mean = stats + layer->mean + k, *var = stats + layer->var + k;

			*mean = 0.9f * *mean + 0.1f * m->mean[k];
			*var = 0.9f * *var + 0.1f * (m->var[k] * unbiased);
		}
	}
}

static void update(struct trainer *t, size_t lane, float scale)
{
	struct optimizer_step step = { t->batch->lr, scale, t->steps + 1 };
	size_t from = chunk_begin(t, lane) * TRAINING_CHUNK;
	size_t end = chunk_begin(t, lane + 1) * TRAINING_CHUNK;

	for (size_t i = 0; i < t->n_segments; i++) {
		const struct segment *s = &t->segments[i];
		size_t a = s->offset > from ? s->offset : from, b = s->end < end ? s->end : end;

		if (a < b)
			optimizer_apply(&t->o.optimizer, &step, s->decayed,
					t->wiring.weights->params + a, t->lanes[0].gradients[0] + a,
					t->moments[0] ? t->moments[0] + a : NULL,
					t->moments[1] ? t->moments[1] + a : NULL, b - a);
	}
}

static void step(void *payload, int number)
{
	struct trainer *t = payload;
	size_t lane = (size_t)number;
	struct verdict v;

	wiring_refresh(&t->wiring, lane, t->n_lanes);
	clear_tables(t, lane);
	workers_meet(t->workers);
	training_gradient(t, lane);
	workers_meet(t->workers);
	add_lanes(t, lane);
	if (t->o.team.ranks > 1) {
		workers_meet(t->workers);
		if (!lane && !t->rc)
			t->rc = ranks_sum(t);
		workers_meet(t->workers);
	}
	square_chunks(t, lane);
	workers_meet(t->workers);
	v = judge(t);
	if (v.ok)
		update(t, lane, v.scale);
	if (!lane) {
		t->report = v.report;
		t->moved = v.ok;
	}
	if (!lane && v.ok)
		run_moments(t);
}

static int check_batch(const struct trainer *t, const struct net_batch *b)
{
	const struct net_data *d = b->data;

	if (b->rows > t->o.batch)
		return error_set(ERR_INPUT,
				 "a batch of %zu rows, larger than the %zu it was opened for",
				 b->rows, t->o.batch);
	if (b->first > d->rows || b->rows > d->rows - b->first)
		return error_set(ERR_INPUT, "rows %zu to %zu of %zu", b->first, b->first + b->rows,
				 d->rows);
	if (d->inputs != t->wiring.shape->inputs)
		return error_set(ERR_INPUT, "a matrix of %zu inputs for a net of %zu", d->inputs,
				 t->wiring.shape->inputs);
	if (!d->y)
		return error_set(ERR_INPUT, "a batch without labels");
	return 0;
}

/* Copying them pays when they are read more than once, and would make the first step wait. */
static int take_rows(struct trainer *t, const struct net_batch *b)
{
	int rc = 0;

	if (!resident_is_of(&t->near, b->data)) {
		resident_clear(&t->near);
		t->near = resident_borrow(b->data);
	} else if (b->shuffled && b->epoch != t->near_epoch && !t->near.memory) {
		rc = resident_open(b->data, (int)t->n_lanes, &t->o.team, &t->near);
	}
	t->near_epoch = b->epoch;
	return rc;
}

int trainer_step(struct trainer *t, const struct net_batch *b, struct net_report *out)
{
	int rc;

	if ((rc = check_batch(t, b)) < 0)
		return rc;
	if (b->shuffled)
		shuffle_init(&t->order, b->data->rows, t->o.seed, b->epoch);
	if ((rc = take_rows(t, b)) < 0)
		return rc;
	t->batch = b;
	t->rc = 0;
	atomic_store(&t->tiles, 0);
	workers_run(t->workers, step, t);
	t->steps += t->moved;
	*out = t->report;
	return t->rc;
}

/* --- evaluation ------------------------------------------------------------------------------------ */

/* Through the net with the running moments. */
static void answer(struct trainer *t, size_t lane, struct pass *p)
{
	const struct training_moments *m = t->lanes[lane].moments;
	const float *stats = t->wiring.weights->stats;

	for (size_t l = 0; l < t->wiring.n; l++) {
		const struct wiring_layer *layer = &t->wiring.layers[l];

		pass_linear(p, l);
		for (size_t k = 0; layer->norm == NET_NORM_BATCH && k < layer->units; k++)
			m[l].rstd[k] = 1 / sqrtf(stats[layer->var + k] + NET_EPSILON);
		if (layer->norm != NET_NORM_NONE)
			pass_norm(p, l, stats + (layer->norm == NET_NORM_BATCH ? layer->mean : 0),
				  m[l].rstd);
		pass_activate(p, l, NULL, NULL);
	}
}

static void predict(struct trainer *t, const struct pass *p, float *out)
{
	const struct wiring_layer *last = &t->wiring.layers[t->wiring.n - 1];
	const float *target = t->wiring.target;
	size_t outputs = last->units;

	for (size_t i = 0; i < p->rows; i++)
		memcpy(out + i * outputs, p->layers[t->wiring.n - 1].a + i * last->ld,
		       outputs * sizeof(float));
	loss_apply_head(t->wiring.shape->head, outputs, out, outputs, p->rows);
	for (size_t i = 0; target && i < p->rows * outputs; i++)
		out[i] = target[0] + target[1] * out[i];
}

static void evaluate(void *payload, int number)
{
	struct trainer *t = payload;
	size_t lane = (size_t)number, tile = TRAINING_TILE;
	const struct wiring_layer *last = &t->wiring.layers[t->wiring.n - 1];
	struct pass *p = t->lanes[lane].passes;

	wiring_refresh(&t->wiring, lane, t->n_lanes);
	workers_meet(t->workers);
	for (size_t i = lane; i * tile < t->rows; i += t->n_lanes) {
		size_t left = t->rows - i * tile, rows = left < tile ? left : tile;

		for (size_t k = 0; k < rows; k++)
			p->ids[k] = t->first + i * tile + k;
		pass_load(p, &t->data, rows);
		answer(t, lane, p);
		if (t->data.y)
			loss_forward(&t->o.loss, last->units, p->layers[t->wiring.n - 1].a,
				     last->ld, p->y, p->w_given ? p->w : NULL, rows, &t->sums[i]);
		if (t->predictions)
			predict(t, p, t->predictions + i * tile * last->units);
	}
}

int trainer_evaluate(struct trainer *t, const struct net_data *d, size_t first, size_t rows,
		     double *loss, double *weight, float *predictions)
{
	size_t tiles = rows / TRAINING_TILE + 1;
	int rc;

	*loss = *weight = 0;
	if (d->inputs != t->wiring.shape->inputs || first > d->rows || rows > d->rows - first)
		return error_set(ERR_INPUT, "rows %zu to %zu of a matrix of %zu rows, %zu inputs",
				 first, first + rows, d->rows, d->inputs);
	if ((rc = mem_alloc(tiles, sizeof(*t->sums), &t->sums)) < 0)
		return rc;
	t->data = resident_borrow(d);
	t->first = first;
	t->rows = rows;
	t->predictions = predictions;
	workers_run(t->workers, evaluate, t);
	for (size_t i = 0; i < tiles; i++) {
		*loss += t->sums[i].loss;
		*weight += t->sums[i].weight;
	}
	free(t->sums);
	t->sums = NULL;
	return 0;
}
