/* baseline.c - the first model to try on a table. */
#include "lib/spec/baseline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

enum { MAX_CLASSES = 100, FEW_NUMBERS = 20, FEW_ROWS = 50 };

static const json_t *split_of(const json_t *column, const char *split)
{
	return json_object_get(json_object_get(column, "splits"), split);
}

static const json_t *find_column(const json_t *profile, const char *name)
{
	const json_t *columns = json_object_get(profile, "columns"), *column;
	size_t i;

	json_array_foreach(columns, i, column)
		if (!strcasecmp(json_str(column, "name", ""), name))
			return column;
	return NULL;
}

static int unknown_label(const json_t *profile, const char *label)
{
	const json_t *columns = json_object_get(profile, "columns"), *column;
	const char **names = xcalloc(json_array_size(columns) + 1, sizeof *names), *near;
	size_t i;

	json_array_foreach(columns, i, column)
		names[i] = json_str(column, "name", "");
	near = strlist_nearest(names, json_array_size(columns), label);
	if (near)
		error_set(ERR_INPUT, "there is no column '%s', did you mean '%s'?", label, near);
	else
		error_set(ERR_INPUT, "there is no column '%s'", label);
	free(names);
	return ERR_INPUT;
}

/* What a label of this kind and this many different values is learned as. */
static int read_task(const json_t *column, const char *label, struct baseline *out)
{
	const json_t *train = split_of(column, "train");
	const char *kind = json_str(column, "kind", "");
	int64_t distinct = json_int(train, "distinct", 0);
	bool number = !strcmp(kind, "number"), text = !strcmp(kind, "text");

	if (!number && !text && strcmp(kind, "bool"))
		return error_set(ERR_INPUT,
				 "the label '%s' is of type %s, want numbers, texts or "
				 "yes and no",
				 label, json_str(column, "type", kind));
	if (distinct < 2)
		return error_set(ERR_INPUT, "the label '%s' is constant: there is nothing to learn",
				 label);
	if (text && distinct > MAX_CLASSES)
		return error_set(ERR_INPUT,
				 "the label '%s' has %lld different texts, at most %d can be "
				 "classes",
				 label, (long long)distinct, MAX_CLASSES);
	if (distinct == 2)
		out->task = SPEC_TASK_BINARY;
	else
		out->task = text ? SPEC_TASK_MULTICLASS : SPEC_TASK_REGRESSION;
	out->classes = number && distinct > 2 && distinct <= FEW_NUMBERS &&
		       !strstr(json_str(column, "type", ""), "DOUBLE");
	return 0;
}

/* How often the value at place i of a split's most frequent ones is there. */
static double share(const json_t *split, size_t i)
{
	const json_t *top = json_array_get(json_object_get(split, "top"), i);
	double rows = (double)(json_int(split, "rows", 0) - json_int(split, "nulls", 0));

	return rows > 0 ? (double)json_int(top, "count", 0) / rows : 0;
}

static double entropy(double p)
{
	return p <= 0 || p >= 1 ? 0 : -(p * log(p) + (1 - p) * log(1 - p));
}

/* With four digits, never above v, so that a guess never passes by being rounded. */
static double floor4(double v)
{
	double unit = pow(10, floor(log10(v)) - 3);

	return floor(v / unit + 1e-6) * unit;
}

/* The deviation that the mean itself has: the profile's is that of a sample. */
static double deviation_of(const json_t *split)
{
	double n = (double)(json_int(split, "rows", 0) - json_int(split, "nulls", 0));

	return n > 1 ? json_num(split, "deviation", 0) * sqrt((n - 1) / n) : 0;
}

/* Always saying the mean, the base rate or the most frequent class gives these figures. */
static void add_gates(const json_t *column, struct baseline *out)
{
	const json_t *test = split_of(column, "test");
	double deviation = deviation_of(test), p = share(test, 0);

	switch (out->task) {
	case SPEC_TASK_REGRESSION:
		if (deviation > 0)
			strlist_addf(&out->gates, "test.rmse < %.4g", floor4(deviation));
		break;
	case SPEC_TASK_BINARY:
		strlist_add(&out->gates, "test.auc > 0.5");
		if (entropy(p) > 0)
			strlist_addf(&out->gates, "test.logloss < %.4g", floor4(entropy(p)));
		break;
	default:
		if (p < 1)
			strlist_addf(&out->gates, "test.accuracy > %.4g", 1 - floor4(1 - p));
	}
}

/* A text of nearly every row's own, a list or a struct, and a column without a value. */
static bool is_no_input(const json_t *column)
{
	const json_t *train = split_of(column, "train");
	const char *kind = json_str(column, "kind", "");
	int64_t rows = json_int(train, "rows", 0), nulls = json_int(train, "nulls", 0);
	int64_t distinct = json_int(train, "distinct", 0);

	if (nulls == rows || !strcmp(kind, "other"))
		return true;
	return !strcmp(kind, "text") && distinct > FEW_ROWS && distinct > (rows - nulls) / 2;
}

static int read_inputs(const json_t *profile, const char *label, struct baseline *out)
{
	const json_t *columns = json_object_get(profile, "columns"), *column;
	size_t i, inputs = 0;

	json_array_foreach(columns, i, column) {
		const char *name = json_str(column, "name", "");

		if (!strcasecmp(name, label))
			continue;
		if (is_no_input(column))
			strlist_add(&out->exclude, name);
		else
			inputs++;
	}
	if (inputs)
		return 0;
	return error_set(ERR_INPUT, "no column beside '%s' can teach anything about it", label);
}

int baseline_read(const json_t *profile, const char *label, struct baseline *out)
{
	const json_t *column = find_column(profile, label);
	int64_t test = json_int(split_of(column, "test"), "rows", 0);
	int rc;

	*out = (struct baseline)BASELINE_INIT;
	if (!column)
		return unknown_label(profile, label);
	if ((rc = read_task(column, label, out)) < 0)
		return rc;
	if (!test)
		return error_set(ERR_INPUT, "%lld rows are too few: none fell into the test split",
				 (long long)json_int(split_of(column, "train"), "rows", 0));
	out->validation = json_int(split_of(column, "validation"), "rows", 0) > 0;
	add_gates(column, out);
	return read_inputs(profile, label, out);
}

void baseline_clear(struct baseline *b)
{
	strlist_clear(&b->gates);
	strlist_clear(&b->exclude);
}
