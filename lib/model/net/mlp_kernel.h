/*
 * mlp_kernel.h - the body of a kernel of mlp_plan.h, for whoever includes it. Before that:
 *
 *	KERNEL		  the struct mlp_kernel that it defines; KERNEL_NAME as text; usable()
 *	TARGET		  attributes of every function
 *	V, VI, LANES	  a register of floats, one of int32 of the same size, how many it holds
 *	UNITS		  units of a tile's block: UNITS * 3 registers of sums
 *	PANELS		  panels of a row's block: PANELS * MLP_PANEL / LANES registers of sums
 *	LOAD STORE SET	  from and to any address; SET fills a register with one float
 *	FMA(a, b, c)	  a * b + c, rounded once; FMA_1 of single floats
 *	SQRT(v)		  rounded to the nearest; SQRT_1 of a single float
 *	MAX(a, b)	  a > b ? a : b, as the processor has it: b where either is NaN
 *	MIN(a, b)	  a < b ? a : b
 *	BITS(v) FLOATS(i) the same bits as the other type
 *	SHIFT(i, n)	  i << n
 *	BELOW(a, b)	  all bits of an int32 where a < b, else none
 */
#include <stdlib.h>
#include <string.h>

#include "lib/model/net/mlp_plan.h"

#define INLINE TARGET static inline __attribute__((always_inline))

#include "lib/model/net/mlp_functions.h"

/* --- a tile: rows side by side ----------------------------------------------------------------- */

/* units sums of registers * LANES rows: w is a panel's units, a the activations below. */
INLINE void block(size_t in, const float *w, const float *bias, const float *a, bool relu,
		  int units, int registers, float *out)
{
	V sums[UNITS][3], rows[3];

#pragma GCC unroll 16
	for (int u = 0; u < units; u++)
#pragma GCC unroll 4
		for (int r = 0; r < registers; r++)
			sums[u][r] = SET(bias[u]);
	for (size_t k = 0; k < in; k++, a += MLP_ROWS, w += MLP_PANEL) {
#pragma GCC unroll 4
		for (int r = 0; r < registers; r++)
			rows[r] = LOAD(a + r * LANES);
#pragma GCC unroll 16
		for (int u = 0; u < units; u++) {
			V one = SET(w[u]);

#pragma GCC unroll 4
			for (int r = 0; r < registers; r++)
				sums[u][r] = FMA(one, rows[r], sums[u][r]);
		}
	}
#pragma GCC unroll 16
	for (int u = 0; u < units; u++)
#pragma GCC unroll 4
		for (int r = 0; r < registers; r++) {
			V sum = relu ? MAX(SET(0.0f), sums[u][r]) : sums[u][r];

			STORE(out + u * MLP_ROWS + r * LANES, sum);
		}
}

/* All units of a layer, of registers * LANES rows. */
INLINE void columns(const struct mlp_layer *l, const float *a, bool relu, int registers, float *out)
{
	for (size_t at = 0; at < l->out;) {
		size_t in_panel = at % MLP_PANEL;
		const float *w = l->w + (at - in_panel) * l->in + in_panel;

		if (l->out - at >= UNITS) {
			block(l->in, w, l->bias + at, a, relu, UNITS, registers,
			      out + at * MLP_ROWS);
			at += UNITS;
		} else {
			block(l->in, w, l->bias + at, a, relu, 1, registers, out + at * MLP_ROWS);
			at++;
		}
	}
}

TARGET static void columns_1(const struct mlp_layer *l, const float *a, bool relu, float *out)
{
	columns(l, a, relu, 1, out);
}

TARGET static void columns_2(const struct mlp_layer *l, const float *a, bool relu, float *out)
{
	columns(l, a, relu, 2, out);
}

TARGET static void columns_3(const struct mlp_layer *l, const float *a, bool relu, float *out)
{
	columns(l, a, relu, 3, out);
}

/* Over the units of each row, LANES rows at a time; sums run from the first unit to the last. */
TARGET static void tile_norm(const struct mlp_layer *l, int n, float *v)
{
	V share = SET(1.0f / (float)l->out);

	for (int r = 0; r < n; r += LANES) {
		V sum = SET(0.0f), squares = SET(0.0f), factor, root;
		float *at = v + r;

		for (size_t u = 0; u < l->out; u++)
			sum = sum + LOAD(at + u * MLP_ROWS);
		sum = sum * share;
		for (size_t u = 0; u < l->out; u++) {
			V d = LOAD(at + u * MLP_ROWS) - sum;

			squares = FMA(d, d, squares);
		}
		root = FMA(squares, share, SET(NET_EPSILON));
		factor = SET(1.0f) / SQRT(root);
		for (size_t u = 0; u < l->out; u++) {
			V d = (LOAD(at + u * MLP_ROWS) - sum) * factor;

			STORE(at + u * MLP_ROWS,
			      FMA(d, SET(l->norm_weight[u]), SET(l->norm_bias[u])));
		}
	}
}

TARGET static void tile_layer(const struct mlp_layer *l, const float *a, int n, float *out)
{
	bool relu = !l->linear && l->activation == NET_RELU && !l->norm_weight;

	for (int at = 0; at < n; at += 3 * LANES) {
		int registers = (n - at + LANES - 1) / LANES;

		(registers > 2	  ? columns_3
		 : registers == 2 ? columns_2
				  : columns_1)(l, a + at, relu, out + at);
	}
	if (l->norm_weight)
		tile_norm(l, n, out);
	if (l->linear || relu)
		return;
	for (size_t u = 0; u < l->out; u++)
		activate(l->activation, out + u * MLP_ROWS,
			 (size_t)(n + LANES - 1) / LANES * LANES);
}

/* Scaled inputs and rows of tables of n rows, unit by unit; zeroes for the rows that are not. */
TARGET static void tile_inputs(const struct mlp *m, const float *x, int n, float *out)
{
	const struct net_shape *s = &m->shape;

	if (n < MLP_ROWS)
		memset(out, 0, net_shape_width(s) * MLP_ROWS * sizeof(*out));
	for (size_t i = 0; i < s->n_numeric; i++, out += MLP_ROWS)
		for (int r = 0; r < n; r++)
			out[r] = net_scaled(x[(size_t)r * s->inputs + s->numeric[i]], m->mean[i],
					    m->scale[i]);
	for (size_t i = 0; i < s->n_embedded; i++) {
		const struct net_embedding *e = &s->embedded[i];

		for (int r = 0; r < n; r++) {
			float code = x[(size_t)r * s->inputs + e->input];
			const float *row =
				m->tables[i] + net_category(code, e->categories) * e->dim;

			for (size_t d = 0; d < e->dim; d++)
				out[d * MLP_ROWS + (size_t)r] = row[d];
		}
		out += e->dim * MLP_ROWS;
	}
}

TARGET static void tile(const struct mlp *m, const float *x, int n, float *scratch, float *out)
{
	float *a = scratch, *b = scratch + m->widest * MLP_ROWS, *swap;
	size_t outputs = m->shape.outputs;

	tile_inputs(m, x, n, a);
	for (size_t i = 0; i < m->n_layers; i++) {
		tile_layer(&m->layers[i], a, n, b);
		swap = a;
		a = b;
		b = swap;
	}
	for (size_t u = 0; u < outputs; u++)
		for (int r = 0; r < n; r++)
			out[(size_t)r * outputs + u] = a[u * MLP_ROWS + (size_t)r];
}

/* --- a row: units side by side ----------------------------------------------------------------- */

INLINE void row_block(size_t in, const float *w, const float *bias, const float *a, int panels,
		      float *out)
{
	enum { EACH = MLP_PANEL / LANES };
	V sums[PANELS * EACH];

#pragma GCC unroll 16
	for (int i = 0; i < panels * EACH; i++)
		sums[i] = LOAD(bias + i * LANES);
	for (size_t k = 0; k < in; k++, w += MLP_PANEL) {
		V one = SET(a[k]);

#pragma GCC unroll 16
		for (int i = 0; i < panels * EACH; i++)
			sums[i] = FMA(
				LOAD(w + (size_t)(i / EACH) * in * MLP_PANEL + i % EACH * LANES),
				one, sums[i]);
	}
#pragma GCC unroll 16
	for (int i = 0; i < panels * EACH; i++)
		STORE(out + i * LANES, sums[i]);
}

TARGET static void row_norm(const struct mlp_layer *l, float *v)
{
	float share = 1.0f / (float)l->out, sum = 0, squares = 0, factor;

	for (size_t u = 0; u < l->out; u++)
		sum = sum + v[u];
	sum = sum * share;
	for (size_t u = 0; u < l->out; u++)
		squares = FMA_1(v[u] - sum, v[u] - sum, squares);
	factor = 1.0f / SQRT_1(FMA_1(squares, share, NET_EPSILON));
	for (size_t u = 0; u < l->out; u++)
		v[u] = FMA_1((v[u] - sum) * factor, l->norm_weight[u], l->norm_bias[u]);
}

TARGET static void row_layer(const struct mlp_layer *l, const float *a, float *out)
{
	size_t at = 0, each = l->in * MLP_PANEL;

	for (; at + PANELS <= l->panels; at += PANELS)
		row_block(l->in, l->w + at * each, l->bias + at * MLP_PANEL, a, PANELS,
			  out + at * MLP_PANEL);
	for (; at + PANELS / 2 <= l->panels && PANELS > 2; at += PANELS / 2)
		row_block(l->in, l->w + at * each, l->bias + at * MLP_PANEL, a, PANELS / 2,
			  out + at * MLP_PANEL);
	for (; at < l->panels; at++)
		row_block(l->in, l->w + at * each, l->bias + at * MLP_PANEL, a, 1,
			  out + at * MLP_PANEL);
	if (l->norm_weight)
		row_norm(l, out);
	if (!l->linear)
		activate(l->activation, out, l->panels * MLP_PANEL);
}

static void row_inputs(const struct mlp *m, const float *x, float *out)
{
	const struct net_shape *s = &m->shape;

	for (size_t i = 0; i < s->n_numeric; i++)
		*out++ = net_scaled(x[s->numeric[i]], m->mean[i], m->scale[i]);
	for (size_t i = 0; i < s->n_embedded; i++) {
		const struct net_embedding *e = &s->embedded[i];
		size_t row = net_category(x[e->input], e->categories);

		memcpy(out, m->tables[i] + row * e->dim, e->dim * sizeof(*out));
		out += e->dim;
	}
}

TARGET static void row(const struct mlp *m, const float *x, float *scratch, float *out)
{
	float *a = scratch, *b = scratch + m->widest, *swap;

	row_inputs(m, x, a);
	for (size_t i = 0; i < m->n_layers; i++) {
		row_layer(&m->layers[i], a, b);
		swap = a;
		a = b;
		b = swap;
	}
	memcpy(out, a, m->shape.outputs * sizeof(*out));
}

/* --- the head ---------------------------------------------------------------------------------- */

TARGET static void softmax(float *v, size_t n)
{
	float most = v[0], sum = 0;

	for (size_t i = 1; i < n; i++)
		most = v[i] > most ? v[i] : most;
	for (size_t i = 0; i < n; i++)
		v[i] -= most;
	apply(F_EXP, v, n);
	for (size_t i = 0; i < n; i++)
		sum += v[i];
	for (size_t i = 0; i < n; i++)
		v[i] /= sum;
}

TARGET static void head(const struct mlp *m, float *out, int64_t rows)
{
	size_t n = (size_t)rows * m->shape.outputs;

	switch (m->shape.head) {
	case NET_LOGISTIC:
		apply(F_LOGISTIC, out, n);
		break;
	case NET_EXP:
		apply(F_EXP, out, n);
		break;
	case NET_SOFTMAX:
		for (int64_t i = 0; i < rows; i++)
			softmax(out + (size_t)i * m->shape.outputs, m->shape.outputs);
		break;
	case NET_IDENTITY:
		for (size_t i = 0; i < n; i++)
			out[i] = m->target_mean + m->target_scale * out[i];
	}
}

const struct mlp_kernel KERNEL = { KERNEL_NAME, usable, tile, row, head };
