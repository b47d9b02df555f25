/*
 * evidence.h - what gates need beyond recorded figures: a candidate, and what is in production, measured
 * now on the candidate's hold-out, whole and by slices.
 */
#ifndef MICH_MAKE_JUDGE_EVIDENCE_H
#define MICH_MAKE_JUDGE_EVIDENCE_H

#include "lib/base/json.h"
#include "lib/measure/gate/gate.h"
#include "lib/record/version.h"

struct repo;

struct evidence_ask {
	const struct version *model, *data; /* the candidate, and the data set it is measured on */
	const char *part;		    /* "test": the split */
	double threshold;		    /* of a binary answer */
	const struct version *production;   /* NULL: nothing is, or no gate asks for it */
	const struct gate_by *const *by;    /* (n_by) how to slice; may repeat */
	size_t n_by;
	int bins; /* ranges of a number; 0: 10 */
};

/*
 * What gates are judged on; every member may be NULL. The paired ones are of the rows that production
 * was not trained on, so that both sides are measured on the same rows.
 */
struct evidence {
	json_t *slices;	    /* the candidate's, of all rows */
	json_t *own;	    /* {"test": {...}}, paired */
	json_t *own_slices; /* paired */
	json_t *production; /* {"test": {...}} */
	json_t *production_slices;
	int64_t rows, left_out; /* of the split; of them, those that production was trained on */
	char *own_failed, *production_failed; /* why it could not be measured */
};

#define EVIDENCE_INIT \
	{             \
		0     \
	}

/*
 * Measure in a child process. What cannot be measured is told in own_failed or production_failed;
 * <0 only when the machine failed, or it was interrupted.
 */
int evidence_gather(struct repo *r, const struct evidence_ask *ask, struct evidence *out);
void evidence_clear(struct evidence *e);

#endif
