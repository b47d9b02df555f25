/*
 * comparison.h - two recorded models on the same rows. The document is contrast.h's, and
 *
 *	{"format":"mich-comparison/1", "a":{"ref","id"}, "b":{"ref","id"}, "dataset":{"ref","id"},
 *	 "split":"test", "label":"arr_delay",
 *	 "left_out":{"a":n,"b":n,"rows":n,"unlabelled":n}, ...}
 *
 * left_out: rows that a was trained on, b was (null: nobody can tell), either;
 * and rows without a label.
 */
#ifndef MICH_MAKE_SCORE_COMPARISON_H
#define MICH_MAKE_SCORE_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/json.h"

#define COMPARISON_FORMAT "mich-comparison/1"

struct repo;
struct version;

struct comparison_ask {
	const struct version *data; /* NULL: what b was trained on, else what a was */
	const char *part;	    /* "test" */
	const char *const *by;	    /* (n_by) "carrier", "carrier * hour" */
	size_t n_by;
	bool search;	  /* for slices that nobody named, among the inputs of both */
	int bins;	  /* ranges of a number; 0: 10 */
	double threshold; /* of a binary answer; 0: 0.5 */
	double tolerance;
	size_t min_rows;
	int samples; /* of the bootstrap; 0: none */
	uint64_t seed;
	int threads; /* 0: one a core */
};

/*
 * Hold b against a. ERR_INPUT: they do not predict the same thing (task, label, classes), no data set is
 * known, it has no such split or column, every row trained one of them. ERR_NOT_FOUND: bytes that are
 * not here. *out is a new reference.
 */
int comparison_make(struct repo *r, const struct version *a, const struct version *b,
		    const struct comparison_ask *ask, json_t **out);

#endif
