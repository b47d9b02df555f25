/*
 * training.c - whole trainings on a GPU: beside the CPU's, repeated bit for bit, taken up from a checkpoint, with
 * rows that do not fit, with what is no number. Built as trainer.c is.
 */
#include "lib/learn/cuda/device.h"
#include "lib/learn/cuda/gpu_trainer.h"
#include "tests/gpu/rows.h"
#include "tests/gpu/tap.h"
#ifdef MICH_CUDA_HOST
#include "tests/cuda/host.h"
enum { HOSTED = 1 }; /* slowly: some kinds are enough */
#else
enum { HOSTED = 0 };
#endif

enum { ROWS = 283, BATCH = 96, EPOCHS = 2 };

static struct device *device;

static void must(int rc, const char *what)
{
	if (rc) {
		fprintf(stderr, "%s: %s\n", what, error_text());
		exit(1);
	}
}

static struct gpu_trainer_options options(const struct rows_kind *k, enum gpu_math math)
{
	struct gpu_trainer_options g = { .trainer = rows_options(k, BATCH), .math = math };

	g.trainer.optimizer.kind = OPTIMIZER_ADAM;
	return g;
}

/* What a training leaves. */
struct outcome {
	float *v; /* (n) parameters, then stats */
	size_t n;
	double loss, weight; /* of all steps */
	double judged;	     /* loss of all rows, by evaluate */
	float *predictions;  /* (rows, outputs) */
	struct gpu_traffic early, traffic;
	bool finite;
};

static void outcome_clear(struct outcome *o)
{
	free(o->v);
	free(o->predictions);
}

static void keep(const struct rows *f, struct outcome *out)
{
	size_t n = f->weights.n_params;

	out->n = n + f->weights.n_stats;
	out->v = xcalloc(out->n, sizeof *out->v);
	memcpy(out->v, f->weights.params, n * sizeof(float));
	memcpy(out->v + n, f->weights.stats, f->weights.n_stats * sizeof(float));
}

static struct net_batch batch_at(const struct rows *f, size_t epoch, size_t i, size_t n)
{
	size_t from = f->data.rows * i / n, end = f->data.rows * (i + 1) / n;

	return (struct net_batch){ &f->data, epoch, from, end - from, true, 0.01f };
}

static void add(struct outcome *o, const struct net_report *r)
{
	o->loss += r->loss * r->weight;
	o->weight += r->weight;
	o->finite = r->finite;
}

/* Batches of one row more or less, as a training has them. */
static void steps(struct gpu_trainer *t, const struct rows *f, size_t epoch, size_t from,
		  struct outcome *out)
{
	size_t n = (f->data.rows + BATCH - 1) / BATCH;
	struct net_report r;

	for (size_t i = from; i < n; i++) {
		struct net_batch b = batch_at(f, epoch, i, n);

		must(gpu_trainer_step(t, &b, &r), "a step");
		add(out, &r);
	}
}

static void end(struct gpu_trainer *t, struct rows *f, struct outcome *out)
{
	struct trainer_state state;
	struct net_report r;
	double weight;

	must(gpu_trainer_flush(t, &r), "flush");
	add(out, &r);
	out->predictions = xcalloc(f->data.rows * f->shape.outputs, sizeof(float));
	must(gpu_trainer_evaluate(t, &f->data, 0, f->data.rows, &out->judged, &weight,
				  out->predictions),
	     "evaluate");
	out->judged /= weight;
	must(gpu_trainer_pull(t, &state), "pull");
	keep(f, out);
	gpu_trainer_traffic(t, &out->traffic);
}

static void train_rows(const struct rows_kind *k, const struct gpu_trainer_options *g,
		       struct outcome *out, struct rows *f)
{
	struct gpu_trainer *t;

	memset(out, 0, sizeof *out);
	must(gpu_trainer_open(device, &f->shape, &f->weights, g, &t), k->name);
	for (size_t e = 0; e < EPOCHS; e++) {
		steps(t, f, e, 0, out);
		if (!e)
			gpu_trainer_traffic(t, &out->early);
	}
	end(t, f, out);
	gpu_trainer_close(t);
}

static void train(const struct rows_kind *k, const struct gpu_trainer_options *g,
		  struct outcome *out)
{
	struct rows f;

	rows_open(&f, k, ROWS);
	train_rows(k, g, out, &f);
	rows_close(&f);
}

static void train_cpu(const struct rows_kind *k, const struct trainer_options *o,
		      struct outcome *out)
{
	size_t n = (ROWS + BATCH - 1) / BATCH;
	struct net_report r;
	struct trainer *t;
	struct rows f;
	double weight;

	memset(out, 0, sizeof *out);
	rows_open(&f, k, ROWS);
	must(trainer_open(&f.shape, &f.weights, o, &t), k->name);
	for (size_t e = 0; e < EPOCHS; e++)
		for (size_t i = 0; i < n; i++) {
			struct net_batch b = batch_at(&f, e, i, n);

			must(trainer_step(t, &b, &r), "a step");
			add(out, &r);
		}
	out->predictions = xcalloc(ROWS * f.shape.outputs, sizeof(float));
	must(trainer_evaluate(t, &f.data, 0, ROWS, &out->judged, &weight, out->predictions),
	     "evaluate");
	out->judged /= weight;
	keep(&f, out);
	trainer_close(t);
	rows_close(&f);
}

static bool same(const struct outcome *a, const struct outcome *b)
{
	return a->n == b->n && !memcmp(a->v, b->v, a->n * sizeof(float)) && a->loss == b->loss &&
	       a->judged == b->judged;
}

/* --- beside the CPU -------------------------------------------------------------------------------- */

static double off_by(double a, double b)
{
	return fabs(a - b) / (fabs(b) > 1e-6 ? fabs(b) : 1e-6);
}

static void compare(const struct rows_kind *k, const struct gpu_trainer_options *g, const char *how,
		    double limit)
{
	struct outcome gpu, cpu;
	double weights, predictions, loss, judged;
	size_t outputs = k->outputs * ROWS;

	train(k, g, &gpu);
	train_cpu(k, &g->trainer, &cpu);
	weights = tap_far(gpu.v, cpu.v, cpu.n, 0);
	predictions = tap_far(gpu.predictions, cpu.predictions, outputs, 0);
	loss = off_by(gpu.loss, cpu.loss);
	judged = off_by(gpu.judged, cpu.judged);
	tap_is(weights <= limit && predictions <= limit && loss <= limit && judged <= limit &&
		       gpu.weight == cpu.weight,
	       "%s in %s, %s: weights off by %.2g, predictions %.2g, losses %.2g and %.2g", k->name,
	       gpu_math_name(g->math), how, weights, predictions, loss, judged);
	outcome_clear(&gpu);
	outcome_clear(&cpu);
}

/* A bias before one has a gradient of rounding errors alone, which adam makes as large as any. */
static bool has_batch_norm(const struct rows_kind *k)
{
	for (size_t i = 0; i < k->hidden; i++)
		if (k->layers[i].norm == NET_NORM_BATCH)
			return true;
	return false;
}

static void test_beside_cpu(enum gpu_math math, double limit)
{
	for (size_t i = 0; i < ARRAY_LEN(ROWS_KINDS); i++) {
		struct gpu_trainer_options g = options(&ROWS_KINDS[i], math);
		bool normed = has_batch_norm(&ROWS_KINDS[i]);

		if (HOSTED && math == GPU_MATH_BF16 && i % 4)
			continue;
		compare(&ROWS_KINDS[i], &g, "adam", normed && limit < 0.02 ? 0.02 : limit);
	}
}

static void test_optimizers(void)
{
	static const struct {
		const char *name;
		struct optimizer_options o;
	} all[] = {
		{ "sgd", { .kind = OPTIMIZER_SGD, .l2 = 1e-3f, .l1 = 1e-4f } },
		{ "momentum", { .kind = OPTIMIZER_SGD, .momentum = 0.9f, .weight_decay = 1e-3f } },
		{ "adam, clipped", { .kind = OPTIMIZER_ADAM, .l1 = 1e-3f, .clip = 0.05f } },
		{ "adamw",
		  { .kind = OPTIMIZER_ADAMW, .weight_decay = 0.1f, .l2 = 1e-3f, .beta1 = 0.8f } },
	};

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		struct gpu_trainer_options g = options(&ROWS_KINDS[5], GPU_MATH_FP32);

		g.trainer.optimizer = all[i].o;
		compare(&ROWS_KINDS[5], &g, all[i].name, 2e-3);
	}
}

/* --- the same bits --------------------------------------------------------------------------------- */

static void test_repeats(void)
{
	for (size_t i = 0; i < ARRAY_LEN(ROWS_KINDS); i++) {
		enum gpu_math math = i % 4 > 1 ? GPU_MATH_BF16 : GPU_MATH_FP32;
		struct gpu_trainer_options g = options(&ROWS_KINDS[i], math);
		struct outcome a, b;

		if (HOSTED && i % 2)
			continue;
		train(&ROWS_KINDS[i], &g, &a);
#ifdef MICH_CUDA_HOST
		host_order(1);
#endif
		train(&ROWS_KINDS[i], &g, &b);
#ifdef MICH_CUDA_HOST
		host_order(0);
#endif
		tap_is(same(&a, &b), "the same bits twice: %s", ROWS_KINDS[i].name);
		outcome_clear(&a);
		outcome_clear(&b);
	}
}

/* --- many steps in one graph ----------------------------------------------------------------------- */

enum { SMALL = 5, QUEUED = 70 }; /* steps that fill graphs of all sizes, and more than one report */

static void train_small(const struct rows_kind *k, enum gpu_math math, bool alone,
			struct outcome *out)
{
	struct gpu_trainer_options g = options(k, math);
	struct gpu_trainer *t;
	struct net_report r;
	struct rows f;

	memset(out, 0, sizeof *out);
	rows_open(&f, k, ROWS);
	must(gpu_trainer_open(device, &f.shape, &f.weights, &g, &t), k->name);
	for (size_t i = 0; i < QUEUED; i++) {
		size_t n = ROWS / SMALL;
		struct net_batch b = { &f.data, i / n, i % n * SMALL, SMALL, true, 0.01f };

		must(gpu_trainer_step(t, &b, &r), "a step");
		add(out, &r);
		if (alone) {
			must(gpu_trainer_flush(t, &r), "flush");
			add(out, &r);
		}
	}
	end(t, &f, out);
	gpu_trainer_close(t);
	rows_close(&f);
}

/* Rows of the next step are put in their place beside a step: of nets without tables. */
static void test_queue(void)
{
	static const size_t kinds[] = { 3, 9 };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct rows_kind k = ROWS_KINDS[kinds[i]];
		struct outcome one, all;

		k.embedded = false;
		train_small(&k, GPU_MATH_BF16, true, &one);
#ifdef MICH_CUDA_HOST
		host_order(1);
#endif
		train_small(&k, GPU_MATH_BF16, false, &all);
#ifdef MICH_CUDA_HOST
		host_order(0);
#endif
		tap_is(!memcmp(one.v, all.v, one.n * sizeof(float)) && one.judged == all.judged,
		       "%d steps queued as one by one, the same bits: %s", QUEUED, k.name);
		outcome_clear(&one);
		outcome_clear(&all);
	}
}

/* Read from the host's memory, to the same end; and what lies on the device is sent once. */
static void test_data(void)
{
	struct gpu_trainer_options g = options(&ROWS_KINDS[4], GPU_MATH_FP32);
	size_t bytes = ROWS * 9 * sizeof(float);
	struct outcome a, b;

	train(&ROWS_KINDS[4], &g, &a);
	tap_is(a.traffic.resident_bytes == bytes && a.traffic.uploaded_bytes == bytes &&
		       !a.traffic.pinned_bytes,
	       "%zu bytes lie on the device", bytes);
	tap_is(a.early.uploaded_bytes == a.traffic.uploaded_bytes,
	       "no rows are sent after the first epoch");
	g.resident_bytes = bytes - 1;
	train(&ROWS_KINDS[4], &g, &b);
	tap_is(!b.traffic.resident_bytes && b.traffic.pinned_bytes == bytes &&
		       !b.traffic.uploaded_bytes,
	       "what does not fit stays with the host");
	tap_is(same(&a, &b), "and gives the same bits");
	outcome_clear(&a);
	outcome_clear(&b);
}

/* --- checkpoints ----------------------------------------------------------------------------------- */

/* An epoch here; the next by another trainer that is given weights, moments and count. */
static void test_checkpoint(size_t which)
{
	const struct rows_kind *k = &ROWS_KINDS[which];
	struct gpu_trainer_options g = options(k, GPU_MATH_FP32);
	struct outcome whole, part = { 0 };
	struct trainer_state from, to;
	struct gpu_trainer *first, *second;
	struct rows f;

	train(k, &g, &whole);
	rows_open(&f, k, ROWS);
	must(gpu_trainer_open(device, &f.shape, &f.weights, &g, &first), k->name);
	steps(first, &f, 0, 0, &part);
	must(gpu_trainer_pull(first, &from), "pull");
	must(gpu_trainer_open(device, &f.shape, &f.weights, &g, &second), k->name);
	must(gpu_trainer_pull(second, &to), "pull");
	for (int i = 0; i < 2; i++)
		memcpy(to.moments[i], from.moments[i], from.n * sizeof(float));
	*to.steps = *from.steps;
	must(gpu_trainer_push(second), "push");
	steps(second, &f, 1, 0, &part);
	end(second, &f, &part);
	tap_is(part.n == whole.n && !memcmp(part.v, whole.v, whole.n * sizeof(float)) &&
		       part.judged == whole.judged,
	       "taken up from a checkpoint, the same bits: %s", k->name);
	gpu_trainer_close(first);
	gpu_trainer_close(second);
	outcome_clear(&whole);
	outcome_clear(&part);
	rows_close(&f);
}

/* The first epoch on the CPU. */
static void test_from_cpu(void)
{
	const struct rows_kind *k = &ROWS_KINDS[4];
	struct gpu_trainer_options g = options(k, GPU_MATH_FP32);
	size_t n = (ROWS + BATCH - 1) / BATCH;
	struct outcome whole, part = { 0 };
	struct trainer_state from, to;
	struct net_report r;
	struct gpu_trainer *gpu;
	struct trainer *cpu;
	struct rows f;
	double off;

	train_cpu(k, &g.trainer, &whole);
	rows_open(&f, k, ROWS);
	must(trainer_open(&f.shape, &f.weights, &g.trainer, &cpu), k->name);
	for (size_t i = 0; i < n; i++) {
		struct net_batch b = batch_at(&f, 0, i, n);

		must(trainer_step(cpu, &b, &r), "a step");
	}
	trainer_state(cpu, &from);
	must(gpu_trainer_open(device, &f.shape, &f.weights, &g, &gpu), k->name);
	must(gpu_trainer_pull(gpu, &to), "pull");
	for (int i = 0; i < 2; i++)
		memcpy(to.moments[i], from.moments[i], from.n * sizeof(float));
	*to.steps = *from.steps;
	must(gpu_trainer_push(gpu), "push");
	steps(gpu, &f, 1, 0, &part);
	end(gpu, &f, &part);
	off = tap_far(part.v, whole.v, whole.n, 0);
	tap_is(off <= 2e-3, "a CPU's checkpoint is taken up: off by %.2g", off);
	trainer_close(cpu);
	gpu_trainer_close(gpu);
	outcome_clear(&whole);
	outcome_clear(&part);
	rows_close(&f);
}

/* --- what is no number, and what has no weight --------------------------------------------------------- */

static void test_stops(void)
{
	const struct rows_kind *k = &ROWS_KINDS[4];
	struct gpu_trainer_options g = options(k, GPU_MATH_FP32);
	struct gpu_trainer *t;
	struct outcome out = { 0 };
	struct rows f;
	float *before;

	rows_open(&f, k, ROWS);
	before = xcalloc(f.weights.n_params, sizeof *before);
	memcpy(before, f.weights.params, f.weights.n_params * sizeof *before);
	for (size_t i = 0; i < ROWS; i++)
		f.w[i] = INFINITY;
	must(gpu_trainer_open(device, &f.shape, &f.weights, &g, &t), k->name);
	steps(t, &f, 0, 0, &out);
	end(t, &f, &out);
	tap_is(!out.finite &&
		       !memcmp(before, f.weights.params, f.weights.n_params * sizeof *before),
	       "what is not finite is told, and moves nothing");
	gpu_trainer_close(t);
	outcome_clear(&out);
	free(before);
	rows_close(&f);
}

/* Steps without any weight are left out: not counted, nothing moved. */
static void test_weightless(void)
{
	const struct rows_kind *k = &ROWS_KINDS[5];
	struct gpu_trainer_options g = options(k, GPU_MATH_FP32);
	struct net_batch b = { .shuffled = false, .lr = 0.01f };
	struct trainer_state state, cpu_state;
	struct net_report r;
	struct gpu_trainer *t;
	struct trainer *cpu;
	struct rows f, c;
	double off;

	rows_open(&f, k, ROWS);
	rows_open(&c, k, ROWS);
	memset(f.w + BATCH, 0, BATCH * sizeof *f.w);
	memset(c.w + BATCH, 0, BATCH * sizeof *c.w);
	must(gpu_trainer_open(device, &f.shape, &f.weights, &g, &t), k->name);
	must(trainer_open(&c.shape, &c.weights, &g.trainer, &cpu), k->name);
	for (size_t i = 0; i < 3; i++) {
		b.first = i < 2 ? i * BATCH : ROWS - BATCH;
		b.rows = BATCH;
		b.data = &f.data;
		must(gpu_trainer_step(t, &b, &r), "a step");
		b.data = &c.data;
		must(trainer_step(cpu, &b, &r), "a step");
	}
	must(gpu_trainer_pull(t, &state), "pull");
	trainer_state(cpu, &cpu_state);
	off = tap_far(f.weights.params, c.weights.params, c.weights.n_params, 0);
	tap_is(*state.steps == 2 && *cpu_state.steps == 2 && off <= 2e-3,
	       "a step without weight is left out: off by %.2g", off);
	gpu_trainer_close(t);
	trainer_close(cpu);
	rows_close(&f);
	rows_close(&c);
}

/* --- refusals -------------------------------------------------------------------------------------- */

static void test_refusals(void)
{
	const struct rows_kind *k = &ROWS_KINDS[3];
	struct gpu_trainer_options g = options(k, GPU_MATH_FP32);
	struct net_batch b = { .rows = BATCH + 1, .shuffled = true };
	struct net_report r;
	struct gpu_trainer *t = NULL;
	struct rows f;

	rows_open(&f, k, ROWS);
	b.data = &f.data;
	must(gpu_trainer_open(device, &f.shape, &f.weights, &g, &t), k->name);
	tap_is(gpu_trainer_step(t, &b, &r) == ERR_INPUT, "a batch that is too large");
	b.rows = BATCH;
	b.first = ROWS - BATCH + 1;
	tap_is(gpu_trainer_step(t, &b, &r) == ERR_INPUT, "rows that there are not");
	gpu_trainer_close(t);
	g.trainer.loss.kind = LOSS_MSE;
	tap_is(gpu_trainer_open(device, &f.shape, &f.weights, &g, &t) == ERR_INPUT && !t,
	       "a loss for another head");
	g = options(k, GPU_MATH_FP32);
	g.trainer.determinism = NET_DETERMINISM_WORLD;
	g.trainer.shards = 3;
	tap_is(gpu_trainer_open(device, &f.shape, &f.weights, &g, &t) == ERR_INPUT,
	       "shards that are no power of 2");
	g = options(k, GPU_MATH_FP32);
	g.team.ranks = 2;
	tap_is(gpu_trainer_open(device, &f.shape, &f.weights, &g, &t) == ERR_INPUT,
	       "ranks that cannot add");
	rows_close(&f);
}

int main(void)
{
	must(device_open(0, &device), "the device");
	test_beside_cpu(GPU_MATH_FP32, 2e-3);
#ifndef MICH_CUDA_HOST /* it has no tf32 */
	test_beside_cpu(GPU_MATH_TF32, 1e-1);
#endif
	test_beside_cpu(GPU_MATH_BF16, 2e-1);
	test_optimizers();
	test_repeats();
	test_queue();
	test_data();
	test_checkpoint(4);
	test_checkpoint(10);
	test_from_cpu();
	test_stops();
	test_weightless();
	test_refusals();
	device_close(device);
	return tap_end();
}
