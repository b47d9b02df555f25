/*
 * trainer.c - the GPU's trainer beside the CPU's, over nets of all kinds: gradients, whole trainings,
 * evaluations, checkpoints, repetition bit for bit. Built twice: for a GPU (make gpu-check), and for the host with
 * the kernels as fibers (make check). What is compared with what tolerance stands in LIMITS.
 */
#include "lib/learn/cuda/device.h"
#include "lib/learn/cuda/gpu_kernels.h"
#include "lib/learn/cuda/gpu_trainer.h"
#include "tests/gpu/rows.h"
#include "tests/gpu/tap.h"
#ifdef MICH_CUDA_HOST
#include "lib/learn/cuda/blas.h"
#include "tests/cuda/host.h"
#include "tests/cuda/host_blas.h"
#endif

/*
 * Off by so much: one gradient; weights after 20 steps; predictions. In fp32 any number beside the largest of
 * its tensor; else the tensor beside its length, since a relu close to 0 may go either way.
 */
static const struct {
	double gradient, weights, predictions;
} LIMITS[] = {
	[GPU_MATH_FP32] = { 2e-4, 2e-3, 1e-3 },
	[GPU_MATH_TF32] = { 2e-2, 6e-2, 3e-2 },
	[GPU_MATH_BF16] = { 1.5e-1, 2e-1, 6e-2 },
};

static struct device *device;

static struct gpu_trainer_options gpu_options(const struct trainer_options *o, enum gpu_math math)
{
	return (struct gpu_trainer_options){ .trainer = *o, .math = math };
}

static void must(int rc, const char *what)
{
	if (rc) {
		fprintf(stderr, "%s: %s\n", what, error_text());
		exit(1);
	}
}

/* --- one gradient ---------------------------------------------------------------------------------- */

/* What cancels out (a bias before a batch norm) is held to a hundredth of the largest of all. */
static double worst_tensor(const struct net_shape *s, enum gpu_math math, const float *a,
			   const float *b)
{
	struct net_tensors params;
	double worst = 0, least;

	net_shape_params(s, &params);
	least = tap_top(b, params.count) / 100;
	for (size_t i = 0; i < params.n; i++) {
		const struct net_tensor *t = &params.v[i];
		const float *x = a + t->offset, *y = b + t->offset;
		double off = math == GPU_MATH_FP32 ? tap_off(x, y, t->count, least)
						   : tap_far(x, y, t->count, least);

		worst = off > worst ? off : worst;
	}
	net_tensors_clear(&params);
	return worst;
}

static double gradient_off(const struct rows_kind *k, enum gpu_math math, size_t rows)
{
	struct trainer_options o = rows_options(k, 512);
	struct gpu_trainer_options g = gpu_options(&o, math);
	struct net_report report;
	struct gpu_trainer *gpu;
	struct trainer *cpu;
	struct rows f;
	struct net_batch b;
	float *got;
	double off;

	rows_open(&f, k, rows);
	b = (struct net_batch){ &f.data, 3, 0, rows, true, 0 };
	must(gpu_trainer_open(device, &f.shape, &f.weights, &g, &gpu), k->name);
	must(gpu_trainer_step(gpu, &b, &report), k->name);
	got = xcalloc(f.weights.n_params, sizeof *got);
	must(gpu_trainer_gradient(gpu, got), k->name);
	gpu_trainer_close(gpu);
	must(trainer_open(&f.shape, &f.weights, &o, &cpu), k->name);
	must(trainer_step(cpu, &b, &report), k->name);
	off = worst_tensor(&f.shape, math, got, trainer_gradient(cpu));
	trainer_close(cpu);
	free(got);
	rows_close(&f);
	return off;
}

static bool has_kinks(const struct rows_kind *k)
{
	for (size_t i = 0; i < k->hidden; i++)
		if (k->layers[i].activation == NET_RELU)
			return true;
	return false;
}

/* Of all nets, or of those with a relu. */
static void test_gradients(enum gpu_math math, bool all)
{
	for (size_t i = 0; i < ARRAY_LEN(ROWS_KINDS); i++) {
		const struct rows_kind *k = &ROWS_KINDS[i];
		double off;

		if (!all && !has_kinks(k))
			continue;
		off = gradient_off(k, math, 203);
		tap_is(off <= LIMITS[math].gradient, "gradient in %s: %s: off by %.2g",
		       gpu_math_name(math), k->name, off);
	}
}

/* --- finite differences ------------------------------------------------------------------------------ */

/* In training: one step without a rate. */
static double loss_of(struct gpu_trainer *t, const struct net_batch *b)
{
	struct net_report r;

	must(gpu_trainer_push(t), "push");
	must(gpu_trainer_step(t, b, &r), "a step");
	must(gpu_trainer_flush(t, &r), "flush");
	return r.loss;
}

/* Some parameters of all tensors, each a little up and down. */
static double slopes_off(const struct rows_kind *k)
{
	const float delta = 4e-3f;
	struct trainer_options o = rows_options(k, 64);
	struct gpu_trainer_options g = gpu_options(&o, GPU_MATH_FP32);
	struct gpu_trainer *t;
	struct rows f;
	struct net_batch b;
	double worst = 0, weight = 0;
	float *got;

	rows_open(&f, k, 61);
	b = (struct net_batch){ &f.data, 3, 0, 61, true, 0 };
	must(gpu_trainer_open(device, &f.shape, &f.weights, &g, &t), k->name);
	got = xcalloc(f.weights.n_params, sizeof *got);
	loss_of(t, &b);
	must(gpu_trainer_gradient(t, got), k->name);
	for (size_t i = 0; i < 61; i++) {
		bool classes = k->loss == LOSS_BINARY || k->loss == LOSS_SOFTMAX;
		float of_class =
			classes && o.loss.class_weights ? o.loss.class_weights[(size_t)f.y[i]] : 1;

		weight += (double)((f.data.w ? f.w[i] : 1) * of_class);
	}
	for (size_t i = 0; i < f.weights.n_params; i += 1 + f.weights.n_params / 9) {
		float *p = &f.weights.params[i], was = *p;
		double slope, off;

		*p = was + delta;
		slope = loss_of(t, &b);
		*p = was - delta;
		slope = (slope - loss_of(t, &b)) / (2 * (double)delta);
		*p = was;
		off = fabs(slope - (double)got[i] / weight) / (0.02 + fabs(slope));
		worst = off > worst ? off : worst;
	}
	gpu_trainer_close(t);
	free(got);
	rows_close(&f);
	return worst;
}

static void test_slopes(void)
{
	for (size_t i = 0; i < ARRAY_LEN(ROWS_KINDS); i++) {
		const struct rows_kind *k = &ROWS_KINDS[i];
		double off;

		if (has_kinks(k))
			continue;
		off = slopes_off(k);
		tap_is(off <= 0.05, "slope by finite differences: %s: off by %.2g", k->name, off);
	}
}

#ifdef MICH_CUDA_HOST
/* By cuBLASLt's rules, with all epilogues, without each, and without any that does more than add a bias. */
static void test_blas(void)
{
	static const int some[] = { 0, CUBLASLT_EPILOGUE_RELU_AUX_BIAS, CUBLASLT_EPILOGUE_DRELU,
				    CUBLASLT_EPILOGUE_RELU_BIAS, CUBLASLT_EPILOGUE_DEFAULT };
	unsigned long before = host_blas_products();

	host_blas(1);
	device_close(device);
	must(device_open(0, &device), "the device");
	for (size_t i = 0; i < ARRAY_LEN(some); i++) {
		if (i)
			printf("# without epilogue %d\n", some[i]);
		host_blas_refuse(some[i], 1);
		test_gradients(i % 2 ? GPU_MATH_BF16 : GPU_MATH_FP32, !i);
		if (i != 1)
			host_blas_refuse(some[i], 0); /* relu_bias takes its place only then */
	}
	for (size_t i = 1; i < ARRAY_LEN(some); i++) {
		printf("# epilogue %d refused when it comes to it\n", some[i]);
		host_blas_refuse_late(some[i], 1);
		test_gradients(i % 2 ? GPU_MATH_FP32 : GPU_MATH_BF16, false);
		host_blas_refuse_late(some[i], 0);
	}
	tap_is(host_blas_products() > before + 50, "products were cuBLASLt's");
	host_blas(0);
}
#endif

/* A grid is 65535 blocks high at most. */
static void test_batch(void)
{
	struct rows_kind k = { .name = "batch", .outputs = 1 };
	struct trainer_options o = rows_options(&k, GPU_BATCH_MOST + 1);
	struct gpu_trainer_options g = gpu_options(&o, GPU_MATH_FP32);
	struct gpu_trainer *gpu;
	struct rows f;

	rows_open(&f, &k, 64);
	tap_is(gpu_trainer_open(device, &f.shape, &f.weights, &g, &gpu) == ERR_INPUT && !gpu,
	       "a batch of more rows than a step takes is refused");
	rows_close(&f);
}

int main(void)
{
	must(device_open(0, &device), "the device");
	test_gradients(GPU_MATH_FP32, true);
#ifndef MICH_CUDA_HOST /* it has no tf32 */
	test_gradients(GPU_MATH_TF32, true);
#endif
	test_gradients(GPU_MATH_BF16, true);
	test_slopes();
	test_batch();
#ifdef MICH_CUDA_HOST
	test_blas();
#endif
	device_close(device);
	return tap_end();
}
