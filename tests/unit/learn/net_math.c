/* net_math.c - tests of the parts of lib/learn/net: numbers by hand, of PyTorch 2.13 and of Random123. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/net/activation.h"
#include "lib/learn/net/dropout.h"
#include "lib/learn/net/gemm.h"
#include "lib/learn/net/loss.h"
#include "lib/learn/net/optimizer.h"
#include "lib/learn/net/philox.h"
#include "lib/learn/net/rate.h"
#include "lib/learn/net/shuffle.h"

static void near_to(double got, double want, double off)
{
	if (!(fabs(got - want) <= off * (1 + fabs(want))))
		print_message("got %.9g, want %.9g\n", got, want);
	assert_true(fabs(got - want) <= off * (1 + fabs(want)));
}

/* Known answers of Random123: kat_vectors, philox4x32 10. */
static void test_philox(void **state)
{
	static const uint32_t ones[] = { ~0u, ~0u, ~0u, ~0u };
	static const uint32_t of_zero[] = { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 };
	static const uint32_t of_ones[] = { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd };
	uint32_t out[4];

	(void)state;
	philox(0, (uint32_t[4]){ 0 }, out);
	assert_memory_equal(out, of_zero, sizeof out);
	philox(~0ull, ones, out);
	assert_memory_equal(out, of_ones, sizeof out);
}

static void test_shuffle(void **state)
{
	static const uint64_t sizes[] = { 1, 2, 3, 7, 8, 9, 1000, 4097 };
	struct shuffle s, other;
	char seen[4097];
	size_t same = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		memset(seen, 0, sizeof seen);
		shuffle_init(&s, sizes[i], 3, i);
		for (uint64_t k = 0; k < sizes[i]; k++) {
			uint64_t at = shuffle_at(&s, k);

			assert_true(at < sizes[i]);
			assert_int_equal(seen[at]++, 0);
		}
	}
	shuffle_init(&s, 4097, 3, 0);
	shuffle_init(&other, 4097, 3, 1);
	for (uint64_t k = 0; k < 4097; k++)
		same += shuffle_at(&s, k) == shuffle_at(&other, k);
	assert_true(same < 12); /* 1 is expected */
}

/* Where each of 16 places goes, over 8,000 epochs: every goal 500 times, by the chi-squared test. */
static void test_shuffle_even(void **state)
{
	int counts[16][16] = { 0 };
	double chi = 0;

	(void)state;
	for (uint64_t e = 0; e < 8000; e++) {
		struct shuffle s;

		shuffle_init(&s, 16, 42, e);
		for (uint64_t k = 0; k < 16; k++)
			counts[k][shuffle_at(&s, k)]++;
	}
	for (size_t i = 0; i < 16; i++)
		for (size_t j = 0; j < 16; j++)
			chi += (counts[i][j] - 500.0) * (counts[i][j] - 500.0) / 500;
	assert_true(chi < 320); /* 225 degrees of freedom: 5 in 100,000 */
}

/* --- products -------------------------------------------------------------------------------------- */

enum { M = 29, N = 45, K = 301 };

static float value(size_t i)
{
	return (float)(i * 7919 % 2003) / 1001 - 1;
}

static void fill(float *v, size_t n, size_t from)
{
	for (size_t i = 0; i < n; i++)
		v[i] = value(i + from);
}

static void product_is(gemm_kernel kernel, const struct gemm *g, const float *before)
{
	kernel(g);
	for (size_t i = 0; i < g->m; i++)
		for (size_t j = 0; j < g->n; j++) {
			double want = g->start == GEMM_ADD    ? before[i * g->ldc + j]
				      : g->start == GEMM_BIAS ? g->bias[j]
							      : 0;

			for (size_t p = 0; p < g->k; p++)
				want += (double)g->a[i * g->a_row + p * g->a_step] *
					g->b[p * g->ldb + j];
			if (g->live && !(g->live[i * g->ld_live + j] > 0))
				want = 0;
			near_to(g->c[i * g->ldc + j], g->relu && want < 0 ? 0 : want, 2e-5);
		}
}

static float a[K * 48], b[K * 48], c[M * 48], d[M * 48], bias[48], zero[M * 48], live[M * 50];

static void try_kernel(gemm_kernel kernel)
{
	static const size_t ms[] = { 1, 5, 12, 29 }, ns[] = { 1, 15, 16, 17, 33, 45 };
	static const size_t ks[] = { 0, 1, 28, 301 };

	for (size_t x = 0; x < ARRAY_LEN(ms) * ARRAY_LEN(ns) * ARRAY_LEN(ks); x++) {
		struct gemm g = { .m = ms[x % 4],
				  .n = ns[x / 4 % 6],
				  .k = ks[x / 24],
				  .a = a,
				  .b = b,
				  .ldb = 48,
				  .c = c,
				  .ldc = 48,
				  .bias = bias,
				  .start = (enum gemm_start)(x % 3),
				  .relu = x % 5 == 0,
				  .live = x % 7 < 3 ? live : NULL,
				  .ld_live = 50 };

		g.a_row = x % 2 ? 1 : K;
		g.a_step = x % 2 ? M : 1;
		fill(c, ARRAY_LEN(c), 5);
		memcpy(d, c, sizeof d);
		product_is(kernel, &g, d);
		for (size_t i = 0; i < ARRAY_LEN(c); i++) /* what lies beside is left alone */
			if (i / 48 >= g.m || i % 48 >= g.n)
				assert_true(c[i] == d[i]);
	}
}

static void test_gemm(void **state)
{
	gemm_kernel kernels[] = { gemm, gemm_avx2(), gemm_avx512() };

	(void)state;
	fill(a, ARRAY_LEN(a), 0);
	fill(b, ARRAY_LEN(b), 77);
	fill(bias, ARRAY_LEN(bias), 300);
	fill(live, ARRAY_LEN(live), 500);
	for (size_t i = 0; i < ARRAY_LEN(kernels); i++)
		if (kernels[i])
			try_kernel(kernels[i]);
}

/* One row or many, 8 or 16 lanes: the same bits. */
static void test_gemm_bits(void **state)
{
	struct gemm g = { .m = M,
			  .n = N,
			  .k = K,
			  .a = a,
			  .a_row = K,
			  .a_step = 1,
			  .b = b,
			  .ldb = 48,
			  .c = c,
			  .ldc = 48 };

	(void)state;
	gemm(&g);
	for (size_t i = 0; i < M; i++) {
		struct gemm one = g;

		one.m = 1;
		one.a += i * K;
		one.c = d + i * 48;
		gemm(&one);
		assert_memory_equal(c + i * 48, d + i * 48, N * sizeof(float));
	}
	if (!gemm_avx2() || !gemm_avx512())
		return;
	g.c = zero;
	gemm_avx2()(&g);
	g.c = d;
	gemm_avx512()(&g);
	for (size_t i = 0; i < M; i++)
		assert_memory_equal(zero + i * 48, d + i * 48, N * sizeof(float));
	g.n = 1;
	for (g.k = 1; g.k < 40; g.k++) {
		g.c = zero;
		gemm_avx2()(&g);
		g.c = d;
		gemm_avx512()(&g);
		for (size_t i = 0; i < M; i++)
			assert_memory_equal(zero + i * 48, d + i * 48, sizeof(float));
	}
}

static void test_relu_keeps_nan(void **state)
{
	float x[2] = { NAN, -1 }, one = 1, out[2];

	(void)state;
	gemm(&(struct gemm){ .m = 1,
			     .n = 2,
			     .k = 1,
			     .a = &one,
			     .a_row = 1,
			     .a_step = 1,
			     .b = x,
			     .ldb = 2,
			     .c = out,
			     .ldc = 2,
			     .relu = true });
	assert_true(isnan(out[0]));
	assert_true(out[1] == 0);
}

/* --- activations, dropout -------------------------------------------------------------------------- */

static void test_activations(void **state)
{
	static const float z[] = { -3, -1, -0.1f, 0.3f, 2.5f };
	static const float gelu[] = { -0.00405022502f, -0.158655256f, -0.0460172184f, 0.18537344f,
				      2.48447585f };
	float out[5], back[5] = { 1, 1, 1, 1, 1 };

	(void)state;
	activation_forward(NET_GELU, z, out, 5);
	for (size_t i = 0; i < 5; i++)
		near_to(out[i], gelu[i], 1e-6); /* at -3 PyTorch is 5e-7 off */
	activation_backward(NET_GELU, z, out, 1, back, 5);
	for (size_t i = 0; i < 5; i++)
		near_to(back[i],
			0.5 * (1 + erf(z[i] * M_SQRT1_2)) +
				z[i] * exp(-0.5 * z[i] * z[i]) / sqrt(2 * M_PI),
			3e-7);
	for (float x = -20; x < 20; x += 0.0137f) {
		float t;

		activation_forward(NET_TANH, &x, &t, 1);
		near_to(t, tanh((double)x), 2e-7);
		activation_forward(NET_GELU, &x, &t, 1);
		near_to(t, x * 0.5 * (1 + erf(x * M_SQRT1_2)), 5e-7);
	}
}

static void test_dropout(void **state)
{
	struct dropout o = { .seed = 9, .epoch = 2, .layer = 1, .share = 0.3f };
	float v[1000], w[1000];
	size_t kept = 0, same = 0;

	(void)state;
	for (uint64_t row = 0; row < 100; row++) {
		dropout_factors(&o, row, 1000, v);
		for (size_t i = 0; i < 1000; i++) {
			assert_true(v[i] == 0 || v[i] == 1 / (1 - o.share));
			kept += v[i] > 0;
		}
	}
	near_to((double)kept / 1e5, 0.7, 0.003);
	dropout_factors(&o, 5, 1000, v);
	dropout_factors(&o, 5, 1000, w);
	assert_memory_equal(v, w, sizeof v);
	o.layer = 2;
	dropout_factors(&o, 5, 1000, w);
	for (size_t i = 0; i < 1000; i++)
		same += v[i] == w[i];
	near_to((double)same / 1e3, 0.58, 0.05);
}

/* --- losses, optimisers, rates --------------------------------------------------------------------- */

static void loss_is(const struct loss_options *o, float *z, size_t outputs, const float *y,
		    const float *w, double loss, const float *gradient)
{
	struct loss_sum sum = { 0 }, again = { 0 };

	loss_forward(o, outputs, z, outputs, y, w, 2, &again);
	loss_backward(o, outputs, z, outputs, y, w, 2, &sum);
	near_to(sum.loss, loss, 1e-6);
	near_to(again.loss, loss, 1e-6);
	assert_true(again.weight == sum.weight);
	for (size_t i = 0; i < 2 * outputs; i++)
		near_to(z[i], gradient[i], 1e-6);
}

static void test_losses(void **state)
{
	static const float classes[] = { 1.5f, 0.5f, 2 };
	struct loss_options softmax = { .kind = LOSS_SOFTMAX, .class_weights = classes };

	(void)state;
	loss_is(&softmax, (float[]){ 0.2f, -1, 2, 3, 0.1f, -0.5f }, 3, (float[]){ 1, 0 }, NULL,
		2 * 0.8600412011,
		(float[]){ 2 * 0.0340097137f, 2 * -0.2397564650f, 2 * 0.2057467550f,
			   2 * -0.0588962585f, 2 * 0.0380267464f, 2 * 0.0208695233f });
	loss_is(&(struct loss_options){ .kind = LOSS_BINARY }, (float[]){ 0.7f, -2.3f }, 1,
		(float[]){ 1, 1 }, (float[]){ 2, 1 }, 3.2019176483,
		(float[]){ -0.6636245251f, -0.9088770151f });
	loss_is(&(struct loss_options){ .kind = LOSS_HUBER, .delta = 1.5f },
		(float[]){ 0.7f, -2.3f }, 1, (float[]){ 1, 1 }, NULL, 3.8699998856,
		(float[]){ -0.3f, -1.5f });
	loss_is(&(struct loss_options){ .kind = LOSS_POISSON }, (float[]){ 0.7f, -2.3f }, 1,
		(float[]){ 1, 3 }, NULL, 8.3140106201, (float[]){ 1.0137526989f, -2.8997411672f });
	loss_is(&(struct loss_options){ .kind = LOSS_BINARY }, (float[]){ 1000, -1000 }, 1,
		(float[]){ 0, 1 }, NULL, 2000, (float[]){ 1, -1 });
	assert_int_equal(loss_check_labels(&softmax, 3, (float[]){ 0, 3 }, 2), ERR_INPUT);
	assert_int_equal(loss_check_labels(&softmax, 3, (float[]){ 0, 1.5f }, 2), ERR_INPUT);
	assert_int_equal(loss_check_labels(&softmax, 3, (float[]){ 0, 2 }, 2), 0);
}

static void test_optimizers(void **state)
{
	static const struct {
		struct optimizer_options o;
		float want[3];
	} cases[] = {
		{ { .kind = OPTIMIZER_SGD }, { 0.7f, -1.92f, 0.47f } },
		{ { .kind = OPTIMIZER_SGD, .momentum = 0.9f, .weight_decay = 0.01f },
		  { 0.4347835f, -1.8012261f, 0.4893232f } },
		{ { .kind = OPTIMIZER_ADAM }, { 0.6116407f, -1.5999999f, 0.6544455f } },
		{ { .kind = OPTIMIZER_ADAM, .l2 = 0.01f },
		  { 0.6111026f, -1.6001053f, 0.6438944f } },
		{ { .kind = OPTIMIZER_ADAMW, .weight_decay = 0.1f },
		  { 0.5780855f, -1.5271521f, 0.6298077f } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		float p[] = { 1, -2, 0.5f }, m[3] = { 0 }, v[3] = { 0 };

		for (int t = 0; t < 4; t++) {
			float n = (float)t;
			float g[] = { 0.6f * (n + 1), -0.4f, 2 * (0.05f * n * n - 0.1f) };

			optimizer_apply(&cases[i].o,
					&(struct optimizer_step){ 0.1f, 0.5f, (uint64_t)t + 1 },
					true, p, g, m, v, 3);
		}
		for (size_t k = 0; k < 3; k++)
			near_to(p[k], cases[i].want[k], 1e-6);
	}
}

static void test_rates(void **state)
{
	static const double one_cycle[] = { 0.02,	0.06583592, 0.18583592, 0.33416408,
					    0.45416408, 0.5,	    0.493732,	0.47524232,
					    0.44545809, 0.40587283, 0.3584715,	0.30563101,
					    0.250001,	0.19437099, 0.1415305,	0.09412917,
					    0.05454391, 0.02475968, 0.00627,	0.000002 };
	struct rate_options o = { RATE_ONE_CYCLE, 0.5, 0, 0, 20 };

	(void)state;
	for (uint64_t i = 0; i < 20; i++)
		near_to(rate_at(&o, i), one_cycle[i], 1e-7);
	o.warmup = 6; /* as many steps as its 30 % */
	for (uint64_t i = 0; i < 20; i++)
		near_to(rate_at(&o, i), one_cycle[i], 1e-7);
	o = (struct rate_options){ RATE_COSINE, 1, 0.1, 5, 25 };
	near_to(rate_at(&o, 0), 0.2, 1e-7);
	near_to(rate_at(&o, 4), 1, 1e-7);
	near_to(rate_at(&o, 5), 1, 1e-7);
	near_to(rate_at(&o, 15), 0.55, 1e-7);
	near_to(rate_at(&o, 1000), rate_at(&o, 24), 0);
	o = (struct rate_options){ RATE_CONSTANT, 0.3, 0, 0, 10 };
	near_to(rate_at(&o, 7), 0.3, 1e-7);
}

static void test_words(void **state)
{
	enum optimizer_kind k;
	enum rate_schedule r;

	(void)state;
	assert_int_equal(optimizer_parse("adamw", &k), 0);
	assert_int_equal(k, OPTIMIZER_ADAMW);
	assert_int_equal(rate_parse("once", &r), ERR_INPUT);
	assert_string_equal(error_text(), "no schedule 'once': want constant, cosine or one-cycle");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_philox),	     cmocka_unit_test(test_shuffle),
		cmocka_unit_test(test_shuffle_even), cmocka_unit_test(test_gemm),
		cmocka_unit_test(test_gemm_bits),    cmocka_unit_test(test_relu_keeps_nan),
		cmocka_unit_test(test_activations),  cmocka_unit_test(test_dropout),
		cmocka_unit_test(test_losses),	     cmocka_unit_test(test_optimizers),
		cmocka_unit_test(test_rates),	     cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
