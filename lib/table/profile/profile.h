/*
 * profile.h - what is in the columns of a data set.
 *
 * Figures come from the sorted values, so neither threads nor the order of rows can change them.
 *
 *	{"columns":[{"name", "type", "kind":"number"|"time"|"text"|"bool"|"other",
 *		"splits":{"train":S, "test":S, "validation":S}}]}	only splits that have rows
 *	S = {"rows", "nulls", "distinct", "top":[{"value","count"}]}	the 10 most frequent, ties by value
 *	number, time	"min", "max", "nans" (NaN and infinities, which are in nothing else),
 *			"quantiles":{"p1","p5","p25","p50","p75","p95","p99"} by linear interpolation,
 *			"histogram":{"lo","hi","counts":[20]} in equal bins from min to max
 *	number		"mean", "deviation" (of a sample), "zeros"
 *	text, other	"length":{"min","mean","max"} in bytes, "min", "max" by bytes
 *	bool		"mean"
 *
 * distinct is exact up to 2^22 different texts, then an estimate, with "estimated":true. Times are ISO
 * texts; other (lists, structs, intervals) is profiled as its text. Whole columns have no "nans".
 */
#ifndef MICH_TABLE_PROFILE_PROFILE_H
#define MICH_TABLE_PROFILE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/json.h"

struct table_split_file {
	const char *name; /* "train" */
	const char *path; /* a table file */
};

/* The profile of files that have the same columns, with threads threads (0: all cores). */
int table_profile(const struct table_split_file *splits, size_t n, int threads, json_t **out);

/*
 * For people. A histogram as one character a bin: the higher, the more of them (Unicode blocks, or
 * plain ASCII). A value of a profile: numbers with five digits, times without what is zero.
 */
void table_bars(const json_t *histogram, bool plain, struct buf *out);
void table_value_text(const json_t *value, struct buf *out);

#endif
