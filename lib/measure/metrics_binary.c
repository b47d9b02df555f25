/* metrics_binary.c - two classes: auc, logloss, brier, and what a threshold makes of them. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/measure/metrics_of.h"
#include "lib/measure/sum.h"

struct scored {
	float score;
	bool positive;
	double weight;
	int64_t row; /* keeps the order, and so the bits of sums, the same */
};

/* Highest score first. */
static int compare(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	return x->row < y->row ? -1 : 1;
}

static bool is_positive(const struct measure_input *in, int64_t i, int64_t c)
{
	return in->labels[i] == (float)(in->task == MEASURE_BINARY ? 1 : c);
}

/* Trapezes under the curve, one a distinct score. */
static double area(const struct scored *v, int64_t n)
{
	struct sum tp = { 0 }, fp = { 0 }, total = { 0 };
	int64_t i = 0;

	while (i < n) {
		double tp0 = sum_get(&tp), fp0 = sum_get(&fp);
		float score = v[i].score;

		for (; i < n && v[i].score == score; i++)
			sum_add(v[i].positive ? &tp : &fp, v[i].weight);
		sum_add(&total, (sum_get(&fp) - fp0) * (sum_get(&tp) + tp0) / 2);
	}
	if (sum_get(&tp) <= 0 || sum_get(&fp) <= 0)
		return NAN;
	return sum_get(&total) / sum_get(&tp) / sum_get(&fp);
}

int measure_auc(const struct measure_input *in, int64_t c, double *out)
{
	struct scored *v;
	int64_t n = 0;
	int rc = mem_alloc((size_t)in->rows, sizeof(*v), &v);

	if (rc)
		return rc;
	for (int64_t i = 0; i < in->rows; i++)
		if (!isnan(in->labels[i]))
			v[n++] = (struct scored){
				.score = in->predictions[i * in->k + c],
				.positive = is_positive(in, i, c),
				.weight = measure_weight(in, i),
				.row = i,
			};
	qsort(v, (size_t)n, sizeof(*v), compare);
	*out = area(v, n);
	free(v);
	return 0;
}

double measure_log(double p)
{
	return log(fmin(fmax(p, DBL_EPSILON), 1 - DBL_EPSILON));
}

/* Counts of rows, and sums of their weights, by truth and verdict. */
struct confusion {
	int64_t rows[2][2]; /* [label][verdict] */
	struct sum weight[2][2];
	struct sum loss, brier;
};

static void add_row(struct confusion *t, int label, int verdict, double p, double w)
{
	double d = p - label;

	t->rows[label][verdict]++;
	sum_add(&t->weight[label][verdict], w);
	sum_add(&t->loss, -w * measure_log(label ? p : 1 - p));
	sum_add(&t->brier, w * d * d);
}

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

/* A share of nothing is 0, as scikit-learn has it. */
static void set_shares(const struct confusion *t, double total, json_t *out)
{
	double tp = sum_get(&t->weight[1][1]), fp = sum_get(&t->weight[0][1]);
	double fn = sum_get(&t->weight[1][0]), tn = sum_get(&t->weight[0][0]);

	json_object_set_new(out, "accuracy", json_number((tp + tn) / total));
	json_object_set_new(out, "precision", json_number(ratio(tp, tp + fp)));
	json_object_set_new(out, "recall", json_number(ratio(tp, tp + fn)));
	json_object_set_new(out, "f1", json_number(ratio(2 * tp, 2 * tp + fp + fn)));
}

static void set_counts(const struct confusion *t, json_t *out)
{
	json_object_set_new(out, "tp", json_integer(t->rows[1][1]));
	json_object_set_new(out, "fp", json_integer(t->rows[0][1]));
	json_object_set_new(out, "tn", json_integer(t->rows[0][0]));
	json_object_set_new(out, "fn", json_integer(t->rows[1][0]));
}

int measure_binary(const struct measure_input *in, json_t *out)
{
	double threshold = in->threshold > 0 ? in->threshold : 0.5, total, auc;
	struct confusion t = { 0 };
	int rc = measure_total_weight(in, &total);

	if (!rc)
		rc = measure_auc(in, 0, &auc);
	if (rc)
		return rc;
	for (int64_t i = 0; i < in->rows; i++)
		if (!isnan(in->labels[i])) {
			double p = (double)in->predictions[i];

			add_row(&t, in->labels[i] > 0, p >= threshold, p, measure_weight(in, i));
		}
	json_object_set_new(out, "auc", json_number(auc));
	json_object_set_new(out, "logloss", json_number(sum_get(&t.loss) / total));
	json_object_set_new(out, "brier", json_number(sum_get(&t.brier) / total));
	set_shares(&t, total, out);
	json_object_set_new(out, "threshold", json_number(threshold));
	set_counts(&t, out);
	return 0;
}
