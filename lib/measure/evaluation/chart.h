/*
 * chart.h - a picture that an evaluation's own program asks for, as data: $MICH_OUT/charts/NAME.json.
 *
 *	{"title":"Loss","type":"line","xlabel":"epoch","ylabel":"loss","x":[1,2,3],"y":[0.9,0.5,0.4]}
 *	{"type":"bar","x":["car","person"],"series":[{"name":"day","y":[9,4]},{"name":"night","y":[3,2]}]}
 *
 * type: line (the default), bar, scatter. y: numbers, null where there is none; x: numbers, or texts
 * (bar and line); without x, places from 0. A series may have an x of its own. At most 20 series of
 * at most 100,000 points.
 */
#ifndef MICH_MEASURE_EVALUATION_CHART_H
#define MICH_MEASURE_EVALUATION_CHART_H

#include "lib/base/json.h"

/* ERR_INPUT says what of it is no such chart. */
int chart_check(const json_t *chart);

#endif
