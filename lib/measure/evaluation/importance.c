/* importance.c - one column at a time, its values dealt out anew. */
#include "lib/measure/evaluation/importance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/deal.h"
#include "lib/base/mem.h"
#include "lib/measure/chance/draw.h"
#include "lib/model/model.h"

enum { WORK = 1000000 }; /* rows scored in all */

struct worsening {
	double mean, std;
};

struct job {
	const struct model *m;
	const float *x;
	struct measure_input in;
	const char *metric;
	bool higher;
	int repeats;
	uint64_t seed;
	double value;		  /* the figure of the rows as they are */
	struct worsening *column; /* (contract columns) */
};

size_t importance_rows(size_t rows, size_t columns, int repeats)
{
	size_t most = columns && repeats > 0 ? (size_t)WORK / columns / (size_t)repeats : WORK;

	if (most > IMPORTANCE_ROWS)
		most = IMPORTANCE_ROWS;
	if (most < IMPORTANCE_FEWEST)
		most = IMPORTANCE_FEWEST;
	return rows < most ? rows : most;
}

/* The figure of inputs x; NaN where it is not defined. p has room for the predictions. */
static int figure(const struct job *j, const float *x, int threads, float *p, double *out)
{
	struct measure_input in = j->in;
	json_t *metrics = NULL;
	int rc = model_score_inputs(j->m, x, in.rows, threads, p);

	in.predictions = p;
	if (!rc)
		rc = measure_metrics(&in, &metrics);
	*out = rc ? NAN : json_num(metrics, j->metric, NAN);
	json_decref(metrics);
	return rc;
}

/* to: x with the inputs of a column taken from other rows. */
static void deal_out(const struct job *j, const struct contract_column *c, const uint32_t *from,
		     float *to)
{
	size_t width = model_contract(j->m)->inputs;

	for (size_t i = 0; i < (size_t)j->in.rows; i++)
		memcpy(to + i * width + c->input, j->x + from[i] * width + c->input,
		       c->n_parts * sizeof *to);
}

static int one_column(void *payload, size_t at)
{
	struct job *j = payload;
	const struct contract *contract = model_contract(j->m);
	size_t rows = (size_t)j->in.rows, cells = rows * contract->inputs;
	double sum = 0, squares = 0, n = j->repeats;
	uint32_t *from = NULL;
	float *x = NULL, *p = NULL;
	int rc = mem_alloc(cells, sizeof *x, &x);

	if (!rc)
		rc = mem_alloc(rows, model_width(j->m) * sizeof *p, &p);
	if (!rc)
		rc = mem_alloc(rows, sizeof *from, &from);
	if (!rc)
		memcpy(x, j->x, cells * sizeof *x);
	for (int r = 0; !rc && r < j->repeats; r++) {
		double v;

		draw_shuffle(draw_stream(j->seed, at * (size_t)j->repeats + (size_t)r),
			     (uint32_t)rows, from);
		deal_out(j, &contract->cols[at], from, x);
		rc = figure(j, x, 1, p, &v);
		v = j->higher ? j->value - v : v - j->value;
		sum += v;
		squares += v * v;
	}
	j->column[at] = (struct worsening){
		.mean = sum / n,
		.std = sqrt(fmax(0, squares / n - (sum / n) * (sum / n))),
	};
	free(x);
	free(p);
	free(from);
	return rc;
}

struct ranked {
	const char *name;
	struct worsening w;
};

static int by_mean(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->w.mean != y->w.mean)
		return x->w.mean < y->w.mean ? 1 : -1;
	return strcmp(x->name, y->name);
}

static json_t *document(const struct job *j)
{
	const struct contract *c = model_contract(j->m);
	struct ranked *v = xcalloc(c->n + 1, sizeof *v);
	json_t *columns = json_array();

	for (size_t i = 0; i < c->n; i++)
		v[i] = (struct ranked){ c->cols[i].name, j->column[i] };
	qsort(v, c->n, sizeof *v, by_mean);
	for (size_t i = 0; i < c->n; i++)
		json_array_append_new(columns,
				      json_pack("{s:o,s:o,s:o}", "column", json_bytes(v[i].name),
						"mean", json_number(v[i].w.mean), "std",
						json_number(v[i].w.std)));
	free(v);
	return json_pack("{s:s,s:f,s:i,s:I,s:o}", "metric", j->metric, "value", j->value, "repeats",
			 j->repeats, "rows", (json_int_t)j->in.rows, "columns", columns);
}

int importance_make(const struct model *m, const float *x, const struct measure_input *in,
		    int repeats, uint64_t seed, int threads, json_t **out)
{
	struct job j = { .m = m,
			 .x = x,
			 .in = *in,
			 .metric = measure_main(in->task),
			 .repeats = repeats,
			 .seed = seed };
	size_t columns = model_contract(m)->n;
	float *p = NULL;
	int rc = mem_alloc(columns, sizeof *j.column, &j.column);

	*out = NULL;
	j.higher = measure_higher_is_better(j.metric);
	if (!rc)
		rc = mem_alloc((size_t)in->rows, model_width(m) * sizeof *p, &p);
	if (!rc)
		rc = figure(&j, x, threads, p, &j.value);
	if (!rc && isfinite(j.value))
		rc = deal(threads, columns, one_column, &j);
	if (!rc && isfinite(j.value))
		*out = document(&j);
	free(p);
	free(j.column);
	return rc;
}
