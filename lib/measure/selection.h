/*
 * selection.h - weights of several models by greedy selection: start with none, and add, round by
 * round, the one that makes the mean of all added so far best, each as often as it helps. (R. Caruana,
 * A. Niculescu-Mizil, G. Crew, A. Ksikes: Ensemble selection from libraries of models, ICML 2004.)
 */
#ifndef MICH_MEASURE_SELECTION_H
#define MICH_MEASURE_SELECTION_H

#include <stddef.h>

#include "lib/measure/metric/metrics.h"

enum { SELECTION_ROUNDS = 100 };

/*
 * Fill weights (n), together 1: how often each member was chosen until the best round. members (n) are
 * predictions of the same rows with the same labels; rows without a label are left out. What is made
 * small is the squared error of regression, the log loss of classes. The first of equals is taken, so
 * the same predictions give the same weights. ERR_INPUT: ranking, no labelled rows.
 */
int selection_greedy(const struct measure_input *members, size_t n, double *weights);

#endif
