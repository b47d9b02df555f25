/* replicate_classes.c - two classes and many: sums, and the area under curves by ranked scores. */
#include <math.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/measure/chance/replicate.h"
#include "lib/measure/metric/metrics_of.h"

enum { AUC_CLASSES = 50 }; /* beyond, the mean over classes costs more than it tells */

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

static void binary_values(const struct replicate *r, const uint16_t *count, double *scratch,
			  double *out)
{
	double s[REPLICATE_WIDTH], tp, fp, tn, fn, total;

	(void)scratch;
	replicate_sum(r, count, s);
	total = s[0] > 0 ? s[0] : NAN;
	tp = s[3];
	fp = s[4];
	tn = s[5];
	fn = s[6];
	out[0] = replicate_auc(r, count, 0);
	out[1] = s[1] / total;
	out[2] = (tp + tn) / total;
	out[3] = ratio(tp, tp + fp);
	out[4] = ratio(tp, tp + fn);
	out[5] = ratio(2 * tp, 2 * tp + fp + fn);
	out[6] = s[2] / total;
}

static int class_room(size_t rows, size_t classes, struct replicate *out)
{
	int rc = mem_alloc(rows, sizeof *out->weight, &out->weight);

	if (!rc)
		rc = mem_alloc(rows, sizeof *out->label, &out->label);
	if (!rc)
		rc = mem_alloc(rows, sizeof *out->said, &out->said);
	if (!rc)
		rc = mem_alloc(rows, classes * sizeof *out->order, &out->order);
	if (!rc)
		rc = mem_alloc(rows, classes, &out->last);
	return rc;
}

/* Scores of the labelled rows, (n, k) as predictions are; caller frees. */
static int labelled(const struct measure_input *in, float **out)
{
	size_t k = (size_t)in->k, n = 0;
	int rc = mem_alloc((size_t)in->rows, k * sizeof **out, out);

	for (int64_t i = 0; !rc && i < in->rows; i++)
		if (!isnan(in->labels[i])) {
			for (size_t c = 0; c < k; c++)
				(*out)[n * k + c] = in->predictions[(size_t)i * k + c];
			n++;
		}
	return rc;
}

/* Which of true, false, positive and negative a row is decides the sum it goes to. */
static void set_binary(double *s, double w, double p, bool label, bool said)
{
	double d = p - label;

	s[0] = w;
	s[1] = -w * measure_log(label ? p : 1 - p);
	s[2] = w * d * d;
	s[3 + (said ? !label : label ? 3 : 2)] = w;
}

/* Units by falling score, so that the area needs no second order. */
int replicate_binary(const struct measure_input *in, struct replicate *out)
{
	static const char *const names[] = { "auc",    "logloss", "accuracy", "precision",
					     "recall", "f1",	  "brier" };
	double threshold = in->threshold > 0 ? in->threshold : 0.5;
	float *score = NULL;
	uint32_t *row = NULL;
	int rc = class_room((size_t)in->rows, 1, out);

	if (!rc)
		rc = labelled(in, &score);
	if (!rc)
		rc = mem_alloc((size_t)in->rows, sizeof *row, &row);
	for (int64_t i = 0; !rc && i < in->rows; i++)
		if (!isnan(in->labels[i]))
			row[out->n++] = (uint32_t)i;
	if (!rc)
		rc = replicate_rank(out, score, 0);
	for (size_t i = 0; !rc && i < out->n; i++) {
		size_t at = row[out->order[i]];
		double p = (double)in->predictions[at];
		bool label = in->labels[at] > 0;

		out->label[i] = label;
		out->weight[i] = measure_weight(in, (int64_t)at);
		set_binary(out->stat + i * REPLICATE_WIDTH, out->weight[i], p, label,
			   p >= threshold);
	}
	out->unit = out->order;
	out->order = NULL;
	free(score);
	free(row);
	out->names = names;
	out->n_names = ARRAY_LEN(names);
	out->values = binary_values;
	return rc;
}

static void count_classes(const struct replicate *r, const uint16_t *count, double *hit,
			  double *label, double *said)
{
	for (size_t c = 0; c < 3 * r->k; c++)
		hit[c] = 0;
	for (size_t i = 0; i < r->n; i++) {
		double w = count[i] * r->weight[i];

		label[r->label[i]] += w;
		said[r->said[i]] += w;
		hit[r->label[i]] += (r->label[i] == r->said[i]) * w;
	}
}

/* Means over the classes that the sample has; scratch is hit, label and said, a place a class. */
static void many_values(const struct replicate *r, const uint16_t *count, double *scratch,
			double *out)
{
	double *hit = scratch, *label = scratch + r->k, *said = scratch + 2 * r->k;
	double s[REPLICATE_WIDTH], n = 0, auc = 0;

	replicate_sum(r, count, s);
	count_classes(r, count, hit, label, said);
	out[0] = s[0] > 0 ? s[1] / s[0] : NAN;
	out[1] = s[0] > 0 ? s[2] / s[0] : NAN;
	out[2] = out[3] = out[4] = 0;
	for (size_t c = 0; c < r->k; c++) {
		if (!(label[c] > 0 || said[c] > 0))
			continue;
		n++;
		out[2] += ratio(hit[c], said[c]);
		out[3] += ratio(hit[c], label[c]);
		out[4] += ratio(2 * hit[c], label[c] + said[c]);
	}
	for (int i = 2; i < 5; i++)
		out[i] = n > 0 ? out[i] / n : NAN;
	for (size_t c = 0; c < r->k && r->n_names > 5; c++)
		auc += replicate_auc(r, count, c);
	out[5] = auc / (double)r->k;
}

static uint32_t most_probable(const float *p, size_t k)
{
	uint32_t best = 0;

	for (size_t c = 1; c < k; c++)
		if (p[c] > p[best])
			best = (uint32_t)c;
	return best;
}

int replicate_multiclass(const struct measure_input *in, struct replicate *out)
{
	static const char *const names[] = { "accuracy", "logloss", "precision",
					     "recall",	 "f1",	    "auc" };
	size_t k = (size_t)in->k, ranked = k <= AUC_CLASSES ? k : 0;
	float *score = NULL;
	int rc = class_room((size_t)in->rows, ranked, out);

	out->k = k;
	out->scratch = 3 * k;
	out->names = names;
	out->n_names = ranked ? 6 : 5;
	out->values = many_values;
	if (!rc)
		rc = labelled(in, &score);
	for (int64_t i = 0; !rc && i < in->rows; i++) {
		double *s = out->stat + out->n * REPLICATE_WIDTH;
		const float *p = score + out->n * k;
		size_t y = isnan(in->labels[i]) ? 0 : (size_t)in->labels[i];

		if (isnan(in->labels[i]))
			continue;
		out->label[out->n] = (uint32_t)y;
		out->said[out->n] = most_probable(p, k);
		s[0] = out->weight[out->n] = measure_weight(in, i);
		s[1] = out->label[out->n] == out->said[out->n] ? s[0] : 0;
		s[2] = -s[0] * measure_log((double)p[y]);
		out->n++;
	}
	for (size_t c = 0; !rc && c < ranked; c++)
		rc = replicate_rank(out, score, c);
	free(score);
	return rc;
}
