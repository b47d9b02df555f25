/*
 * seek.h - the slices that explain a difference, among all columns and pairs of columns, without
 * anybody naming them.
 *
 * Each row has a difference. Of all slices the one is taken whose mean difference lies farthest from
 * that of all rows, in standard deviations times the square root of its rows: so a large slice beats
 * a small one that is as different, and a part beats its whole where only that part is different.
 * It counts as found when a t test against the other rows (Welch 1947), corrected for as many tests
 * as there are slices (Bonferroni), is below alpha. Its rows are set aside, and the rest is searched
 * again. After SliceFinder (Chung, Kraska, Polyzotis, Tae, Whang 2019), whose effect size is given.
 */
#ifndef MICH_MEASURE_COMPARE_SEEK_H
#define MICH_MEASURE_COMPARE_SEEK_H

#include <stdint.h>

#include "lib/measure/slice/slice.h"

enum { SEEK_LIMIT = 8, SEEK_CELLS = 1 << 16 };

struct seek_ask {
	const struct slice_column *cols; /* (n), of as many rows each */
	size_t n;
	const double *difference; /* (rows); NaN: the row is left out */
	size_t rows;
	size_t min_rows; /* of a slice */
	size_t limit;	 /* of slices found; 0: SEEK_LIMIT */
	double alpha;
	uint64_t seed; /* which rows, of more than can be searched in a moment */
};

struct seek_found {
	const struct slice_column *by[2]; /* borrowed; [1] NULL: one column */
	int32_t code[2];
	size_t rows;   /* of the slice, all of them */
	double mean;   /* difference of a row in the slice */
	double effect; /* sqrt(2) (mean - rest) / sqrt(variance + variance of the rest) */
	double p;      /* after the correction */
};

struct seek {
	struct seek_found *v; /* in the order in which they were found */
	size_t n;
	size_t rows;	   /* searched: all with a difference, or a sample of them */
	size_t candidates; /* slices with rows enough */
};

/* ERR_FAIL: no memory. out is cleared by the caller. */
int seek_slices(const struct seek_ask *ask, struct seek *out);
void seek_clear(struct seek *s);

#endif
