/* metrics_binary.c - two classes: auc, logloss, brier, and what a threshold makes of them. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/measure/metric/metrics_of.h"
#include "lib/measure/metric/order.h"
#include "lib/measure/metric/sum.h"

struct scored {
	float score;
	bool positive;
	double weight;
};

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

/* Rows with a label into v, highest score first, equal ones as they stand, so that sums keep their bits. */
static int by_score(const struct measure_input *in, int64_t c, struct scored *v, int64_t *n)
{
	size_t rows = (size_t)in->rows;
	uint64_t *key = NULL;
	uint32_t *place = NULL;
	int rc = mem_alloc(rows, sizeof *key, &key);

	if (!rc)
		rc = mem_alloc(rows, sizeof *place, &place);
	for (size_t i = 0; !rc && i < rows; i++)
		key[i] = ~order_key_double((double)in->predictions[i * (size_t)in->k + (size_t)c]);
	if (!rc)
		rc = order_by(key, rows, place);
	for (size_t i = 0; !rc && i < rows; i++)
		if (!isnan(in->labels[place[i]]))
			v[(*n)++] = (struct scored){
				.score = in->predictions[place[i] * (size_t)in->k + (size_t)c],
				.positive = is_positive(in, place[i], c),
				.weight = measure_weight(in, place[i]),
			};
	free(key);
	free(place);
	return rc;
}

int measure_auc(const struct measure_input *in, int64_t c, double *out)
{
	struct scored *v;
	int64_t n = 0;
	int rc = mem_alloc((size_t)in->rows, sizeof(*v), &v);

	if (!rc)
		rc = by_score(in, c, v, &n);
	if (!rc)
		*out = area(v, n);
	free(v);
	return rc;
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
