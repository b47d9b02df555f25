/* gpu_trainer.c - steps, evaluations, and what a checkpoint needs. */
#include "lib/learn/cuda/gpu_trainer.h"

#include <string.h>

#include "lib/base/error.h"
#include "lib/learn/cuda/gpu_training.h"

/* --- steps ----------------------------------------------------------------------------------------- */

static int check_batch(const struct gpu_trainer *t, const struct net_batch *b)
{
	const struct net_data *d = b->data;

	if (b->rows > t->o.trainer.batch)
		return error_set(ERR_INPUT,
				 "a batch of %zu rows, larger than the %zu it was opened for",
				 b->rows, t->o.trainer.batch);
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

static const struct shuffle *order_of(struct gpu_trainer *t, const struct net_batch *b)
{
	if (t->order_rows != b->data->rows || t->order_epoch != b->epoch)
		shuffle_init(&t->order, b->data->rows, t->o.trainer.seed, b->epoch);
	t->order_rows = b->data->rows;
	t->order_epoch = b->epoch;
	return &t->order;
}

static void write_record(struct gpu_trainer *t, const struct net_batch *b, struct gpu_record *r)
{
	const struct optimizer_options *o = &t->o.trainer.optimizer;
	size_t rank = t->steps.rank, ranks = t->steps.ranks;
	size_t begin = b->rows * rank / ranks, end = b->rows * (rank + 1) / ranks;
	struct optimizer_step step = { b->lr, 1, ++t->foreseen };

	memset(r, 0, sizeof *r);
	r->first = b->first + begin;
	r->epoch = b->epoch;
	r->rows = (uint32_t)(end - begin);
	r->batch_rows = (uint32_t)b->rows;
	r->begin = (uint32_t)begin;
	r->shuffled = b->shuffled;
	r->count = step.count;
	if (b->shuffled)
		r->order = *order_of(t, b);
	r->lr = b->lr;
	r->terms[0] = optimizer_terms(o, &step, false);
	r->terms[1] = optimizer_terms(o, &step, true);
}

/* What was reported and not yet passed on. */
static void pass_on(struct gpu_trainer *t, struct net_report *out)
{
	*out = (struct net_report){ .loss = t->weight > 0 ? t->loss / t->weight : 0,
				    .weight = t->weight,
				    .norm = t->norm,
				    .finite = !t->stopped };
	t->loss = t->weight = 0;
}

int gpu_trainer_step(struct gpu_trainer *t, const struct net_batch *b, struct net_report *out)
{
	struct gpu_data *data;
	size_t capacity;
	int rc;

	if ((rc = check_batch(t, b)) < 0 || (rc = gpu_data_find(t, b->data, &data)) < 0)
		return rc;
	capacity = gpu_capacity(t, b->rows);
	if (t->n_pending && (t->pending_data != data || t->pending_capacity != capacity))
		rc = gpu_queue_submit(t);
	if (rc)
		return rc;
	t->pending_data = data;
	t->pending_capacity = capacity;
	write_record(t, b, &t->staged[(t->at + t->n_pending++) % GPU_RING]);
	if (t->unreported + t->n_pending == GPU_GROUP) {
		rc = gpu_queue_submit(t);
		if (!rc)
			rc = gpu_queue_report(t);
		if (!rc)
			rc = gpu_queue_wait(t, t->asked - 1);
	}
	pass_on(t, out);
	return rc;
}

/* Until nothing is queued and all was reported. */
static int settle(struct gpu_trainer *t)
{
	int rc = gpu_queue_submit(t);

	if (!rc && t->unreported)
		rc = gpu_queue_report(t);
	if (!rc)
		rc = gpu_queue_wait(t, t->asked);
	if (!rc && t->asked)
		t->foreseen = t->count;
	return rc;
}

int gpu_trainer_flush(struct gpu_trainer *t, struct net_report *out)
{
	int rc = settle(t);

	pass_on(t, out);
	return rc;
}

/* --- evaluation ------------------------------------------------------------------------------------ */

static int add_losses(struct gpu_trainer *t, size_t rows, double *loss, double *weight)
{
	double sums[GPU_EVALUATE_PARTS][2];
	struct gpu_loss l = gpu_pass_loss(t, rows);
	int rc;

	l.parts = GPU_EVALUATE_PARTS;
	gpu_loss_block(&l, rows, t->losses, t->stream);
	if ((rc = device_launched(t->device, "the losses of rows")) < 0)
		return rc;
	rc = device_get(t->device, sums, t->losses, sizeof sums);
	for (size_t i = 0; !rc && i < GPU_EVALUATE_PARTS; i++) {
		*loss += sums[i][0];
		*weight += sums[i][1];
	}
	return rc;
}

static int get_predictions(struct gpu_trainer *t, size_t rows, float *out)
{
	const struct gpu_level *last = &t->levels[t->wiring.n - 1];
	const float *target = t->wiring.target;
	int rc;

	if (target)
		target = t->stats + (target - t->weights->stats);
	gpu_head(t->wiring.shape->head, last->units, last->out, last->ld, rows, target,
		 t->predictions, t->stream);
	if ((rc = device_launched(t->device, "predictions")) < 0)
		return rc;
	return device_get(t->device, out, t->predictions, rows * last->units * sizeof *out);
}

int gpu_trainer_evaluate(struct gpu_trainer *t, const struct net_data *d, size_t first, size_t rows,
			 double *loss, double *weight, float *predictions)
{
	size_t outputs = t->wiring.shape->outputs;
	struct gpu_data *data;
	int rc;

	*loss = *weight = 0;
	if (d->inputs != t->wiring.shape->inputs || first > d->rows || rows > d->rows - first)
		return error_set(ERR_INPUT, "rows %zu to %zu of a matrix of %zu rows, %zu inputs",
				 first, first + rows, d->rows, d->inputs);
	if ((rc = gpu_queue_submit(t)) < 0 || (rc = gpu_data_find(t, d, &data)) < 0)
		return rc;
	for (size_t i = 0; !rc && i < rows; i += GPU_EVALUATE) {
		size_t n = rows - i < GPU_EVALUATE ? rows - i : GPU_EVALUATE;

		rc = gpu_pass_evaluate(t, data, first + i, n);
		if (!rc && d->y)
			rc = add_losses(t, n, loss, weight);
		if (!rc && predictions)
			rc = get_predictions(t, n, predictions + i * outputs);
	}
	return rc;
}

/* --- checkpoints ----------------------------------------------------------------------------------- */

static int carry(struct gpu_trainer *t, bool to_device, float *device, float *host, size_t n)
{
	if (!device || !n)
		return 0;
	return to_device ? device_put(t->device, device, host, n * sizeof *host)
			 : device_get(t->device, host, device, n * sizeof *host);
}

static int carry_all(struct gpu_trainer *t, bool to_device)
{
	struct net_weights *w = t->weights;
	int rc = carry(t, to_device, t->params, w->params, w->n_params);

	if (!rc)
		rc = carry(t, to_device, t->stats, w->stats, w->n_stats);
	for (int i = 0; !rc && i < 2; i++)
		rc = carry(t, to_device, t->moments[i], t->host_moments[i], t->n_params);
	return rc;
}

int gpu_trainer_pull(struct gpu_trainer *t, struct trainer_state *out)
{
	int rc = settle(t);

	if (!rc)
		rc = carry_all(t, false);
	*out = (struct trainer_state){ .moments = { t->host_moments[0], t->host_moments[1] },
				       .n = t->n_params,
				       .steps = &t->count };
	return rc;
}

int gpu_trainer_push(struct gpu_trainer *t)
{
	struct gpu_control control;
	uint64_t count = t->count;
	int rc = settle(t);

	t->count = t->foreseen = count;
	if (!rc)
		rc = device_get(t->device, &control, t->steps.control, sizeof control);
	control.count = count;
	control.stopped = 0;
	t->stopped = false;
	if (!rc)
		rc = device_put(t->device, t->steps.control, &control, sizeof control);
	if (!rc)
		rc = carry_all(t, true);
	if (rc)
		return rc;
	gpu_refresh(t->type, &t->update, t->stream);
	if ((rc = device_launched(t->device, "the copies of weights")) < 0)
		return rc;
	/* What was put is the caller's to change from here on. */
	return device_sync(t->device);
}

void gpu_trainer_traffic(const struct gpu_trainer *t, struct gpu_traffic *out)
{
	*out = (struct gpu_traffic){ .resident_bytes = t->resident,
				     .pinned_bytes = t->pinned,
				     .uploaded_bytes = t->uploaded,
				     .control_bytes = t->control_bytes,
				     .graphs = t->n_captured };
}

int gpu_trainer_gradient(struct gpu_trainer *t, float *out)
{
	int rc = settle(t);

	return rc ? rc
		  : device_get(t->device, out, t->update.gradient, t->n_params * sizeof(float));
}
