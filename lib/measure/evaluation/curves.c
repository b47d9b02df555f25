/* curves.c - which curves a task has, and the confusion of classes. */
#include "lib/measure/evaluation/curves.h"

#include <math.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/measure/evaluation/curves_of.h"
#include "lib/measure/metric/order.h"

json_t *curves_array(const double *v, size_t n)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(a, json_number(v[i]));
	return a;
}

int curves_order(const struct measure_input *in, const float *value, bool falling, uint32_t **out,
		 size_t *n_out)
{
	uint32_t *row = NULL, *place = NULL;
	uint64_t *key = NULL;
	size_t n = 0;
	int rc = mem_alloc((size_t)in->rows, sizeof *row, &row);

	for (int64_t i = 0; !rc && i < in->rows; i++)
		if (!isnan(in->labels[i]))
			row[n++] = (uint32_t)i;
	if (!rc)
		rc = mem_alloc(n, sizeof *key, &key);
	if (!rc)
		rc = mem_alloc(n, sizeof *place, &place);
	for (size_t i = 0; !rc && i < n; i++) {
		key[i] = order_key_double((double)value[row[i]]);
		key[i] = falling ? ~key[i] : key[i];
	}
	if (!rc)
		rc = order_by(key, n, place);
	for (size_t i = 0; !rc && i < n; i++)
		place[i] = row[place[i]];
	free(row);
	free(key);
	*out = place;
	*n_out = n;
	return rc;
}

static size_t verdict(const struct measure_input *in, int64_t i)
{
	const float *p = in->predictions + i * in->k;
	double threshold = in->threshold > 0 ? in->threshold : 0.5;
	size_t best = 0;

	if (in->task == MEASURE_BINARY)
		return (double)p[0] >= threshold;
	for (size_t c = 1; c < (size_t)in->k; c++)
		if (p[c] > p[best])
			best = c;
	return best;
}

/* place[k]: where each class is shown; the rarer of many share the last place. How many there are. */
static int places(const struct measure_input *in, size_t k, size_t *place, size_t *shown)
{
	uint64_t *key = NULL;
	uint32_t *by = NULL;
	int rc = mem_alloc(k, sizeof *key, &key);

	if (!rc)
		rc = mem_alloc(k, sizeof *by, &by);
	for (int64_t i = 0; !rc && i < in->rows; i++)
		if (!isnan(in->labels[i]))
			key[(size_t)in->labels[i]]++;
	for (size_t c = 0; !rc && c < k; c++)
		key[c] = ~key[c]; /* the most frequent first, then by number */
	if (!rc && k > CURVES_CLASSES)
		rc = order_by(key, k, by);
	*shown = k > CURVES_CLASSES ? CURVES_CLASSES : k;
	for (size_t i = 0; !rc && i < k; i++) {
		if (k > CURVES_CLASSES)
			place[by[i]] = i < *shown - 1 ? i : *shown - 1;
		else
			place[i] = i;
	}
	free(key);
	free(by);
	return rc;
}

static json_t *class_names(const struct strlist *classes, const size_t *place, size_t k,
			   size_t shown)
{
	json_t *out = json_array();

	for (size_t i = 0; i < shown; i++)
		json_array_append_new(out, json_string("(other)"));
	for (size_t c = k; c-- > 0;) {
		if (shown < k && place[c] == shown - 1)
			continue;
		if (classes && c < classes->n)
			json_array_set_new(out, place[c], json_bytes(classes->v[c]));
		else
			json_array_set_new(out, place[c], json_integer((json_int_t)c));
	}
	return out;
}

static int add_confusion(const struct measure_input *in, const struct strlist *classes, json_t *out)
{
	size_t k = in->task == MEASURE_BINARY ? 2 : (size_t)in->k, shown;
	int64_t *count = NULL;
	size_t *place = NULL;
	json_t *rows = json_array(), *row;
	int rc = mem_alloc(k, sizeof *place, &place);

	if (!rc)
		rc = places(in, k, place, &shown);
	if (!rc)
		rc = mem_alloc(shown, shown * sizeof *count, &count);
	for (int64_t i = 0; !rc && i < in->rows; i++)
		if (!isnan(in->labels[i]))
			count[place[(size_t)in->labels[i]] * shown + place[verdict(in, i)]]++;
	for (size_t a = 0; !rc && a < shown; a++) {
		json_array_append_new(rows, row = json_array());
		for (size_t b = 0; b < shown; b++)
			json_array_append_new(row, json_integer(count[a * shown + b]));
	}
	if (!rc)
		json_object_set_new(out, "confusion",
				    json_pack("{s:o,s:O}", "classes",
					      class_names(classes, place, k, shown), "counts",
					      rows));
	json_decref(rows);
	free(count);
	free(place);
	return rc;
}

int curves_make(const struct measure_input *in, const struct strlist *classes, json_t **out)
{
	int rc = 0;

	*out = json_object();
	if (in->task == MEASURE_BINARY)
		rc = curves_binary(in, *out);
	if (!rc && (in->task == MEASURE_BINARY || in->task == MEASURE_MULTICLASS))
		rc = add_confusion(in, classes, *out);
	if (in->task == MEASURE_REGRESSION)
		rc = curves_regression(in, *out);
	if (rc) {
		json_decref(*out);
		*out = NULL;
	}
	return rc;
}
