/* curves_regression.c - what is left between label and prediction. */
#include <math.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/measure/evaluation/curves_of.h"
#include "lib/measure/metric/quantile.h"

enum { RANGES = 20, HISTOGRAM = 40 };

static double residual(const struct measure_input *in, uint32_t row)
{
	return (double)in->labels[row] - (double)in->predictions[row];
}

struct bands {
	double predicted[RANGES], observed[RANGES], low[RANGES], median[RANGES], high[RANGES],
		rows[RANGES];
	size_t n;
};

/* One range: rows that lie next to each other by their prediction; v has room for them. */
static void add_band(const struct measure_input *in, const uint32_t *row, size_t n, double *v,
		     struct bands *b)
{
	double predicted = 0, observed = 0;

	for (size_t i = 0; i < n; i++) {
		predicted += (double)in->predictions[row[i]];
		observed += (double)in->labels[row[i]];
		v[i] = residual(in, row[i]);
	}
	quantile_sort(v, n);
	b->predicted[b->n] = predicted / (double)n;
	b->observed[b->n] = observed / (double)n;
	b->low[b->n] = quantile_of(v, n, 0.1);
	b->median[b->n] = quantile_of(v, n, 0.5);
	b->high[b->n] = quantile_of(v, n, 0.9);
	b->rows[b->n++] = (double)n;
}

static json_t *whole(const double *v, size_t n)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(a, json_integer((json_int_t)v[i]));
	return a;
}

static void put_bands(const struct measure_input *in, const uint32_t *row, size_t n, double *v,
		      json_t *out)
{
	struct bands b = { .n = 0 };

	for (size_t i = 0; i < RANGES; i++) {
		size_t from = n * i / RANGES, to = n * (i + 1) / RANGES;

		if (to > from)
			add_band(in, row + from, to - from, v, &b);
	}
	json_object_set_new(
		out, "residual",
		json_pack("{s:o,s:o,s:o,s:o,s:o}", "predicted", curves_array(b.predicted, b.n),
			  "low", curves_array(b.low, b.n), "median", curves_array(b.median, b.n),
			  "high", curves_array(b.high, b.n), "rows", whole(b.rows, b.n)));
	json_object_set_new(out, "predicted_observed",
			    json_pack("{s:o,s:o,s:o}", "predicted", curves_array(b.predicted, b.n),
				      "observed", curves_array(b.observed, b.n), "rows",
				      whole(b.rows, b.n)));
}

/* v: residuals, ascending. */
static void put_histogram(const double *v, size_t n, json_t *out)
{
	double low = quantile_of(v, n, 0.005), high = quantile_of(v, n, 0.995);
	double edge[HISTOGRAM + 1], rows[HISTOGRAM] = { 0 }, below = 0, above = 0;
	size_t ranges = high > low ? HISTOGRAM : 1;

	for (size_t i = 0; i <= ranges; i++)
		edge[i] = i == ranges ? high : low + (high - low) * (double)i / (double)ranges;
	for (size_t i = 0, at = 0; i < n; i++) {
		while (at + 1 < ranges && v[i] >= edge[at + 1])
			at++;
		if (v[i] < low)
			below++;
		else if (v[i] > high)
			above++;
		else
			rows[at]++;
	}
	json_object_set_new(out, "residual_histogram",
			    json_pack("{s:o,s:o,s:I,s:I}", "edges", curves_array(edge, ranges + 1),
				      "rows", whole(rows, ranges), "below", (json_int_t)below,
				      "above", (json_int_t)above));
}

int curves_regression(const struct measure_input *in, json_t *out)
{
	uint32_t *row = NULL;
	double *v = NULL;
	size_t n;
	int rc = curves_order(in, in->predictions, false, &row, &n);

	if (!rc)
		rc = mem_alloc(n, sizeof *v, &v);
	if (!rc && n) {
		put_bands(in, row, n, v, out);
		for (size_t i = 0; i < n; i++)
			v[i] = residual(in, row[i]);
		quantile_sort(v, n);
		put_histogram(v, n, out);
	}
	free(row);
	free(v);
	return rc;
}
