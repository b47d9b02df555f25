/* figure.h - a figure in {"test":{"rmse":24.81}} by its path, and a hint where there is none. */
#ifndef MICH_MEASURE_GATE_FIGURE_H
#define MICH_MEASURE_GATE_FIGURE_H

#include <stdbool.h>

#include "lib/base/json.h"

/*
 * The number at "test.rmse", whether it lies in objects or under one key with dots; NaN where it is
 * null. false: there is none.
 */
bool figure_find(const json_t *figures, const char *path, double *out);

/* Add to the error that is set which figure was meant, and which there are. Returns code. */
int figure_hint(int code, const json_t *figures, const char *path);

#endif
