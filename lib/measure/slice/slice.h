/*
 * slice.h - rows divided by the values of one column, or of two crossed: what an evaluation, a
 * comparison and a gate look at apart. slicer.h makes the columns.
 */
#ifndef MICH_MEASURE_SLICE_SLICE_H
#define MICH_MEASURE_SLICE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/base/strlist.h"
#include "lib/measure/metric/metrics.h"

/* Rows fewer than these say little: a slice of them is shown, not ranked and not gated. */
enum { SLICE_MIN_ROWS = 30 };

/* The value of each row of one column, as one of a few. */
struct slice_column {
	char *name;
	bool binned; /* values are ranges: "[1.5, 3.25)", the last one "[7, 9]" */
	size_t rows;
	int32_t *code;	       /* (rows) place in values */
	struct strlist values; /* in order; "(other)", "(missing)" last, where they occur */
};

void slice_column_clear(struct slice_column *c);

/* The rows that share a value, or a pair of values. */
struct slice {
	int32_t code[2];     /* in each column; [1] is -1 with one column */
	const uint32_t *row; /* (rows) ascending */
	size_t rows;
};

struct slices {
	const struct slice_column *by[2]; /* borrowed; [1] NULL with one column */
	size_t n_by;
	struct slice *v; /* (n) only those with rows; in the order of the values */
	size_t n;
	uint32_t *row; /* of all slices, one after the other */
};

#define SLICES_INIT \
	{           \
		0   \
	}

/* Divide the rows by a, or by a and b. ERR_INPUT: the columns have not as many rows. */
int slices_make(const struct slice_column *a, const struct slice_column *b, struct slices *out);
void slices_clear(struct slices *s);

/* ["UA"], ["UA","JFK"]: the values of a slice; ["carrier","origin"]: the columns. New references. */
json_t *slice_values(const struct slices *s, const struct slice *one);
json_t *slices_by(const struct slices *s);

/*
 * Some rows of an input as an input of their own; row[n] ascending (a row may come several times).
 * Of ranked groups the rows that are left form the groups; a group of which none is left goes.
 */
struct subset {
	struct measure_input in; /* what measure_metrics takes; points into the arrays below */
	float *predictions, *labels, *weights;
	int32_t *groups;
};

int subset_make(const struct measure_input *in, const uint32_t *row, size_t n, struct subset *out);
void subset_clear(struct subset *s);

/* measure_metrics() of some rows. n 0: ERR_INPUT. *out is a new reference. */
int measure_rows(const struct measure_input *in, const uint32_t *row, size_t n, json_t **out);

#endif
