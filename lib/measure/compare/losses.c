/* losses.c - what each row adds to the difference of two models. */
#include <math.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/measure/compare/paired.h"
#include "lib/measure/metric/metrics_of.h"

static double row_loss(const struct measure_input *in, int64_t i)
{
	const float *p = in->predictions + i * in->k;
	double y = (double)in->labels[i], d = (double)*p - y;

	if (in->task == MEASURE_BINARY)
		return -measure_log(y > 0 ? (double)*p : 1 - (double)*p);
	if (in->task == MEASURE_MULTICLASS)
		return -measure_log((double)p[(int64_t)y]);
	return d * d;
}

const char *paired_loss_name(enum measure_task task)
{
	return task == MEASURE_BINARY ? "logloss" : measure_main(task);
}

struct gather {
	double *v;
	int64_t n;
};

static void add_group(void *payload, double all, double ten, double weight)
{
	struct gather *g = payload;

	(void)ten;
	(void)weight;
	g->v[g->n++] = all;
}

/* Every row of a ranked group has what the group lacks of the best order. */
static int group_losses(const struct measure_input *in, double *out)
{
	int64_t row = 0;
	int rc = 0;

	for (int64_t g = 0; !rc && g < in->n_groups; row += in->groups[g++]) {
		struct measure_input one = *in;
		double ndcg = NAN;
		struct gather got = { &ndcg, 0 };

		one.rows = in->groups[g];
		one.predictions += row;
		one.labels += row;
		one.weights = NULL;
		one.groups += g;
		one.n_groups = 1;
		rc = measure_each_group(&one, add_group, &got);
		for (int64_t i = row; i < row + in->groups[g]; i++)
			out[i] = 1 - ndcg;
	}
	return rc;
}

static int losses(const struct measure_input *in, double *out)
{
	if (in->task == MEASURE_RANKING)
		return group_losses(in, out);
	for (int64_t i = 0; i < in->rows; i++)
		out[i] = isnan(in->labels[i]) ? NAN : row_loss(in, i);
	return 0;
}

int paired_losses(const struct measure_input *a, const struct measure_input *b, double *out)
{
	double *of_a = NULL;
	int rc = mem_alloc((size_t)a->rows, sizeof *of_a, &of_a);

	if (!rc)
		rc = losses(a, of_a);
	if (!rc)
		rc = losses(b, out);
	for (int64_t i = 0; !rc && i < a->rows; i++)
		out[i] -= of_a[i];
	free(of_a);
	return rc;
}
