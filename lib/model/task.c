/* task.c - what no model can learn is refused, by what is known of all values. */
#include "lib/model/task.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/error.h"

static int refuse_missing(const struct task_label *t)
{
	char first[48] = "";

	if (t->first_missing)
		snprintf(first, sizeof first, ", first in row %lld", (long long)t->first_missing);
	error_set(ERR_INPUT, "label '%s' is missing in %lld of %lld rows%s", t->name,
		  (long long)t->missing, (long long)t->rows, first);
	return error_hint(
		ERR_INPUT,
		"leave those rows out: query = \"SELECT * FROM ... WHERE %s IS NOT NULL\"",
		t->name);
}

static int check_values(const struct task_label *t)
{
	if (t->type == FRAME_TIME)
		return error_set(ERR_INPUT,
				 "label '%s' is a time, want a number, a bool or a string",
				 t->name);
	if (t->missing)
		return refuse_missing(t);
	if (t->type == FRAME_STRING ? t->distinct == 1 : t->min == t->max)
		return error_hint(
			error_set(ERR_INPUT, "label '%s' is the same in all %lld rows of train",
				  t->name, (long long)t->rows),
			"name a label that varies, or split so that train has both: split = 75/15/10 by hash");
	if (t->type != FRAME_STRING && (isinf(t->min) || isinf(t->max)))
		return error_set(ERR_INPUT, "label '%s' is infinite in some row", t->name);
	return 0;
}

static bool only_0_and_1(const struct task_label *t)
{
	return t->type != FRAME_STRING && !t->many && t->distinct == 2 && t->min == 0 &&
	       t->max == 1;
}

static enum contract_task task_of(const struct task_label *t)
{
	if (t->type == FRAME_STRING)
		return t->distinct == 2 ? TASK_BINARY : TASK_MULTICLASS;
	return only_0_and_1(t) ? TASK_BINARY : TASK_REGRESSION;
}

static int check_task(const struct task_label *t, enum contract_task task)
{
	if ((task == TASK_REGRESSION || task == TASK_RANKING) && t->type == FRAME_STRING)
		return error_set(ERR_INPUT, "label '%s' is text, which no %s can have", t->name,
				 contract_task_name(task));
	if (task == TASK_BINARY && (t->distinct != 2 || t->many))
		return error_set(ERR_INPUT, "label '%s' has %s%zu values, a binary one has 2",
				 t->name, t->many ? "over " : "", t->distinct);
	if (task == TASK_MULTICLASS && (t->distinct > TASK_CLASSES_MAX || t->many))
		return error_set(ERR_INPUT, "label '%s' has over %d values, too many for classes",
				 t->name, TASK_CLASSES_MAX);
	return 0;
}

int task_choose(const struct task_label *t, const char *task, enum contract_task *out)
{
	int rc = check_values(t);

	if (rc < 0)
		return rc;
	if (!task || !strcmp(task, "auto"))
		*out = task_of(t);
	else if (contract_task_parse(task, out) < 0)
		return ERR_INPUT;
	return check_task(t, *out);
}
