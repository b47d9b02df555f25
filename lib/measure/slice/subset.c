/* subset.c - some rows of what is measured, as something to be measured. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/slice/slice.h"

void subset_clear(struct subset *s)
{
	free(s->predictions);
	free(s->labels);
	free(s->weights);
	free(s->groups);
	*s = (struct subset){ 0 };
}

static void take_rows(const struct measure_input *in, const uint32_t *row, size_t n,
		      struct subset *out)
{
	size_t k = (size_t)in->k;

	for (size_t i = 0; i < n; i++) {
		if (k == 1)
			out->predictions[i] = in->predictions[row[i]];
		else
			memcpy(out->predictions + i * k, in->predictions + row[i] * k,
			       k * sizeof *out->predictions);
		out->labels[i] = in->labels[row[i]];
	}
	for (size_t i = 0; in->weights && in->task != MEASURE_RANKING && i < n; i++)
		out->weights[i] = in->weights[row[i]];
}

/* Rows are ascending and groups lie one after the other, so each group's share does too. */
static void take_groups(const struct measure_input *in, const uint32_t *row, size_t n,
			struct subset *out)
{
	size_t i = 0;
	int64_t end = 0;

	for (int64_t g = 0; g < in->n_groups && i < n; g++) {
		size_t first = i;

		end += in->groups[g];
		while (i < n && row[i] < end)
			i++;
		if (i == first)
			continue;
		if (in->weights)
			out->weights[out->in.n_groups] = in->weights[g];
		out->groups[out->in.n_groups++] = (int32_t)(i - first);
	}
}

int subset_make(const struct measure_input *in, const uint32_t *row, size_t n, struct subset *out)
{
	bool ranked = in->task == MEASURE_RANKING;
	size_t weights = !in->weights ? 0 : ranked ? (size_t)in->n_groups : n;
	int rc;

	*out = (struct subset){ 0 };
	rc = mem_alloc(n, (size_t)in->k * sizeof(float), &out->predictions);
	if (!rc)
		rc = mem_alloc(n, sizeof(float), &out->labels);
	if (!rc && weights)
		rc = mem_alloc(weights, sizeof(float), &out->weights);
	if (!rc && ranked)
		rc = mem_alloc((size_t)in->n_groups, sizeof(int32_t), &out->groups);
	if (rc) {
		subset_clear(out);
		return rc;
	}
	out->in = *in;
	out->in.rows = (int64_t)n;
	out->in.n_groups = 0;
	take_rows(in, row, n, out);
	if (ranked)
		take_groups(in, row, n, out);
	out->in.predictions = out->predictions;
	out->in.labels = out->labels;
	out->in.weights = out->weights;
	out->in.groups = out->groups;
	return 0;
}

int measure_rows(const struct measure_input *in, const uint32_t *row, size_t n, json_t **out)
{
	struct subset s;
	int rc = subset_make(in, row, n, &s);

	*out = NULL;
	if (!rc)
		rc = measure_metrics(&s.in, out);
	subset_clear(&s);
	return rc;
}
