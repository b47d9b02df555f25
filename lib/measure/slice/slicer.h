/*
 * slicer.h - a column's values gathered row by row, and made into a slice_column.
 *
 *	strings, bools		a value each, by their bytes; of more than 1000 the most frequent
 *				1000, the rest is "(other)"
 *	whole numbers		a value each, ascending, when there are at most 50
 *	other numbers, times	ranges that hold about as many rows each: edge i of n is the value at
 *				place rows * i / n of the sorted ones, equal edges are one; an
 *				edge that is no whole number is the shortest decimal that divides
 *				alike, and the ends are rounded outwards to some four digits
 *
 * A missing value, NaN too, is the value "(missing)". A text that reads like one of ours in
 * parentheses is put in double quotes.
 */
#ifndef MICH_MEASURE_SLICE_SLICER_H
#define MICH_MEASURE_SLICE_SLICER_H

#include "lib/base/frame.h"
#include "lib/measure/slice/slice.h"

enum { SLICER_BINS = 10, SLICER_DISTINCT = 50, SLICER_VALUES = 1000 };

struct slicer;

/* name is copied. bins: ranges of a number; 0: SLICER_BINS. */
struct slicer *slicer_new(const char *name, int bins);
void slicer_free(struct slicer *s);
/* Whole numbers are names: a value each while there are at most SLICER_VALUES of them. */
void slicer_each(struct slicer *s);

/* Further rows. ERR_INPUT: the frame has no such column, or its type changed. */
int slicer_add(struct slicer *s, const struct frame *f);

/* One column of a frame's rows under the slicer's name. As slicer_add. */
int slicer_add_column(struct slicer *s, const struct frame_column *c, int64_t rows);

/* The column; the slicer is spent. The same rows give the same values, however they were cut. */
int slicer_finish(struct slicer *s, struct slice_column *out);

/*
 * "carrier" or "carrier * origin" as what to slice by. A column whose own name has a star is found
 * first among columns (n). ERR_INPUT: three columns, a column crossed with itself, an empty name.
 * *b_out is NULL for one. Caller frees both.
 */
int slicer_by(const char *text, const char *const *columns, size_t n, char **a_out, char **b_out);

/* Do two such texts mean the same: "carrier*origin" and "carrier * origin"? */
bool slicer_same(const char *a, const char *b);

#endif
