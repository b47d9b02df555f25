/*
 * outoffold.h - what the members of an ensemble say of rows that they have not seen: each is trained
 * again, by its own recorded recipe, once for each part of the train split without that part. (D.
 * Wolpert, Stacked generalization, Neural Networks 5, 1992.)
 */
#ifndef MICH_MAKE_ENSEMBLE_OUTOFFOLD_H
#define MICH_MAKE_ENSEMBLE_OUTOFFOLD_H

#include <stddef.h>

struct attempt;

/*
 * Below dir, for each part K from 0: K/held.parquet, its rows; K/MEMBER.npy (rows, k), what the member
 * of that place says of them: the value, the probability of the second class, or of each. No program
 * finds held.parquet, the test split or the validation split in its input; where the data set has a
 * validation split, as large a share of the other parts is set apart to stop early by. Answers are kept in the
 * run's folder "checkpoint" as well: a run that is cut short goes on with the parts that have none. ERR_INPUT: a
 * member that cannot be trained again without rows that it knows: one made of other models, or that
 * starts from one. Whatever a program gives.
 */
int outoffold_run(struct attempt *a, int folds, const char *dir);

#endif
