/* curves_of.h - the curves of each task, for curves.c. */
#ifndef MICH_MEASURE_EVALUATION_CURVES_OF_H
#define MICH_MEASURE_EVALUATION_CURVES_OF_H

#include "lib/measure/evaluation/curves.h"

int curves_binary(const struct measure_input *in, json_t *out);
int curves_regression(const struct measure_input *in, json_t *out);

/* Rows with a label by a value ascending, or falling; n of them. Caller frees *out. */
int curves_order(const struct measure_input *in, const float *value, bool falling, uint32_t **out,
		 size_t *n_out);

/* [v, v, ...] of n doubles; NaN is null. New reference. */
json_t *curves_array(const double *v, size_t n);

#endif
