/*
 * transform.h - raw columns to float inputs, as the contract says. The one function that makes the
 * matrix for training and feeds the scorer, so the two cannot differ.
 */
#ifndef MICH_MODEL_TRANSFORM_H
#define MICH_MODEL_TRANSFORM_H

#include "lib/base/frame.h"
#include "lib/model/contract.h"
#include "lib/model/counts.h"

/*
 * Fill x (rows, contract inputs), row-major; NaN is a missing value. Columns are found by name, in
 * any order; others are passed over. An int column serves where a double is wanted. counts (init
 * for contract->n columns) is added to; its rows before the call number the rows in errors, from 1.
 * ERR_INPUT: a column is missing or of a wrong type; in reject mode an unknown category, a value
 * out of range, or a missing one where training had none; in coerce mode a value that cannot be
 * cast.
 */
int transform_apply(const struct contract *c, const struct frame *f, float *x,
		    struct counts *counts);

/*
 * Fill y (rows): the number itself, or the position of the class. ERR_INPUT names the first row
 * (numbered from first_row) with a missing label or an unknown class.
 */
int transform_label(const struct contract *c, const struct frame *f, int64_t first_row, float *y);

/* A double as an input: the nearest float, the largest one beyond the floats' range; NaN stays. */
float transform_float(double v);

#endif
