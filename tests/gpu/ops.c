/*
 * ops.c - each kernel beside the CPU's function for the same: products, activations with dropout, norms, losses,
 * sums, optimisers. Where the order of operations is the same, so are the bits ("exact"); else within a written
 * tolerance. Built as trainer.c is.
 */
#include "lib/learn/cuda/device.h"
#include "lib/learn/cuda/gpu_kernels.h"
#include "lib/learn/net/activation.h"
#include "lib/learn/net/dropout.h"
#include "lib/learn/net/gemm.h"
#include "lib/learn/net/norm.h"
#include "lib/learn/net/optimizer.h"
#include "tests/gpu/rows.h"
#include "tests/gpu/tap.h"

enum { ROWS = 75, CAPACITY = 128, IN = 45, UNITS = 70, LD_IN = 48, LD = 72, PARTS = 4 };

/* All that kernels ask of a step: one of ROWS rows, the optimiser's third. */
static struct device *device;
static struct gpu_steps steps;
static struct gpu_control *control;
static void *stream;

static void must(int rc, const char *what)
{
	if (rc) {
		fprintf(stderr, "%s: %s\n", what, error_text());
		exit(1);
	}
}

/* --- memory ---------------------------------------------------------------------------------------- */

static void *on_device(const void *from, size_t bytes)
{
	void *p;

	must(device_alloc(device, bytes, &p), "memory");
	if (from)
		must(device_put(device, p, from, bytes), "copy");
	must(device_sync(device), "copy");
	return p;
}

static void back(void *to, const void *from, size_t bytes)
{
	must(device_launched(device, "a kernel"), "a kernel");
	must(device_get(device, to, from, bytes), "copy");
}

/* n numbers between -1 and 1; of rows of `units` in `ld`, the rest 0, where ld is given. */
static float *numbers(size_t rows, size_t units, size_t ld, uint32_t seed)
{
	float *v = xcalloc(rows * ld, sizeof *v);

	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < units; j++)
			v[i * ld + j] = rows_even(&seed);
	return v;
}

/* The largest difference over the units of rows that have `ld` and `ld_b`. */
static double apart(const float *a, size_t ld, const float *b, size_t ld_b, size_t rows,
		    size_t units)
{
	double off = 0;

	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < units; j++) {
			double d = fabs((double)a[i * ld + j] - (double)b[i * ld_b + j]);

			off = d == d ? (d > off ? d : off) : 1e30;
		}
	return off;
}

/* exp, log and pow of two libraries, and contractions of the CPU's compiler, may differ in a last digit. */
/* Products are exact where the CPU can multiply and add in one. */
static double of_product(void)
{
	return strcmp(gemm_level(), "plain") ? 0 : 1e-5;
}

static void near_to(double off, double limit, const char *what)
{
	tap_is(off <= limit, "%s: %s %.2g", what, limit > 0 ? "off by" : "exact,", off);
}

static void begin(void)
{
	struct gpu_record r = {
		.first = 0, .epoch = 3, .rows = ROWS, .batch_rows = ROWS, .count = 3, .lr = 0.1f
	};
	void *ring;

	stream = device_stream(device);
	ring = on_device(NULL, GPU_RING * sizeof r);
	must(device_put(device, ring, &r, sizeof r), "copy");
	control = on_device(NULL, sizeof *control);
	steps = (struct gpu_steps){ .control = control, .ring = ring, .seed = 5, .ranks = 1 };
	must(device_sync(device), "copy");
}

/* --- products -------------------------------------------------------------------------------------- */

struct product {
	float *x, *w, *d, *bias;     /* (rows, in), (units, in), (rows, units), (units) */
	float *gx, *gw, *gd, *gbias; /* the same on the device */
};

static void test_forward(const struct product *p)
{
	float *tall = xcalloc(IN * LD, sizeof *tall), *want = xcalloc(ROWS * LD, sizeof *want);
	float *got = xcalloc(CAPACITY * LD, sizeof *got), *out = on_device(NULL, CAPACITY * LD * 4);
	struct gpu_product g = { .kind = GPU_FORWARD,
				 .rows = ROWS,
				 .in = IN,
				 .units = UNITS,
				 .ld_in = LD_IN,
				 .ld = LD,
				 .x = p->gx,
				 .w = p->gw,
				 .bias = p->gbias,
				 .relu = true,
				 .out = out };

	gemm_transpose(p->w, UNITS, IN, LD_IN, tall, LD);
	gemm(&(struct gemm){ .m = ROWS,
			     .n = UNITS,
			     .k = IN,
			     .a = p->x,
			     .a_row = LD_IN,
			     .a_step = 1,
			     .b = tall,
			     .ldb = LD,
			     .c = want,
			     .ldc = LD,
			     .start = GEMM_BIAS,
			     .bias = p->bias,
			     .relu = true });
	gpu_product_make(GPU_F32, &steps, &g, stream);
	back(got, out, ROWS * LD * 4);
	near_to(apart(got, LD, want, LD, ROWS, UNITS), of_product(),
		"product forward, bias and relu");
	free(tall);
	free(want);
	free(got);
}

static void test_backward(const struct product *p)
{
	float *want = xcalloc(ROWS * LD_IN, sizeof *want),
	      *got = xcalloc(ROWS * LD_IN, sizeof *got);
	float *out = on_device(NULL, CAPACITY * LD_IN * 4);
	struct gpu_product g = { .kind = GPU_BACKWARD,
				 .rows = ROWS,
				 .in = IN,
				 .units = UNITS,
				 .ld_in = LD_IN,
				 .ld = LD,
				 .w = p->gw,
				 .d = p->gd,
				 .mask = p->gx,
				 .out = out };

	gemm(&(struct gemm){ .m = ROWS,
			     .n = IN,
			     .k = UNITS,
			     .a = p->d,
			     .a_row = LD,
			     .a_step = 1,
			     .b = p->w,
			     .ldb = LD_IN,
			     .c = want,
			     .ldc = LD_IN,
			     .start = GEMM_ZERO });
	for (size_t i = 0; i < ROWS; i++)
		activation_backward(NET_RELU, NULL, p->x + i * LD_IN, 1, want + i * LD_IN, IN);
	gpu_product_make(GPU_F32, &steps, &g, stream);
	back(got, out, ROWS * LD_IN * 4);
	near_to(apart(got, LD_IN, want, LD_IN, ROWS, IN), of_product(),
		"product backward and a relu's mask");
	free(want);
	free(got);
}

/* Each part beside the CPU's product over its rows. */
static void test_weights(const struct product *p)
{
	float *want = xcalloc(UNITS * LD_IN, sizeof *want);
	float *got = xcalloc(PARTS * UNITS * LD_IN, sizeof *got);
	float *out = on_device(NULL, PARTS * UNITS * LD_IN * 4);
	struct gpu_product g = { .kind = GPU_WEIGHTS,
				 .rows = ROWS,
				 .in = IN,
				 .units = UNITS,
				 .ld_in = LD_IN,
				 .ld = LD,
				 .x = p->gx,
				 .d = p->gd,
				 .out = out,
				 .parts = PARTS,
				 .stride = UNITS * LD_IN };
	double off = 0;

	gpu_product_make(GPU_F32, &steps, &g, stream);
	back(got, out, PARTS * UNITS * LD_IN * 4);
	for (size_t i = 0; i < PARTS; i++) {
		size_t from = ROWS * i / PARTS, end = ROWS * (i + 1) / PARTS;
		double one;

		gemm(&(struct gemm){ .m = UNITS,
				     .n = IN,
				     .k = end - from,
				     .a = p->d + from * LD,
				     .a_row = 1,
				     .a_step = LD,
				     .b = p->x + from * LD_IN,
				     .ldb = LD_IN,
				     .c = want,
				     .ldc = LD_IN,
				     .start = GEMM_ZERO });
		one = apart(got + i * UNITS * LD_IN, LD_IN, want, LD_IN, UNITS, IN);
		off = one > off ? one : off;
	}
	near_to(off, of_product(), "product of weights, by parts");
	free(want);
	free(got);
}

static void test_products(void)
{
	struct product p = { .x = numbers(ROWS, IN, LD_IN, 1),
			     .w = numbers(UNITS, IN, LD_IN, 2),
			     .d = numbers(ROWS, UNITS, LD, 3),
			     .bias = numbers(1, UNITS, UNITS, 4) };

	p.gx = on_device(p.x, ROWS * LD_IN * 4);
	p.gw = on_device(p.w, UNITS * LD_IN * 4);
	p.gd = on_device(p.d, ROWS * LD * 4);
	p.gbias = on_device(p.bias, UNITS * 4);
	test_forward(&p);
	test_backward(&p);
	test_weights(&p);
	free(p.x);
	free(p.w);
	free(p.d);
	free(p.bias);
}

/* --- layers ---------------------------------------------------------------------------------------- */

struct layer {
	float *z, *d, *weight, *bias; /* (ROWS, LD), (UNITS) */
	uint64_t ids[CAPACITY];
	struct gpu_layer g;
};

static void layer_open(struct layer *l, enum net_activation kind, float dropout)
{
	l->z = numbers(ROWS, UNITS, LD, 5);
	l->d = numbers(ROWS, UNITS, LD, 6);
	l->weight = numbers(1, UNITS, UNITS, 7);
	l->bias = numbers(1, UNITS, UNITS, 8);
	for (size_t i = 0; i < CAPACITY; i++)
		l->ids[i] = i * 7 + 1;
	for (size_t i = 0; i < ROWS * LD; i++)
		l->z[i] *= 4;
	l->g = (struct gpu_layer){ .capacity = ROWS,
				   .units = UNITS,
				   .ld = LD,
				   .activation = (int)kind,
				   .dropout = dropout,
				   .number = 2,
				   .h = on_device(l->z, ROWS * LD * 4),
				   .a = on_device(NULL, ROWS * LD * 4),
				   .d = on_device(l->d, ROWS * LD * 4),
				   .rstd = on_device(NULL, ROWS * 4),
				   .weight = on_device(l->weight, UNITS * 4),
				   .bias = on_device(l->bias, UNITS * 4),
				   .ids = on_device(l->ids, sizeof l->ids) };
}

static void layer_close(struct layer *l)
{
	free(l->z);
	free(l->d);
	free(l->weight);
	free(l->bias);
}

static void test_activation(enum net_activation kind, float dropout)
{
	struct dropout drop = { .seed = 5, .epoch = 3, .layer = 2, .share = dropout };
	float *want = xcalloc(ROWS * LD, sizeof *want), *got = xcalloc(ROWS * LD, sizeof *got);
	float *factors = xcalloc(ROWS * LD, sizeof *factors);
	char what[64];
	struct layer l;

	layer_open(&l, kind, dropout);
	activation_forward(kind, l.z, want, ROWS * LD);
	for (size_t i = 0; i < ROWS && dropout > 0; i++)
		dropout_factors(&drop, l.ids[i], UNITS, factors + i * LD);
	if (dropout > 0)
		dropout_apply(factors, want, ROWS * LD);
	gpu_activate(GPU_F32, &steps, &l.g, stream);
	back(got, l.g.a, ROWS * LD * 4);
	snprintf(what, sizeof what, "%s, dropout %g", net_activation_name(kind), (double)dropout);
	near_to(apart(got, LD, want, LD, ROWS, UNITS), 0, what);

	if (dropout > 0)
		dropout_apply(factors, l.d, ROWS * LD);
	activation_backward(kind, l.z, want, 1 - dropout, l.d, ROWS * LD);
	gpu_activate_back(GPU_F32, &steps, &l.g, stream);
	back(got, l.g.d, ROWS * LD * 4);
	snprintf(what, sizeof what, "%s, dropout %g, back", net_activation_name(kind),
		 (double)dropout);
	near_to(apart(got, LD, l.d, LD, ROWS, UNITS), 0, what);
	layer_close(&l);
	free(want);
	free(got);
	free(factors);
}

static void test_layer_norm(void)
{
	float *want = xcalloc(ROWS * LD, sizeof *want), *got = xcalloc(ROWS * LD, sizeof *got);
	float rstd[ROWS];
	struct layer l;

	layer_open(&l, NET_TANH, 0);
	l.g.z = l.g.h;
	l.g.h = NULL;
	norm_rows(l.z, l.weight, l.bias, want, rstd, ROWS, UNITS, LD);
	activation_forward(NET_TANH, want, want, ROWS * LD);
	gpu_norm_rows(GPU_F32, &steps, &l.g, stream);
	back(got, l.g.a, ROWS * LD * 4);
	near_to(apart(got, LD, want, LD, ROWS, UNITS), 0, "layer norm and tanh");
	norm_rows_backward(l.z, rstd, l.weight, l.d, ROWS, UNITS, LD);
	gpu_norm_rows_back(GPU_F32, &l.g, stream);
	back(got, l.g.d, ROWS * LD * 4);
	near_to(apart(got, LD, l.d, LD, ROWS, UNITS), 0, "layer norm, back");
	layer_close(&l);
	free(want);
	free(got);
}

/* Sums of a column over the rows of each part, and all of them pairwise. */
static void test_columns(void)
{
	float *v = numbers(ROWS, UNITS, LD, 9), *x = numbers(ROWS, UNITS, LD, 10);
	float want[PARTS][2 * UNITS] = { { 0 } }, got[PARTS][2 * UNITS], sum[2 * UNITS];
	float *to = on_device(NULL, sizeof got), *all = on_device(NULL, sizeof sum);
	struct gpu_columns c = { .kind = GPU_NORM_BACK,
				 .units = UNITS,
				 .ld = LD,
				 .v = on_device(v, ROWS * LD * 4),
				 .z = on_device(x, ROWS * LD * 4),
				 .to = to,
				 .to_more = to + UNITS,
				 .parts = PARTS,
				 .stride = 2 * UNITS };

	for (size_t i = 0; i < PARTS; i++) {
		size_t from = ROWS * i / PARTS, n = ROWS * (i + 1) / PARTS - from;

		norm_backward_sums(x + from * LD, v + from * LD, want[i], want[i] + UNITS, n, UNITS,
				   LD);
	}
	gpu_columns_sum(GPU_F32, &steps, &c, stream);
	back(got, to, sizeof got);
	near_to(apart(got[0], 2 * UNITS, want[0], 2 * UNITS, PARTS, 2 * UNITS), 0,
		"sums of columns, by parts");
	gpu_total(to, PARTS, 2 * UNITS, all, 2 * UNITS, stream);
	back(sum, all, sizeof sum);
	for (size_t j = 0; j < 2 * UNITS; j++)
		want[0][j] = (want[0][j] + want[1][j]) + (want[2][j] + want[3][j]);
	near_to(apart(sum, 1, want[0], 1, 2 * UNITS, 1), 0, "parts, added pairwise");
	free(v);
	free(x);
}

/* --- losses ---------------------------------------------------------------------------------------- */

static void test_loss(enum loss_kind kind)
{
	struct loss_options o = { .kind = kind };
	size_t outputs = kind == LOSS_SOFTMAX ? 3 : 1;
	float *z = numbers(ROWS, outputs, 8, 11), *got = xcalloc(CAPACITY * 8, sizeof *got);
	float y[CAPACITY] = { 0 }, w[CAPACITY] = { 0 }, sums[PARTS][2], loss = 0, weight = 0;
	struct loss_sum sum = { 0 };
	struct gpu_loss l = { .kind = kind,
			      .delta = 1,
			      .capacity = CAPACITY,
			      .outputs = outputs,
			      .ld = 8,
			      .ld_d = 8,
			      .d = on_device(NULL, CAPACITY * 8 * 4),
			      .to = on_device(NULL, sizeof sums),
			      .parts = PARTS,
			      .stride = 2 };
	char what[64];

	for (size_t i = 0; i < ROWS; i++) {
		y[i] = (float)(i % (kind == LOSS_BINARY ? 2 : 3));
		w[i] = 0.5f + (float)(i % 3);
		for (size_t k = 0; k < outputs; k++)
			z[i * 8 + k] *= 5;
	}
	l.z = on_device(z, ROWS * 8 * 4);
	l.y = on_device(y, sizeof y);
	l.w = on_device(w, sizeof w);
	gpu_loss_rows(GPU_F32, &steps, &l, stream);
	back(got, l.d, CAPACITY * 8 * 4);
	back(sums, l.to, sizeof sums);
	loss_backward(&o, outputs, z, 8, y, w, ROWS, &sum);
	for (size_t i = 0; i < PARTS; i++) {
		loss += sums[i][0];
		weight += sums[i][1];
	}
	snprintf(what, sizeof what, "%s and its gradient", loss_name(kind));
	near_to(fmax(apart(got, 8, z, 8, ROWS, outputs),
		     fabs((double)loss - sum.loss) / sum.loss + fabs((double)weight - sum.weight)),
		3e-6, what);
	free(z);
	free(got);
}

/* --- optimisers ------------------------------------------------------------------------------------ */

static void test_optimizer(const struct optimizer_options *o)
{
	enum { N = 1100 };
	float *p = numbers(1, N, N, 12), *g = numbers(1, N + 2, N + 2, 13), got[N];
	float *m = numbers(1, N, N, 14), *v = xcalloc(N, sizeof *v);
	struct optimizer_step step = { 0.1f, 0.25f, 3 };
	struct gpu_control c = { .ok = 1, .count = 3 };
	struct gpu_piece pieces[2] = {
		{ .count = 600, .cols = N, .decayed = 1 },
		{ .first = 600, .count = N - 600, .cols = N, .decayed = 1 }
	};
	struct gpu_update u = { .pieces = on_device(pieces, sizeof pieces),
				.n_pieces = 2,
				.n_params = N,
				.params = on_device(p, N * 4),
				.gradient = on_device(g, N * 4),
				.m = on_device(m, N * 4),
				.v = on_device(v, N * 4),
				.adam = o->kind != OPTIMIZER_SGD,
				.momentum = o->momentum > 0 };
	char what[64];

	c.terms[1] = optimizer_terms(o, &step, true);
	must(device_put(device, control, &c, sizeof c), "copy");
	gpu_apply(GPU_F32, &steps, &u, stream);
	back(got, u.params, sizeof got);
	optimizer_apply(o, &step, true, p, g, m, v, N);
	snprintf(what, sizeof what, "%s%s", optimizer_name(o->kind),
		 u.momentum ? ", momentum" : "");
	near_to(apart(got, 1, p, 1, N, 1), 0, what);
	c = (struct gpu_control){ 0 };
	must(device_put(device, control, &c, sizeof c), "copy");
	must(device_sync(device), "copy");
	free(p);
	free(g);
	free(m);
	free(v);
}

static void test_optimizers(void)
{
	static const struct optimizer_options all[] = {
		{ .kind = OPTIMIZER_SGD, .l1 = 0.01f },
		{ .kind = OPTIMIZER_SGD, .momentum = 0.9f, .weight_decay = 0.1f },
		{ .kind = OPTIMIZER_ADAM, .l2 = 0.1f },
		{ .kind = OPTIMIZER_ADAMW, .weight_decay = 0.1f },
	};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		test_optimizer(&all[i]);
}

int main(void)
{
	must(device_open(0, &device), "the device");
	begin();
	test_products();
	for (int kind = NET_RELU; kind <= NET_TANH; kind++) {
		test_activation((enum net_activation)kind, 0);
		test_activation((enum net_activation)kind, 0.3f);
	}
	test_layer_norm();
	test_columns();
	for (int kind = LOSS_MSE; kind <= LOSS_POISSON; kind++)
		test_loss((enum loss_kind)kind);
	test_optimizers();
	device_close(device);
	return tap_end();
}
