/* stack.h - the final model of a stacked ensemble: trained on what the members say. */
#ifndef MICH_MAKE_ENSEMBLE_STACK_H
#define MICH_MAKE_ENSEMBLE_STACK_H

struct attempt;
struct spec_node;

/*
 * Have the members answer for the train split out of fold (outoffold.h) and for the validation split as
 * they are, make a data set of it with a column for each answer beside those that were there, and train
 * the node's learner on it: a->out/_final. ERR_INPUT as outoffold_run; and where a column of the data set is
 * called as an answer.
 */
int stack_run(struct attempt *a, const struct spec_node *node);

#endif
