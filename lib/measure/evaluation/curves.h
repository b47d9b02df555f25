/*
 * curves.h - how a model's answers lie to the truth, as data for pictures: at most CURVES_POINTS
 * points each, all of them exact points of the whole curve.
 *
 *	binary		roc {x: false positive rate, y: true positive rate, threshold}, from (0,0)
 *			pr {x: recall, y: precision, threshold}, from (0,1)
 *			lift {x: share of the rows, by falling score, y: lift, gain: share of the
 *			positives}; rows of one score count as in random order
 *			calibration {predicted, observed, rows}: means in ten ranges of equal width
 *			that have rows, (0.1, 0.2] and so on
 *	binary, multiclass	confusion {classes, counts}: a row a true class, a column a predicted
 *			one; of many classes the 49 most frequent and "(other)"
 *	regression	residual {predicted, low, median, high, rows}: label minus prediction, 10 %,
 *			50 % and 90 %, in 20 ranges of the prediction with as many rows each
 *			predicted_observed {predicted, observed, rows}: means in the same
 *			residual_histogram {edges, rows, below, above}: 40 ranges from the 0.5 % to the
 *			99.5 % quantile, and how many lie beyond
 *
 * The threshold of a curve's first point is null: no row is called positive there.
 */
#ifndef MICH_MEASURE_EVALUATION_CURVES_H
#define MICH_MEASURE_EVALUATION_CURVES_H

#include "lib/base/json.h"
#include "lib/base/strlist.h"
#include "lib/measure/metric/metrics.h"

enum { CURVES_POINTS = 200, CURVES_CLASSES = 50 };

/* classes: names for the confusion, may be NULL. Weights are passed over. ERR_FAIL: no memory. *out is a
 * new reference, empty when ranking. */
int curves_make(const struct measure_input *in, const struct strlist *classes, json_t **out);

#endif
