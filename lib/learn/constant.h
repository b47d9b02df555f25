/*
 * constant.h - the answer of one who sees no input: the mean of train's labels, or the share of each class, for every
 * row. A model that does worse on the validation split has learned nothing that is of use (scikit-learn's
 * DummyRegressor and DummyClassifier with strategy=prior).
 */
#ifndef MICH_LEARN_CONSTANT_H
#define MICH_LEARN_CONSTANT_H

#include "lib/learn/matrix.h"

/*
 * Its figure on the validation split, by the weights of both splits. metric: validation.rmse or validation.mae of
 * numbers, validation.logloss or validation.mlogloss of classes. NAN: of another metric, or where the splits have no
 * rows that count; infinite where a class is not in train.
 */
double constant_measure(const struct matrix *m, const char *metric);

/*
 * Is a model of that value worse, or its value no number? Then what to warn of is appended, without what may help; else
 * nothing is. True also says that the constant answer has a figure.
 */
bool constant_beats(const struct matrix *m, const char *metric, double value, struct buf *out);

#endif
