/* matched.h - two recorded models, and what both say of the same rows: those that neither learned from. */
#ifndef MICH_MAKE_SCORE_MATCHED_H
#define MICH_MAKE_SCORE_MATCHED_H

#include <stddef.h>
#include <stdint.h>

#include "lib/make/score/scored.h"
#include "lib/measure/slice/slice.h"
#include "lib/record/version.h"

struct model;
struct repo;

struct matched_side {
	const struct version *v; /* borrowed */
	char *ref;
	struct model *m;
	char *group; /* ranking: the column; NULL */
	struct scored scored;
	struct subset kept; /* its answers for the rows that are matched */
	int64_t seen;	    /* rows of the split that it was trained on; -1: nobody can tell */
};

struct matched {
	struct repo *repo;
	const char *part; /* "test" */
	int threads;
	struct matched_side side[2];
	struct version data;
	char *scratch;		/* a folder of ours */
	char *data_ref, *table; /* the split's file in it */

	uint8_t *left; /* (rows) 1: left out, it trained one of them */
	size_t rows;   /* of the split */
	int64_t left_out, unlabelled;
	uint32_t *keep; /* (kept) the rows that are matched, ascending */
	size_t kept;
};

/*
 * Read both models and find the split of a data set: data, or (NULL) the one that b was trained on, else
 * a. m is {.part, .threads}, closed by the caller whatever comes back. ERR_INPUT: they do not answer the
 * same question (task, label, classes), no data set is known, it has no such split.
 */
int matched_open(struct repo *r, const struct version *a, const struct version *b,
		 const struct version *data, struct matched *m);

/*
 * Score the split with both; of the first one scored.by gets the columns (n), each already cut down to
 * the rows that are matched. Where the second numbers the classes otherwise, its answers are turned.
 * threshold: of a binary answer. ERR_INPUT: a column is missing, no row is left.
 */
int matched_score(struct matched *m, const char *const *columns, size_t n, int bins,
		  double threshold);

int matched_close(struct matched *m); /* ERR_IO: the scratch folder would not go */

#endif
