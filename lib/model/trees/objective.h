/* objective.h - the objectives of XGBoost that are known: what a margin means. */
#ifndef MICH_MODEL_TREES_OBJECTIVE_H
#define MICH_MODEL_TREES_OBJECTIVE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/model/contract.h"

enum objective_link { LINK_IDENTITY, LINK_LOGISTIC, LINK_EXP, LINK_SOFTMAX, LINK_HINGE };

struct objective {
	const char *name;	    /* "binary:logistic" */
	enum objective_link output; /* from margin to prediction */
	enum objective_link base;   /* from margin to the space in which base_score is written */
	enum contract_task task;    /* binary, multiclass, ranking; regression for all else */
};

const struct objective *objective_find(const char *name); /* NULL: not known */

/* A base_score as a margin. */
float objective_margin(const struct objective *o, float base_score);

/* Margins (rows, groups) to predictions, in place; the bits are XGBoost's. */
void objective_apply(const struct objective *o, float *v, int64_t rows, size_t groups);

#endif
