/* task.h - the task that a label makes: from how many values it has, and from where to where. */
#ifndef MICH_MODEL_TASK_H
#define MICH_MODEL_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/frame.h"
#include "lib/model/contract.h"

enum { TASK_CLASSES_MAX = 1000 };

/* Over the rows of train. */
struct task_label {
	const char *name; /* borrowed */
	enum frame_type type;
	int64_t rows, missing;
	int64_t first_missing; /* row, from 1; 0: not known */
	size_t distinct;       /* values; of numbers at most TASK_CLASSES_MAX, and then: */
	bool many;	       /* there are more */
	double min, max;       /* of all types but strings; false is 0 */
};

/*
 * The task: as named (NULL or "auto": by the values). By themselves bool, or only 0 and 1, are binary; two strings
 * binary, more multiclass; other numbers regression. ERR_INPUT: it is a time, missing in some rows, the same in
 * all, infinite, or does not suit the task.
 */
int task_choose(const struct task_label *t, const char *task, enum contract_task *out);

#endif
