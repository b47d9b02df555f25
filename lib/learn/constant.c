/* constant.c - labels of train, averaged, held against those of validation. */
#include "lib/learn/constant.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

static double weight_of(const struct matrix_split *s, int64_t row)
{
	const float *w = s->w.data;

	return w ? (double)w[row] : 1;
}

static double label_of(const struct matrix_split *s, int64_t row)
{
	return (double)((const float *)s->y.data)[row];
}

/* Of the rows' label, or of how far it is from `from`: squared, or as it is. */
static double mean_of(const struct matrix_split *s, double (*of)(double label, double from),
		      double from)
{
	double sum = 0, total = 0;

	for (int64_t i = 0; i < s->rows; i++) {
		double w = weight_of(s, i);

		total += w;
		sum += w * of(label_of(s, i), from);
	}
	return total > 0 ? sum / total : NAN;
}

static double plain(double label, double from)
{
	return label - from;
}

static double squared(double label, double from)
{
	return (label - from) * (label - from);
}

static double absolute(double label, double from)
{
	return fabs(label - from);
}

/* shares (classes): the weight of each in a split, of 1. False: no row has any. */
static bool shares_of(const struct matrix_split *s, size_t classes, double *shares)
{
	double total = 0;

	for (int64_t i = 0; i < s->rows; i++) {
		shares[(size_t)label_of(s, i)] += weight_of(s, i);
		total += weight_of(s, i);
	}
	for (size_t k = 0; k < classes; k++)
		shares[k] /= total;
	return total > 0;
}

static double log_loss(const struct matrix *m)
{
	size_t classes = m->task == MATRIX_BINARY ? 2 : m->classes.n;
	double *said = xcalloc(classes, sizeof *said), *are = xcalloc(classes, sizeof *are);
	double loss = 0;

	if (!shares_of(&m->splits[MATRIX_TRAIN], classes, said) ||
	    !shares_of(&m->splits[MATRIX_VALIDATION], classes, are))
		loss = NAN;
	for (size_t k = 0; k < classes; k++)
		if (are[k] > 0)
			loss -= are[k] * log(said[k]);
	free(said);
	free(are);
	return loss;
}

double constant_measure(const struct matrix *m, const char *metric)
{
	const struct matrix_split *judge = &m->splits[MATRIX_VALIDATION];
	bool numbers = m->task == MATRIX_REGRESSION;
	double mean;

	if ((m->task == MATRIX_BINARY && !strcmp(metric, "validation.logloss")) ||
	    (m->task == MATRIX_MULTICLASS &&
	     (!strcmp(metric, "validation.logloss") || !strcmp(metric, "validation.mlogloss"))))
		return log_loss(m);
	if (!numbers)
		return NAN;
	mean = mean_of(&m->splits[MATRIX_TRAIN], plain, 0);
	if (!strcmp(metric, "validation.rmse"))
		return sqrt(mean_of(judge, squared, mean));
	return !strcmp(metric, "validation.mae") ? mean_of(judge, absolute, mean) : NAN;
}

bool constant_beats(const struct matrix *m, const char *metric, double value, struct buf *out)
{
	double constant = constant_measure(m, metric);

	if (isnan(constant) || value <= constant)
		return false;
	buf_addf(out, "%s is %.6g, but %.6g where every answer is %s", metric, value, constant,
		 m->task == MATRIX_REGRESSION ? "the mean of train's labels"
					      : "the shares of train's classes");
	return true;
}
