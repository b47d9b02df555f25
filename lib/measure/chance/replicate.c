/* replicate.c - what all tasks share; regression and ranking, which are sums alone. */
#include "lib/measure/chance/replicate.h"

#include <math.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/measure/metric/metrics_of.h"
#include "lib/measure/metric/order.h"

void replicate_clear(struct replicate *r)
{
	free(r->stat);
	free(r->weight);
	free(r->label);
	free(r->said);
	free(r->unit);
	free(r->order);
	free(r->last);
	*r = (struct replicate){ 0 };
}

/* Eight sums side by side: the compiler keeps them in registers, and each has its own fixed order. */
void replicate_sum(const struct replicate *r, const uint16_t *count, double sum[REPLICATE_WIDTH])
{
	typedef double lane __attribute__((vector_size(2 * sizeof(double)), may_alias, aligned(8)));
	lane a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 };

	for (size_t i = 0; i < r->n; i++) {
		const lane *s = (const lane *)(r->stat + i * REPLICATE_WIDTH);
		double w = count[i];

		a += s[0] * w;
		b += s[1] * w;
		c += s[2] * w;
		d += s[3] * w;
	}
	for (int i = 0; i < 2; i++) {
		sum[i] = a[i];
		sum[2 + i] = b[i];
		sum[4 + i] = c[i];
		sum[6 + i] = d[i];
	}
}

double replicate_auc(const struct replicate *r, const uint16_t *count, size_t c)
{
	const uint32_t *order = r->order ? r->order + c * r->n : NULL;
	const uint8_t *last = r->last + c * r->n;
	uint32_t positive = r->order ? (uint32_t)c : 1;
	double tp = 0, fp = 0, area = 0, yes = 0, all = 0;

	for (size_t i = 0; i < r->n; i++) {
		size_t u = order ? order[i] : i;
		double w = count[u] * r->weight[u];

		yes += (r->label[u] == positive) * w;
		all += w;
		if (last[i]) {
			area += (all - yes) * (tp + yes / 2);
			tp += yes;
			fp += all - yes;
			yes = all = 0;
		}
	}
	return tp > 0 && fp > 0 ? area / tp / fp : NAN;
}

int replicate_rank(struct replicate *r, const float *score, size_t c)
{
	uint32_t *order = r->order + c * r->n;
	uint8_t *last = r->last + c * r->n;
	uint64_t *key = NULL;
	int rc = mem_alloc(r->n, sizeof *key, &key);

	for (size_t i = 0; !rc && i < r->n; i++)
		key[i] = ~order_key_double((double)score[i * (r->k ? r->k : 1) + c]);
	if (!rc)
		rc = order_by(key, r->n, order);
	for (size_t i = 0; !rc && i < r->n; i++)
		last[i] = i + 1 == r->n || key[order[i]] != key[order[i + 1]];
	free(key);
	return rc;
}

static void regression_values(const struct replicate *r, const uint16_t *count, double *scratch,
			      double *out)
{
	double s[REPLICATE_WIDTH], total, spread;

	(void)scratch;
	replicate_sum(r, count, s);
	total = s[0] > 0 ? s[0] : NAN;
	spread = s[6] - s[5] * s[5] / total;
	out[0] = sqrt(s[1] / total);
	out[1] = s[2] / total;
	out[2] = s[3] / total;
	out[3] = spread > 0 ? 1 - s[1] / spread : NAN;
	out[4] = s[4] / total;
}

static double mean_label(const struct measure_input *in)
{
	double sum = 0, n = 0;

	for (int64_t i = 0; i < in->rows; i++)
		if (!isnan(in->labels[i])) {
			sum += (double)in->labels[i];
			n++;
		}
	return n > 0 ? sum / n : 0;
}

/* weight, square, absolute, relative and signed error, label and its square about the mean */
static int make_regression(const struct measure_input *in, struct replicate *out)
{
	static const char *const names[] = { "rmse", "mae", "mape", "r2", "bias" };
	double mean = mean_label(in), *s = out->stat;

	for (int64_t i = 0; i < in->rows; i++) {
		double y = (double)in->labels[i], d = (double)in->predictions[i] - y, w;

		if (isnan(y))
			continue;
		w = measure_weight(in, i);
		s[0] = w;
		s[1] = w * d * d;
		s[2] = w * fabs(d);
		s[3] = y != 0 ? w * (fabs(d) / fabs(y)) : (double)NAN; /* as metrics.h has it */
		s[4] = w * d;
		s[5] = w * (y - mean);
		s[6] = w * (y - mean) * (y - mean);
		s += REPLICATE_WIDTH;
	}
	out->n = (size_t)(s - out->stat) / REPLICATE_WIDTH;
	out->names = names;
	out->n_names = ARRAY_LEN(names);
	out->values = regression_values;
	return 0;
}

static void ranking_values(const struct replicate *r, const uint16_t *count, double *scratch,
			   double *out)
{
	double s[REPLICATE_WIDTH];

	(void)scratch;
	replicate_sum(r, count, s);
	out[0] = s[0] > 0 ? s[1] / s[0] : NAN;
	out[1] = s[0] > 0 ? s[2] / s[0] : NAN;
}

static void add_group(void *payload, double all, double ten, double weight)
{
	struct replicate *r = payload;
	double *s = r->stat + r->n++ * REPLICATE_WIDTH;

	s[0] = weight;
	s[1] = all;
	s[2] = ten;
}

static int make_ranking(const struct measure_input *in, struct replicate *out)
{
	static const char *const names[] = { "ndcg", "ndcg@10" };

	out->names = names;
	out->n_names = ARRAY_LEN(names);
	out->values = ranking_values;
	return measure_each_group(in, add_group, out);
}

int replicate_make(const struct measure_input *in, struct replicate *out)
{
	static int (*const by_task[])(const struct measure_input *,
				      struct replicate *) = { make_regression, replicate_binary,
							      replicate_multiclass, make_ranking };
	size_t units = (size_t)(in->task == MEASURE_RANKING ? in->n_groups : in->rows);
	int rc;

	*out = (struct replicate){ 0 };
	rc = mem_alloc(units, REPLICATE_WIDTH * sizeof *out->stat, &out->stat);
	if (!rc)
		rc = by_task[in->task](in, out);
	if (rc)
		replicate_clear(out);
	return rc;
}
