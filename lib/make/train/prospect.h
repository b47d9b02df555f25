/* prospect.h - what the record says of the data that a model is to learn from, before anything runs. */
#ifndef MICH_MAKE_TRAIN_PROSPECT_H
#define MICH_MAKE_TRAIN_PROSPECT_H

#include "lib/learn/matrix.h"

struct repo;
struct spec_node;
struct step;

struct prospect {
	bool known; /* of a table whose data set was profiled; else nothing holds */
	struct matrix
		meta; /* task, classes (numbered) and rows of each split; no inputs, nothing mapped */
	double lowest; /* label of train and validation; of numbers */
};

#define PROSPECT_INIT \
	{             \
		0     \
	}

/*
 * From the profile of the step's data set. ERR_INPUT: a column that the data lack, or a label that no model, or none
 * of the node's task, can learn: what the matrix of the step would be refused for. prospect_clear in any case.
 */
int prospect_see(struct repo *r, const struct spec_node *node, const struct step *s,
		 struct prospect *out);
void prospect_clear(struct prospect *p);

#endif
