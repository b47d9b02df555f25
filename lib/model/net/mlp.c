/* mlp.c - lay a net out, deal rows out to kernel and threads. */
#include "lib/model/net/mlp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/model/net/mlp_plan.h"
#include "lib/model/shares.h"

enum {
	ROWS_ALONE = 6,		  /* so many rows and fewer are scored one by one */
	WORK_A_THREAD = 20000000, /* multiplications; fewer are not worth starting one */
};

static const struct mlp_kernel *const kernels[] = { &mlp_scalar, &mlp_avx2, &mlp_avx512 };

static size_t panels_of(size_t units)
{
	return (units + MLP_PANEL - 1) / MLP_PANEL;
}

/* Where the laying out stands: weights by name, and memory not yet given. */
struct layout {
	const struct net_weights *weights;
	struct net_tensors params, stats;
	float *at;
};

static float *take(struct layout *l, size_t floats)
{
	float *p = l->at;

	l->at += (floats + MLP_PANEL - 1) / MLP_PANEL * MLP_PANEL;
	return p;
}

/* A tensor's numbers; NULL: it has no such tensor. */
static const float *tensor(const struct layout *l, const char *of, size_t i, const char *what)
{
	char name[sizeof((struct net_tensor *)0)->name];
	const struct net_tensor *t;

	snprintf(name, sizeof name, "%s.%zu.%s", of, i, what);
	if ((t = net_tensors_find(&l->params, name)))
		return l->weights->params + t->offset;
	t = net_tensors_find(&l->stats, name);
	return t ? l->weights->stats + t->offset : NULL;
}

static const float *stat(const struct layout *l, const char *name)
{
	const struct net_tensor *t = net_tensors_find(&l->stats, name);

	return t ? l->weights->stats + t->offset : NULL;
}

static const float *copy(struct layout *l, const float *from, size_t n, size_t room)
{
	float *to = take(l, room);

	if (n)
		memcpy(to, from, n * sizeof(*to));
	return to;
}

/* Batch norm as one multiplication and one addition; in doubles, rounded once. */
static void fold_norm(const struct layout *l, size_t layer, size_t unit, double *factor,
		      double *shift)
{
	const float *mean = tensor(l, "norm", layer, "mean");
	const float *var = tensor(l, "norm", layer, "var");

	*factor = 1;
	*shift = 0;
	if (!mean)
		return;
	*factor = tensor(l, "norm", layer, "weight")[unit] / sqrt((double)var[unit] + NET_EPSILON);
	*shift = tensor(l, "norm", layer, "bias")[unit] - *factor * mean[unit];
}

/* w (out, in) and bias (out) into panels, a batch norm folded in; layer SIZE_MAX has none. */
static void lay_weights(struct layout *l, size_t layer, const float *w, const float *bias,
			struct mlp_layer *out)
{
	float *panels = take(l, out->panels * MLP_PANEL * out->in);
	float *biases = take(l, out->panels * MLP_PANEL);

	for (size_t unit = 0; unit < out->out; unit++) {
		float *to = panels + unit / MLP_PANEL * MLP_PANEL * out->in + unit % MLP_PANEL;
		double factor = 1, shift = 0;

		if (layer != SIZE_MAX)
			fold_norm(l, layer, unit, &factor, &shift);
		for (size_t k = 0; k < out->in; k++)
			to[k * MLP_PANEL] = (float)(w[unit * out->in + k] * factor);
		biases[unit] = (float)(bias[unit] * factor + shift);
	}
	out->w = panels;
	out->bias = biases;
}

static void lay_hidden(struct layout *l, const struct mlp *m, size_t i, size_t in,
		       struct mlp_layer *out)
{
	const struct net_hidden *h = &m->shape.hidden[i];

	*out = (struct mlp_layer){ .in = in,
				   .out = h->units,
				   .panels = panels_of(h->units),
				   .activation = h->activation };
	lay_weights(l, i, tensor(l, "layer", i, "weight"), tensor(l, "layer", i, "bias"), out);
	if (h->norm != NET_NORM_LAYER)
		return;
	out->norm_weight = copy(l, tensor(l, "norm", i, "weight"), h->units, h->units);
	out->norm_bias = copy(l, tensor(l, "norm", i, "bias"), h->units, h->units);
}

static void lay_output(struct layout *l, const struct mlp *m, size_t in, struct mlp_layer *out)
{
	const struct net_tensor *w = net_tensors_find(&l->params, "output.weight");
	const struct net_tensor *bias = net_tensors_find(&l->params, "output.bias");

	*out = (struct mlp_layer){ .in = in,
				   .out = m->shape.outputs,
				   .panels = panels_of(m->shape.outputs),
				   .linear = true };
	lay_weights(l, SIZE_MAX, l->weights->params + w->offset, l->weights->params + bias->offset,
		    out);
}

static void lay_inputs(struct layout *l, struct mlp *m)
{
	const struct net_shape *s = &m->shape;

	if (s->n_numeric) {
		m->mean = copy(l, stat(l, "input.mean"), s->n_numeric, s->n_numeric);
		m->scale = copy(l, stat(l, "input.scale"), s->n_numeric, s->n_numeric);
	}
	m->tables = xcalloc(s->n_embedded, sizeof(*m->tables));
	for (size_t i = 0; i < s->n_embedded; i++) {
		size_t n = (s->embedded[i].categories + 1) * s->embedded[i].dim;

		m->tables[i] = copy(l, tensor(l, "embed", i, "weight"), n, n);
	}
	m->target_scale = 1;
	if (s->head == NET_IDENTITY) {
		m->target_mean = *stat(l, "target.mean");
		m->target_scale = *stat(l, "target.scale");
	}
}

static void lay(struct layout *l, struct mlp *m)
{
	size_t in = net_shape_width(&m->shape);

	lay_inputs(l, m);
	m->widest = panels_of(in);
	for (size_t i = 0; i < m->n_layers; i++) {
		if (i < m->shape.n_hidden)
			lay_hidden(l, m, i, in, &m->layers[i]);
		else
			lay_output(l, m, in, &m->layers[i]);
		in = m->layers[i].out;
		m->widest = m->layers[i].panels > m->widest ? m->layers[i].panels : m->widest;
	}
	m->widest *= MLP_PANEL;
}

/* Floats for everything, each piece in whole panels. */
static size_t room(const struct net_shape *s)
{
	size_t in = net_shape_width(s), floats = 2 * panels_of(s->n_numeric) * MLP_PANEL;

	for (size_t i = 0; i < s->n_embedded; i++)
		floats += (s->embedded[i].categories + 1) * s->embedded[i].dim + MLP_PANEL;
	for (size_t i = 0; i < s->n_hidden; i++) {
		floats += panels_of(s->hidden[i].units) * MLP_PANEL * (in + 3);
		in = s->hidden[i].units;
	}
	return floats + panels_of(s->outputs) * MLP_PANEL * (in + 1);
}

/* Zeroed, aligned memory; free() it. NULL: there is none. */
static float *floats_new(size_t n)
{
	size_t bytes = (n * sizeof(float) + MLP_ALIGN - 1) / MLP_ALIGN * MLP_ALIGN;
	float *v = aligned_alloc(MLP_ALIGN, bytes);

	if (v)
		memset(v, 0, bytes);
	return v;
}

int mlp_new(const struct net_shape *s, const struct net_weights *w, struct mlp **out)
{
	struct mlp *m = xcalloc(1, sizeof(*m));
	struct layout l = { .weights = w };

	*out = NULL;
	m->memory = floats_new(room(s));
	if (!m->memory) {
		free(m);
		return error_set(ERR_FAIL, "cannot get memory for a net of %zu weights", room(s));
	}
	net_shape_copy(s, &m->shape);
	m->n_layers = s->n_hidden + 1;
	m->layers = xcalloc(m->n_layers, sizeof(*m->layers));
	l.at = m->memory;
	net_shape_params(s, &l.params);
	net_shape_stats(s, &l.stats);
	lay(&l, m);
	net_tensors_clear(&l.params);
	net_tensors_clear(&l.stats);
	*out = m;
	return mlp_use_kernel(m, NULL);
}

void mlp_free(struct mlp *m)
{
	if (!m)
		return;
	net_shape_clear(&m->shape);
	free(m->tables);
	free(m->layers);
	free(m->memory);
	free(m);
}

size_t mlp_inputs(const struct mlp *m)
{
	return m->shape.inputs;
}

size_t mlp_width(const struct mlp *m)
{
	return m->shape.outputs;
}

int mlp_use_kernel(struct mlp *m, const char *name)
{
	for (size_t i = ARRAY_LEN(kernels); i-- > 0;)
		if ((!name || !strcmp(name, kernels[i]->name)) && kernels[i]->usable()) {
			m->kernel = kernels[i];
			return 0;
		}
	return error_set(ERR_INPUT, "'%s' is no kernel that this processor can run",
			 name ? name : "any");
}

const char *mlp_kernel(const struct mlp *m)
{
	return m->kernel->name;
}

struct job {
	const struct mlp *m;
	const float *x;
	float *out;
};

/* Tiles, then what is left over row by row. */
static void score_rows(const struct mlp *m, const float *x, int64_t rows, float *scratch,
		       float *out)
{
	size_t inputs = m->shape.inputs, outputs = m->shape.outputs;

	while (rows > ROWS_ALONE) {
		int n = rows < MLP_ROWS ? (int)rows : MLP_ROWS;

		m->kernel->tile(m, x, n, scratch, out);
		x += (size_t)n * inputs;
		out += (size_t)n * outputs;
		rows -= n;
	}
	for (; rows > 0; rows--, x += inputs, out += outputs)
		m->kernel->row(m, x, scratch, out);
}

static int job_share(const void *payload, int64_t from, int64_t to)
{
	const struct job *j = payload;
	const struct mlp *m = j->m;
	float *out = j->out + (size_t)from * m->shape.outputs;
	size_t rows = to - from > ROWS_ALONE ? MLP_ROWS : 1;
	float *scratch = aligned_alloc(MLP_ALIGN, 2 * m->widest * rows * sizeof(float));

	if (!scratch)
		return ERR_FAIL;
	score_rows(m, j->x + (size_t)from * m->shape.inputs, to - from, scratch, out);
	free(scratch);
	m->kernel->head(m, out, to - from);
	return 0;
}

/* Rows that keep a thread busy for long enough. */
static int64_t worth(const struct mlp *m)
{
	size_t work = 1;

	for (size_t i = 0; i < m->n_layers; i++)
		work += m->layers[i].in * m->layers[i].out;
	return work < WORK_A_THREAD / MLP_ROWS ? (int64_t)(WORK_A_THREAD / work) : MLP_ROWS;
}

int mlp_score(const struct mlp *m, const float *x, int64_t rows, int threads, float *out)
{
	struct job j = { m, x, out };

	return shares_run(rows, MLP_ROWS, worth(m), threads, job_share, &j);
}
