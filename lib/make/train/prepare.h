/*
 * prepare.h - the matrix of a model step: raw columns turned into inputs once, kept for the next
 * step that asks for the same columns of the same data.
 */
#ifndef MICH_MAKE_TRAIN_PREPARE_H
#define MICH_MAKE_TRAIN_PREPARE_H

struct attempt;
struct spec_node;
struct contract;

/*
 * Lay the matrix of the attempt's data set down in dir (made), by links into the cache; *contract is
 * what was fitted on the train split. label: the column to learn.
 */
int prepare_matrix(struct attempt *a, const struct spec_node *node, const char *label,
		   const char *dir, struct contract *contract);

#endif
