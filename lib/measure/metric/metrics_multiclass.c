/* metrics_multiclass.c - several classes: accuracy, logloss, and means over the classes. */
#include <math.h>
#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/measure/metric/metrics_of.h"
#include "lib/measure/metric/sum.h"

struct tally {
	struct sum hit, labelled, predicted; /* weights of rows */
	bool occurs;			     /* as a label or as a verdict, whatever its weight */
};

/* The most probable class; of equals the first. */
static int64_t verdict(const float *p, int64_t k)
{
	int64_t best = 0;

	for (int64_t c = 1; c < k; c++)
		if (p[c] > p[best])
			best = c;
	return best;
}

static void count(const struct measure_input *in, struct tally *t, struct sum *hits,
		  struct sum *loss)
{
	for (int64_t i = 0; i < in->rows; i++) {
		const float *p = in->predictions + i * in->k;
		double w = measure_weight(in, i);
		int64_t y, c;

		if (isnan(in->labels[i]))
			continue;
		y = (int64_t)in->labels[i];
		c = verdict(p, in->k);
		t[y].occurs = t[c].occurs = true;
		sum_add(&t[y].labelled, w);
		sum_add(&t[c].predicted, w);
		sum_add(loss, -w * measure_log((double)p[y]));
		if (y != c)
			continue;
		sum_add(&t[y].hit, w);
		sum_add(hits, w);
	}
}

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

/* Every class that occurs counts the same, however rare. */
static void set_macro(const struct tally *t, int64_t k, json_t *out)
{
	struct sum precision = { 0 }, recall = { 0 }, f1 = { 0 };
	int64_t n = 0;

	for (int64_t c = 0; c < k; c++) {
		double hit = sum_get(&t[c].hit), labelled = sum_get(&t[c].labelled);
		double predicted = sum_get(&t[c].predicted);

		if (!t[c].occurs)
			continue;
		n++;
		sum_add(&precision, ratio(hit, predicted));
		sum_add(&recall, ratio(hit, labelled));
		sum_add(&f1, ratio(2 * hit, labelled + predicted));
	}
	json_object_set_new(out, "precision", json_number(sum_get(&precision) / (double)n));
	json_object_set_new(out, "recall", json_number(sum_get(&recall) / (double)n));
	json_object_set_new(out, "f1", json_number(sum_get(&f1) / (double)n));
}

/* Null as soon as one class has no rows. */
static int set_auc(const struct measure_input *in, json_t *out)
{
	struct sum total = { 0 };
	double auc = 0;
	int rc = 0;

	for (int64_t c = 0; c < in->k && !rc && !isnan(auc); c++) {
		rc = measure_auc(in, c, &auc);
		sum_add(&total, auc);
	}
	if (!rc)
		json_object_set_new(
			out, "auc",
			json_number(isnan(auc) ? NAN : sum_get(&total) / (double)in->k));
	return rc;
}

int measure_multiclass(const struct measure_input *in, json_t *out)
{
	struct sum hits = { 0 }, loss = { 0 };
	struct tally *t = NULL;
	double total;
	int rc = measure_total_weight(in, &total);

	if (!rc)
		rc = mem_alloc((size_t)in->k, sizeof(*t), &t);
	if (rc)
		return rc;
	count(in, t, &hits, &loss);
	json_object_set_new(out, "accuracy", json_number(sum_get(&hits) / total));
	json_object_set_new(out, "logloss", json_number(sum_get(&loss) / total));
	set_macro(t, in->k, out);
	rc = set_auc(in, out);
	free(t);
	return rc;
}
