/* detections_column.h - a member of all lines as a column to slice by, for detections_evaluate.c. */
#ifndef MICH_MEASURE_EVALUATION_DETECTIONS_COLUMN_H
#define MICH_MEASURE_EVALUATION_DETECTIONS_COLUMN_H

#include "lib/measure/evaluation/detections.h"
#include "lib/measure/slice/slice.h"

/*
 * A switch, whole numbers, numbers, or texts: the narrowest that holds every line's value. A line without
 * the member is missing. ERR_INPUT: no line has it (with the nearest name).
 */
int detections_column(const struct detections *d, const char *name, int bins,
		      struct slice_column *out);

#endif
