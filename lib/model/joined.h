/*
 * joined.h - the contracts of several models as one that has the columns of all, and the way back:
 * which of its inputs are a model's own.
 */
#ifndef MICH_MODEL_JOINED_H
#define MICH_MODEL_JOINED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/strlist.h"
#include "lib/model/contract.h"

struct joined {
	struct contract contract;
	struct dict names; /* (contract.n) of the columns */
	struct strlist by; /* (contract.n) whose column each is, for messages */
	char *first;	   /* whose task, label and classes those are; NULL: nobody's yet */
	char *labelled;	   /* who said the label */
};

#define JOINED_INIT           \
	{                     \
		.first = NULL \
	}

/*
 * Put the contract of the model called `name` to what is there: columns that are new, and for those
 * that are known what either allows: categories, ranges, missing values. An int that is a double
 * elsewhere is a double. ERR_INPUT, naming both models: another task, label or classes, or a column
 * of another type.
 */
int joined_add(struct joined *j, const struct contract *c, const char *name);
void joined_clear(struct joined *j);

/* Put a copy of a column of some contract behind the others of c. */
void joined_copy_column(struct contract *c, const struct contract_column *col);

/* Where the inputs of a part are among those of a whole. */
struct joined_pick {
	size_t n;	 /* inputs of the part */
	size_t width;	 /* inputs of the whole */
	bool same;	 /* both are the same floats */
	size_t *from;	 /* (n) */
	float **codes;	 /* (n) the part's code of the whole's; NULL: as it is */
	size_t *n_codes; /* (n) */
};

#define JOINED_PICK_INIT \
	{                \
		0        \
	}

/* ERR_CORRUPT: the part has a column that the whole lacks or has of another type, or has twice. */
int joined_pick_init(const struct contract *whole, const struct contract *part,
		     struct joined_pick *out);
/* x (rows, width) to out (rows, n); a category that the part does not know is NaN. */
void joined_pick_apply(const struct joined_pick *p, const float *x, int64_t rows, float *out);
void joined_pick_clear(struct joined_pick *p);

#endif
