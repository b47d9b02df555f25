/* metrics.c - what is common to all tasks: checks, rows without a label, and regression. */
#include "lib/measure/metric/metrics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/measure/metric/metrics_of.h"
#include "lib/measure/metric/sum.h"

static const char *const tasks[] = { "regression", "binary", "multiclass", "ranking" };

int measure_task_parse(const char *name, enum measure_task *out)
{
	for (size_t i = 0; i < ARRAY_LEN(tasks); i++)
		if (!strcmp(name, tasks[i])) {
			*out = (enum measure_task)i;
			return 0;
		}
	return error_set(ERR_INPUT, "'%s' is no task: regression, binary, multiclass or ranking",
			 name);
}

const char *measure_task_name(enum measure_task task)
{
	return tasks[task];
}

const char *measure_main(enum measure_task task)
{
	static const char *const names[] = { "rmse", "auc", "logloss", "ndcg" };

	return names[task];
}

bool measure_higher_is_better(const char *metric)
{
	static const char *const names[] = { "accuracy", "acc",	 "auc", "aucpr",     "f1",
					     "map",	 "ndcg", "pre", "precision", "r2",
					     "recall",	 "tp",	 "tn" };
	const char *dot = strrchr(metric, '.'), *base = dot ? dot + 1 : metric;
	size_t n = strcspn(base, "@");

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strlen(names[i]) == n && !strncmp(base, names[i], n))
			return true;
	return false;
}

static int bad_value(int64_t row, const char *fmt, double v)
{
	char what[80];

	snprintf(what, sizeof what, fmt, v);
	return error_set(ERR_INPUT, "cannot measure: row %lld has %s", (long long)row, what);
}

static int check_label(const struct measure_input *in, int64_t i)
{
	double y = (double)in->labels[i];
	bool is_class = in->task == MEASURE_BINARY || in->task == MEASURE_MULTICLASS;
	int64_t classes = in->task == MEASURE_BINARY ? 2 : in->k;

	if (isnan(y))
		return 0;
	if (isinf(y))
		return bad_value(i, "an infinite label", y);
	if (is_class && !(y >= 0 && y < (double)classes && floor(y) == y))
		return bad_value(i, "the label %g, which is no class", y);
	if (in->task == MEASURE_RANKING && y < 0)
		return bad_value(i, "the relevance %g, want 0 or more", y);
	return 0;
}

static int check_prediction(const struct measure_input *in, int64_t i)
{
	bool probability = in->task == MEASURE_BINARY || in->task == MEASURE_MULTICLASS;

	for (int64_t c = 0; c < in->k; c++) {
		double p = (double)in->predictions[i * in->k + c];

		if (!isfinite(p))
			return bad_value(i, "the prediction %g", p);
		if (probability && !(p >= 0 && p <= 1))
			return bad_value(i, "the prediction %g, which is no probability", p);
	}
	return 0;
}

static int check_groups(const struct measure_input *in)
{
	int64_t total = 0;

	if (in->task != MEASURE_RANKING)
		return 0;
	for (int64_t g = 0; g < in->n_groups; g++) {
		if (in->groups[g] <= 0)
			return error_set(ERR_INPUT, "cannot measure: group %lld has %d rows",
					 (long long)g, in->groups[g]);
		total += in->groups[g];
	}
	if (total != in->rows)
		return error_set(ERR_INPUT, "cannot measure: the groups hold %lld rows of %lld",
				 (long long)total, (long long)in->rows);
	return 0;
}

static int check(const struct measure_input *in, int64_t *unlabelled)
{
	int64_t weights = in->task == MEASURE_RANKING ? in->n_groups : in->rows;
	int rc = check_groups(in);

	if (!rc && (in->task == MEASURE_MULTICLASS ? in->k < 2 : in->k != 1))
		rc = error_set(ERR_INPUT,
			       "cannot measure: a %s model does not predict %lld values a row",
			       tasks[in->task], (long long)in->k);
	for (int64_t i = 0; i < weights && !rc && in->weights; i++)
		if (!(isfinite(in->weights[i]) && in->weights[i] >= 0))
			rc = bad_value(i, "the weight %g", (double)in->weights[i]);
	*unlabelled = 0;
	for (int64_t i = 0; i < in->rows && !rc; i++) {
		*unlabelled += isnan(in->labels[i]);
		rc = check_label(in, i);
		if (!rc && !isnan(in->labels[i]))
			rc = check_prediction(in, i);
	}
	if (!rc && *unlabelled == in->rows)
		rc = error_set(ERR_INPUT, "cannot measure: there are %lld rows, none with a label",
			       (long long)in->rows);
	return rc;
}

double measure_weight(const struct measure_input *in, int64_t i)
{
	return in->weights ? (double)in->weights[i] : 1.0;
}

int measure_total_weight(const struct measure_input *in, double *out)
{
	struct sum total = { 0 };

	for (int64_t i = 0; i < in->rows; i++)
		if (!isnan(in->labels[i]))
			sum_add(&total, measure_weight(in, i));
	*out = sum_get(&total);
	if (*out > 0)
		return 0;
	return error_set(ERR_INPUT, "cannot measure: the weights of all rows are 0");
}

struct errors {
	struct sum square, absolute, percent, signed_;
};

static void add_error(struct errors *e, double y, double p, double w)
{
	double d = p - y;

	sum_add(&e->square, w * d * d);
	sum_add(&e->absolute, w * fabs(d));
	sum_add(&e->percent, y != 0 ? w * (fabs(d) / fabs(y)) : (double)NAN);
	sum_add(&e->signed_, w * d);
}

/* 1 - residual / total; without any spread 1 when all is right, else 0; null for one row. */
static json_t *r2(const struct measure_input *in, double residual, double total_weight)
{
	struct sum mean = { 0 }, spread = { 0 };
	int64_t rows = 0;

	for (int64_t i = 0; i < in->rows; i++)
		if (!isnan(in->labels[i])) {
			sum_add(&mean, measure_weight(in, i) * (double)in->labels[i]);
			rows++;
		}
	for (int64_t i = 0; i < in->rows; i++)
		if (!isnan(in->labels[i])) {
			double d = (double)in->labels[i] - sum_get(&mean) / total_weight;

			sum_add(&spread, measure_weight(in, i) * d * d);
		}
	if (rows < 2)
		return json_null();
	if (sum_get(&spread) == 0)
		return json_real(residual == 0 ? 1.0 : 0.0);
	return json_number(1 - residual / sum_get(&spread));
}

static int measure_regression(const struct measure_input *in, json_t *out)
{
	struct errors e = { 0 };
	double total;
	int rc = measure_total_weight(in, &total);

	if (rc)
		return rc;
	for (int64_t i = 0; i < in->rows; i++)
		if (!isnan(in->labels[i]))
			add_error(&e, (double)in->labels[i], (double)in->predictions[i],
				  measure_weight(in, i));
	json_object_set_new(out, "rmse", json_number(sqrt(sum_get(&e.square) / total)));
	json_object_set_new(out, "mae", json_number(sum_get(&e.absolute) / total));
	json_object_set_new(out, "mape", json_number(sum_get(&e.percent) / total));
	json_object_set_new(out, "r2", r2(in, sum_get(&e.square), total));
	json_object_set_new(out, "bias", json_number(sum_get(&e.signed_) / total));
	return 0;
}

int measure_metrics(const struct measure_input *in, json_t **out)
{
	static int (*const by_task[])(const struct measure_input *,
				      json_t *) = { measure_regression, measure_binary,
						    measure_multiclass, measure_ranking };
	int64_t unlabelled;
	int rc = check(in, &unlabelled);

	*out = NULL;
	if (rc)
		return rc;
	*out = json_object();
	rc = by_task[in->task](in, *out);
	if (rc) {
		json_decref(*out);
		*out = NULL;
		return rc;
	}
	json_object_set_new(*out, "rows", json_integer(in->rows - unlabelled));
	json_object_set_new(*out, "unlabelled", json_integer(unlabelled));
	return 0;
}
