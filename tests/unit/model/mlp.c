/*
 * mlp.c - nets scored: near a plain reckoning in doubles, and the same bits from every kernel, for
 * a row alone and among others, on any number of threads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/model/net/mlp.h"

enum { ROWS = 131, WIDEST = 300 };

static uint64_t random_state = 1;

/* -1 to 1 */
static float random_float(void)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (float)(int32_t)(random_state >> 32) / 2147483648.0f;
}

/* --- the plain reckoning ----------------------------------------------------------------------- */

static const float *tensor(const struct net_shape *s, const struct net_weights *w, const char *of,
			   size_t i, const char *what)
{
	struct net_tensors params, stats;
	const struct net_tensor *t;
	const float *v = NULL;
	char name[64];

	snprintf(name, sizeof name, "%s.%zu.%s", of, i, what);
	if (i == SIZE_MAX)
		snprintf(name, sizeof name, "%s.%s", of, what);
	net_shape_params(s, &params);
	net_shape_stats(s, &stats);
	if ((t = net_tensors_find(&params, name)))
		v = w->params + t->offset;
	else if ((t = net_tensors_find(&stats, name)))
		v = w->stats + t->offset;
	net_tensors_clear(&params);
	net_tensors_clear(&stats);
	return v;
}

static size_t plain_inputs(const struct net_shape *s, const struct net_weights *w, const float *x,
			   double *a)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_numeric; i++) {
		double v = x[s->numeric[i]];

		v = (v - tensor(s, w, "input", SIZE_MAX, "mean")[i]) *
		    tensor(s, w, "input", SIZE_MAX, "scale")[i];
		a[n++] = isnan(v) ? 0 : v;
	}
	for (size_t i = 0; i < s->n_embedded; i++) {
		const struct net_embedding *e = &s->embedded[i];
		float code = x[e->input];
		size_t row =
			code >= 0 && code < (float)e->categories ? (size_t)code : e->categories;

		for (size_t d = 0; d < e->dim; d++)
			a[n++] = tensor(s, w, "embed", i, "weight")[row * e->dim + d];
	}
	return n;
}

static void plain_linear(const float *w, const float *bias, size_t in, size_t out, double *a)
{
	double z[WIDEST];

	for (size_t u = 0; u < out; u++) {
		z[u] = bias[u];
		for (size_t k = 0; k < in; k++)
			z[u] += w[u * in + k] * a[k];
	}
	memcpy(a, z, out * sizeof(*z));
}

static void plain_norm(const struct net_shape *s, const struct net_weights *w, size_t layer,
		       double *a)
{
	size_t n = s->hidden[layer].units;
	double mean = 0, var = 0;

	for (size_t u = 0; u < n; u++)
		mean += a[u] / (double)n;
	for (size_t u = 0; u < n; u++)
		var += (a[u] - mean) * (a[u] - mean) / (double)n;
	for (size_t u = 0; u < n; u++) {
		if (s->hidden[layer].norm == NET_NORM_BATCH) {
			mean = tensor(s, w, "norm", layer, "mean")[u];
			var = tensor(s, w, "norm", layer, "var")[u];
		}
		a[u] = (a[u] - mean) / sqrt(var + NET_EPSILON) *
			       tensor(s, w, "norm", layer, "weight")[u] +
		       tensor(s, w, "norm", layer, "bias")[u];
	}
}

static double plain_activation(enum net_activation a, double v)
{
	switch (a) {
	case NET_RELU:
		return v > 0 ? v : 0;
	case NET_GELU:
		return 0.5 * v * (1 + erf(v / sqrt(2)));
	default:
		return tanh(v);
	}
}

static void plain_head(const struct net_shape *s, const struct net_weights *w, double *a)
{
	double sum = 0;

	for (size_t i = 0; i < s->outputs; i++) {
		if (s->head == NET_LOGISTIC)
			a[i] = 1 / (1 + exp(-a[i]));
		else if (s->head == NET_IDENTITY)
			a[i] = *tensor(s, w, "target", SIZE_MAX, "mean") +
			       *tensor(s, w, "target", SIZE_MAX, "scale") * a[i];
		else
			a[i] = exp(a[i]);
		sum += a[i];
	}
	for (size_t i = 0; s->head == NET_SOFTMAX && i < s->outputs; i++)
		a[i] /= sum;
}

static void plain(const struct net_shape *s, const struct net_weights *w, const float *x, double *a)
{
	size_t in = plain_inputs(s, w, x, a);

	for (size_t i = 0; i < s->n_hidden; i++) {
		const struct net_hidden *h = &s->hidden[i];

		plain_linear(tensor(s, w, "layer", i, "weight"), tensor(s, w, "layer", i, "bias"),
			     in, h->units, a);
		if (h->norm != NET_NORM_NONE)
			plain_norm(s, w, i, a);
		for (size_t u = 0; u < h->units; u++)
			a[u] = plain_activation(h->activation, a[u]);
		in = h->units;
	}
	plain_linear(tensor(s, w, "output", SIZE_MAX, "weight"),
		     tensor(s, w, "output", SIZE_MAX, "bias"), in, s->outputs, a);
	plain_head(s, w, a);
}

/* --- nets -------------------------------------------------------------------------------------- */

static void weights_make(const struct net_shape *s, struct net_weights *w)
{
	struct net_tensors t;

	assert_int_equal(net_weights_init(s, w), 0);
	net_shape_params(s, &t);
	for (size_t i = 0; i < t.n; i++) {
		float scale = t.v[i].n_dims == 2 ? 1 / sqrtf((float)t.v[i].dims[1]) : 0.5f;

		for (size_t k = 0; k < t.v[i].count; k++)
			w->params[t.v[i].offset + k] = 2 * scale * random_float();
	}
	net_tensors_clear(&t);
	for (size_t i = 0; i < w->n_stats; i++)
		w->stats[i] = 1 + 0.5f * random_float();
}

/* Numbers, codes (some unknown), some of either missing. */
static float *rows_make(const struct net_shape *s, size_t rows)
{
	float *x = xcalloc(rows, s->inputs * sizeof(*x));

	for (size_t i = 0; i < rows * s->inputs; i++)
		x[i] = random_float() < -0.9f ? NAN : 2 * random_float();
	for (size_t i = 0; i < s->n_embedded; i++)
		for (size_t r = 0; r < rows; r++) {
			float *v = &x[r * s->inputs + s->embedded[i].input];

			*v = floorf(*v * (float)s->embedded[i].categories / 1.8f);
		}
	return x;
}

static void check_near(const struct net_shape *s, const struct net_weights *w, const float *x,
		       const float *got)
{
	double want[WIDEST];

	for (size_t r = 0; r < ROWS; r++) {
		plain(s, w, x + r * s->inputs, want);
		for (size_t k = 0; k < s->outputs; k++) {
			double off = fabs(got[r * s->outputs + k] - want[k]);

			if (!(off <= 1e-6 + 4e-6 * fabs(want[k])))
				fail_msg("row %zu output %zu: %.9g, want %.9g", r, k,
					 (double)got[r * s->outputs + k], want[k]);
		}
	}
}

/* What one kernel gives: all rows, each alone, the first of so many, on threads. */
static void check_bits(struct mlp *m, const char *kernel, const float *x, const float *want)
{
	size_t width = mlp_width(m), inputs = mlp_inputs(m);
	float *got = xcalloc(ROWS, width * sizeof(*got));

	if (mlp_use_kernel(m, kernel) < 0) {
		free(got);
		return;
	}
	for (int64_t n = 1; n <= ROWS; n += n < 60 ? 1 : 17) {
		memset(got, 0xff, ROWS * width * sizeof(*got));
		assert_int_equal(mlp_score(m, x, n, 1, got), 0);
		assert_memory_equal(got, want, (size_t)n * width * sizeof(*got));
	}
	for (size_t r = 0; r < ROWS; r++) {
		assert_int_equal(mlp_score(m, x + r * inputs, 1, 1, got), 0);
		assert_memory_equal(got, want + r * width, width * sizeof(*got));
	}
	free(got);
}

static void check_net(struct net_shape *s)
{
	struct net_weights w;
	struct mlp *m;
	float *x, *got;

	assert_int_equal(net_shape_check(s), 0);
	weights_make(s, &w);
	x = rows_make(s, ROWS);
	got = xcalloc(ROWS, s->outputs * sizeof(*got));
	assert_int_equal(mlp_new(s, &w, &m), 0);
	assert_int_equal(mlp_score(m, x, ROWS, 1, got), 0);
	check_near(s, &w, x, got);
	check_bits(m, "scalar", x, got);
	check_bits(m, "avx2", x, got);
	check_bits(m, "avx512", x, got);
	mlp_free(m);
	net_weights_clear(&w);
	net_shape_clear(s);
	free(x);
	free(got);
}

static struct net_shape numbers(size_t n, size_t outputs, enum net_head head)
{
	struct net_shape s = { .inputs = n, .outputs = outputs, .head = head };

	for (size_t i = 0; i < n; i++)
		net_shape_numeric(&s, n - 1 - i);
	return s;
}

static void scores_linear_models(void **state)
{
	struct net_shape s;

	(void)state;
	for (size_t n = 1; n < 70; n += 7) {
		s = numbers(n, 1, NET_IDENTITY);
		check_net(&s);
	}
	s = numbers(5, 1, NET_LOGISTIC);
	check_net(&s);
	s = numbers(5, 1, NET_EXP);
	check_net(&s);
	for (size_t n = 2; n < 20; n++) {
		s = numbers(9, n, NET_SOFTMAX);
		check_net(&s);
	}
}

static void scores_every_kind_of_layer(void **state)
{
	static const size_t units[] = { 1, 7, 16, 33, 128 };

	(void)state;
	for (int a = NET_RELU; a <= NET_TANH; a++)
		for (int n = NET_NORM_NONE; n <= NET_NORM_LAYER; n++)
			for (size_t i = 0; i < ARRAY_LEN(units); i++) {
				struct net_shape s = numbers(11, 1, NET_IDENTITY);
				struct net_hidden h = { units[i], (enum net_activation)a,
							(enum net_norm)n, 0.3 };

				net_shape_hidden(&s, h);
				h.units = 20;
				net_shape_hidden(&s, h);
				check_net(&s);
			}
}

static void scores_embeddings(void **state)
{
	struct net_shape s = numbers(3, 4, NET_SOFTMAX);

	(void)state;
	s.inputs = 6;
	net_shape_embedded(&s, (struct net_embedding){ 5, 9, 3 });
	net_shape_embedded(&s, (struct net_embedding){ 3, 1, 17 });
	net_shape_hidden(&s, (struct net_hidden){ .units = 24 });
	check_net(&s);
	s = (struct net_shape){ .inputs = 2, .outputs = 1, .head = NET_LOGISTIC };
	net_shape_embedded(&s, (struct net_embedding){ 0, 4, 1 });
	check_net(&s);
}

static void scores_wide_layers(void **state)
{
	struct net_shape s = numbers(28, 1, NET_LOGISTIC);

	(void)state;
	net_shape_hidden(&s, (struct net_hidden){ .units = 300, .activation = NET_GELU });
	net_shape_hidden(&s, (struct net_hidden){ .units = 257, .norm = NET_NORM_LAYER });
	check_net(&s);
}

static void gives_the_same_on_threads(void **state)
{
	enum { MANY = 5000 };
	struct net_shape s = numbers(28, 1, NET_LOGISTIC);
	struct net_weights w;
	struct mlp *m;
	float *x, *one = xcalloc(MANY, sizeof(*one)), *two = xcalloc(MANY, sizeof(*two));

	(void)state;
	net_shape_hidden(&s, (struct net_hidden){ .units = 128 });
	net_shape_hidden(&s, (struct net_hidden){ .units = 128 });
	weights_make(&s, &w);
	x = rows_make(&s, MANY);
	assert_int_equal(mlp_new(&s, &w, &m), 0);
	assert_int_equal(mlp_score(m, x, MANY, 1, one), 0);
	for (int threads = 0; threads < 9; threads++) {
		assert_int_equal(mlp_score(m, x, MANY, threads, two), 0);
		assert_memory_equal(one, two, MANY * sizeof(*one));
	}
	assert_int_equal(mlp_score(m, x, 0, 1, two), 0);
	mlp_free(m);
	net_weights_clear(&w);
	net_shape_clear(&s);
	free(x);
	free(one);
	free(two);
}

/* Through one weight: every float near what libm says in doubles, over the whole range. */
static void check_function(struct net_shape s, double (*f)(double), double ulps)
{
	enum { STEPS = 20011 };
	float *x = xcalloc(STEPS, sizeof(*x)), *got = xcalloc(STEPS, sizeof(*got));
	struct net_weights w;
	struct mlp *m;

	assert_int_equal(net_weights_init(&s, &w), 0);
	for (size_t i = 0; i < w.n_params; i++) /* w 1, bias 0, of each layer */
		w.params[i] = i % 2 == 0;
	w.stats[0] = 0;
	assert_int_equal(mlp_new(&s, &w, &m), 0);
	for (int i = 0; i < STEPS; i++) {
		double t = (i - STEPS / 2) / (double)(STEPS / 2);

		x[i] = (float)(110 * t * t * t);
	}
	assert_int_equal(mlp_score(m, x, STEPS, 1, got), 0);
	for (int i = 0; i < STEPS; i++) {
		double want = f((double)x[i]);
		double unit = ldexp(1, ilogb(want) < -126 ? -149 : ilogb(want) - 23);

		if (fabs(want) > 3.4e38 ? !isinf(got[i]) : !(fabs(got[i] - want) <= ulps * unit))
			fail_msg("f(%.9g) is %.9g, want %.9g", (double)x[i], (double)got[i], want);
	}
	mlp_free(m);
	net_weights_clear(&w);
	net_shape_clear(&s);
	free(x);
	free(got);
}

static double logistic(double x)
{
	return 1 / (1 + exp(-x));
}

static void knows_its_functions(void **state)
{
	struct net_shape s = numbers(1, 1, NET_IDENTITY);

	(void)state;
	net_shape_hidden(&s, (struct net_hidden){ .units = 1, .activation = NET_TANH });
	check_function(s, tanh, 2);
	check_function(numbers(1, 1, NET_EXP), exp, 2);
	check_function(numbers(1, 1, NET_LOGISTIC), logistic, 3);
}

/* A weight that is no number makes an answer that is none, and no more than that. */
static void survives_any_weights(void **state)
{
	static const float odd[] = { NAN, INFINITY, -INFINITY, 3e38f, -3e38f, 1e-42f };
	struct net_shape s = numbers(4, 3, NET_SOFTMAX);
	float x[ROWS * 4], out[ROWS * 3];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(x); i++)
		x[i] = odd[i % ARRAY_LEN(odd)];
	for (int a = NET_RELU; a <= NET_TANH; a++)
		net_shape_hidden(&s, (struct net_hidden){ .units = 9,
							  .activation = (enum net_activation)a,
							  .norm = (enum net_norm)a });
	for (size_t k = 0; k < ARRAY_LEN(odd); k++) {
		struct net_weights w;
		struct mlp *m;

		weights_make(&s, &w);
		for (size_t i = 0; i < w.n_params; i += 13)
			w.params[i] = odd[k];
		for (size_t i = 0; i < w.n_stats; i += 3)
			w.stats[i] = odd[k];
		assert_int_equal(mlp_new(&s, &w, &m), 0);
		assert_int_equal(mlp_score(m, x, ROWS, 1, out), 0);
		assert_int_equal(mlp_use_kernel(m, "scalar"), 0);
		assert_int_equal(mlp_score(m, x, ROWS, 1, out), 0);
		mlp_free(m);
		net_weights_clear(&w);
	}
	net_shape_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scores_linear_models),
		cmocka_unit_test(scores_every_kind_of_layer),
		cmocka_unit_test(scores_embeddings),
		cmocka_unit_test(scores_wide_layers),
		cmocka_unit_test(gives_the_same_on_threads),
		cmocka_unit_test(knows_its_functions),
		cmocka_unit_test(survives_any_weights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
