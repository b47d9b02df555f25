/* curves_binary.c - ROC, precision and recall, lift, calibration. */
#include <math.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/measure/evaluation/curves_of.h"

enum { CALIBRATION_RANGES = 10, LIFT_POINTS = 100 };

/* After all rows of one score and higher: how many were positive and negative. */
struct step {
	double score, tp, fp;
};

struct steps {
	struct step *v; /* (n) by falling score */
	size_t n;
	double positives, negatives;
};

static int steps_make(const struct measure_input *in, struct steps *out)
{
	uint32_t *row = NULL;
	double tp = 0, fp = 0;
	size_t n;
	int rc = curves_order(in, in->predictions, true, &row, &n);

	*out = (struct steps){ 0 };
	if (!rc)
		rc = mem_alloc(n, sizeof *out->v, &out->v);
	for (size_t i = 0; !rc && i < n; i++) {
		double score = (double)in->predictions[row[i]];

		tp += in->labels[row[i]] > 0;
		fp += !(in->labels[row[i]] > 0);
		if (i + 1 < n && (double)in->predictions[row[i + 1]] == score)
			continue;
		out->v[out->n++] = (struct step){ score, tp, fp };
	}
	out->positives = tp;
	out->negatives = fp;
	free(row);
	return rc;
}

/* Three columns of points. */
struct points {
	double x[CURVES_POINTS], y[CURVES_POINTS], threshold[CURVES_POINTS];
	size_t n;
};

static void add_point(struct points *p, double x, double y, double threshold)
{
	p->x[p->n] = x;
	p->y[p->n] = y;
	p->threshold[p->n++] = threshold;
}

static void put(const struct points *p, const char *name, json_t *out)
{
	json_object_set_new(out, name,
			    json_pack("{s:o,s:o,s:o}", "x", curves_array(p->x, p->n), "y",
				      curves_array(p->y, p->n), "threshold",
				      curves_array(p->threshold, p->n)));
}

/*
 * Which steps are shown: all where they fit, else one for each equal piece of the way from the first
 * to the last, measured by way(); the last one always.
 */
static size_t thin(const struct steps *s, double (*way)(const struct steps *, size_t), size_t most,
		   size_t *shown)
{
	double end = way(s, s->n - 1);
	size_t n = 0;

	for (size_t i = 0; i < s->n && n < most; i++) {
		bool last = i + 1 == s->n;
		double want = end * (double)(n + 1) / (double)most;

		if (last || s->n <= most || way(s, i) >= want)
			shown[n++] = i;
	}
	if (shown[n - 1] != s->n - 1)
		shown[n - 1] = s->n - 1;
	return n;
}

static double roc_way(const struct steps *s, size_t i)
{
	return s->v[i].tp / s->positives + s->v[i].fp / s->negatives;
}

static double recall_way(const struct steps *s, size_t i)
{
	return s->v[i].tp / s->positives;
}

static void put_roc(const struct steps *s, json_t *out)
{
	struct points p = { .n = 0 };
	size_t shown[CURVES_POINTS], n = thin(s, roc_way, CURVES_POINTS - 1, shown);

	add_point(&p, 0, 0, NAN);
	for (size_t i = 0; i < n; i++) {
		const struct step *v = &s->v[shown[i]];

		add_point(&p, v->fp / s->negatives, v->tp / s->positives, v->score);
	}
	put(&p, "roc", out);
}

static void put_pr(const struct steps *s, json_t *out)
{
	struct points p = { .n = 0 };
	size_t shown[CURVES_POINTS], n = thin(s, recall_way, CURVES_POINTS - 1, shown);

	add_point(&p, 0, 1, NAN);
	for (size_t i = 0; i < n; i++) {
		const struct step *v = &s->v[shown[i]];

		add_point(&p, v->tp / s->positives, v->tp / (v->tp + v->fp), v->score);
	}
	put(&p, "pr", out);
}

/* Positives among the first rows by falling score; within one score they lie evenly. */
static double caught(const struct steps *s, double rows, size_t *at)
{
	double before, tp_before, in_step, tp_in_step;

	while (*at + 1 < s->n && s->v[*at].tp + s->v[*at].fp < rows)
		(*at)++;
	before = *at ? s->v[*at - 1].tp + s->v[*at - 1].fp : 0;
	tp_before = *at ? s->v[*at - 1].tp : 0;
	in_step = s->v[*at].tp + s->v[*at].fp - before;
	tp_in_step = s->v[*at].tp - tp_before;
	return tp_before + tp_in_step * (rows - before) / in_step;
}

static void put_lift(const struct steps *s, json_t *out)
{
	double share[LIFT_POINTS], lift[LIFT_POINTS], gain[LIFT_POINTS];
	double all = s->positives + s->negatives;
	size_t n = all < LIFT_POINTS ? (size_t)all : LIFT_POINTS, at = 0;

	for (size_t i = 0; i < n; i++) {
		double rows = floor(all * (double)(i + 1) / (double)n);

		share[i] = rows / all;
		gain[i] = caught(s, rows, &at) / s->positives;
		lift[i] = gain[i] / share[i];
	}
	json_object_set_new(out, "lift",
			    json_pack("{s:o,s:o,s:o}", "x", curves_array(share, n), "y",
				      curves_array(lift, n), "gain", curves_array(gain, n)));
}

static size_t range_of(double p)
{
	size_t i = 0;

	while (i + 1 < CALIBRATION_RANGES && p > (double)(i + 1) * 0.1)
		i++;
	return i;
}

static void put_calibration(const struct measure_input *in, json_t *out)
{
	double said[CALIBRATION_RANGES] = { 0 }, yes[CALIBRATION_RANGES] = { 0 },
	       rows[CALIBRATION_RANGES] = { 0 };
	json_t *predicted = json_array(), *observed = json_array(), *counts = json_array();

	for (int64_t i = 0; i < in->rows; i++) {
		size_t r = range_of((double)in->predictions[i]);

		if (isnan(in->labels[i]))
			continue;
		said[r] += (double)in->predictions[i];
		yes[r] += in->labels[i] > 0;
		rows[r]++;
	}
	for (size_t r = 0; r < CALIBRATION_RANGES; r++) {
		if (rows[r] <= 0)
			continue;
		json_array_append_new(predicted, json_number(said[r] / rows[r]));
		json_array_append_new(observed, json_number(yes[r] / rows[r]));
		json_array_append_new(counts, json_integer((json_int_t)rows[r]));
	}
	json_object_set_new(out, "calibration",
			    json_pack("{s:o,s:o,s:o}", "predicted", predicted, "observed", observed,
				      "rows", counts));
}

int curves_binary(const struct measure_input *in, json_t *out)
{
	struct steps s;
	int rc = steps_make(in, &s);

	if (!rc && s.n && s.positives > 0 && s.negatives > 0)
		put_roc(&s, out);
	if (!rc && s.n && s.positives > 0) {
		put_pr(&s, out);
		put_lift(&s, out);
	}
	if (!rc)
		put_calibration(in, out);
	free(s.v);
	return rc;
}
