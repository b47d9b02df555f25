/* metrics_ranking.c - rows in groups: how near the order of scores comes to the order of relevance.
 */
#include <math.h>
#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/measure/metric/metrics_of.h"
#include "lib/measure/metric/sum.h"

struct document {
	float score, relevance;
	int64_t row;
};

static int by_score(const void *a, const void *b)
{
	const struct document *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	return x->row < y->row ? -1 : 1;
}

static int by_relevance(const void *a, const void *b)
{
	const struct document *x = a, *y = b;

	if (x->relevance != y->relevance)
		return x->relevance < y->relevance ? 1 : -1;
	return x->row < y->row ? -1 : 1;
}

/* Gains of the first `top` places, discounted; equal scores share the mean of their places. */
static double dcg(const struct document *d, int64_t n, int64_t top)
{
	struct sum total = { 0 };
	int64_t i = 0;

	while (i < n) {
		struct sum gain = { 0 }, discount = { 0 };
		int64_t first = i;

		for (; i < n && d[i].score == d[first].score; i++) {
			sum_add(&gain, (double)d[i].relevance);
			if (i < top)
				sum_add(&discount, 1 / log2((double)i + 2));
		}
		sum_add(&total, sum_get(&gain) / (double)(i - first) * sum_get(&discount));
	}
	return sum_get(&total);
}

static double ideal(const struct document *d, int64_t n, int64_t top)
{
	struct sum total = { 0 };

	for (int64_t i = 0; i < n && i < top; i++)
		sum_add(&total, (double)d[i].relevance / log2((double)i + 2));
	return sum_get(&total);
}

/* The labelled rows of a group into d; how many there are. */
static int64_t gather(const struct measure_input *in, int64_t first, int64_t rows,
		      struct document *d)
{
	int64_t n = 0;

	for (int64_t i = first; i < first + rows; i++)
		if (!isnan(in->labels[i]))
			d[n++] = (struct document){ in->predictions[i], in->labels[i], i };
	return n;
}

/* A group where nothing is relevant counts 0; one with a single row has no order, and is left out.
 */
static bool group_ndcg(struct document *d, int64_t n, double *all, double *ten)
{
	double best, best_ten;

	if (n < 2)
		return false;
	qsort(d, (size_t)n, sizeof(*d), by_score);
	*all = dcg(d, n, n);
	*ten = dcg(d, n, 10);
	qsort(d, (size_t)n, sizeof(*d), by_relevance);
	best = ideal(d, n, n);
	best_ten = ideal(d, n, 10);
	*all = best > 0 ? *all / best : 0;
	*ten = best_ten > 0 ? *ten / best_ten : 0;
	return true;
}

int measure_each_group(const struct measure_input *in, measure_group_fn fn, void *payload)
{
	struct document *d;
	int64_t row = 0;
	int rc = mem_alloc((size_t)in->rows, sizeof(*d), &d);

	for (int64_t g = 0; !rc && g < in->n_groups; row += in->groups[g++]) {
		double w = measure_weight(in, g), all, ten;

		if (group_ndcg(d, gather(in, row, in->groups[g], d), &all, &ten))
			fn(payload, w * all, w * ten, w);
	}
	free(d);
	return rc;
}

struct ndcg {
	struct sum all, ten, weight;
	int64_t groups;
};

static void add_group(void *payload, double all, double ten, double weight)
{
	struct ndcg *r = payload;

	sum_add(&r->all, all);
	sum_add(&r->ten, ten);
	sum_add(&r->weight, weight);
	r->groups++;
}

int measure_ranking(const struct measure_input *in, json_t *out)
{
	struct ndcg r = { 0 };
	int rc = measure_each_group(in, add_group, &r);
	double total = sum_get(&r.weight);

	if (rc)
		return rc;
	json_object_set_new(out, "ndcg", json_number(total > 0 ? sum_get(&r.all) / total : NAN));
	json_object_set_new(out, "ndcg@10", json_number(total > 0 ? sum_get(&r.ten) / total : NAN));
	json_object_set_new(out, "groups", json_integer(r.groups));
	return 0;
}
