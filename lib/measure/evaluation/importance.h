/*
 * importance.h - which columns a model leans on: how much worse its figure gets when a column's
 * values are dealt out to other rows (Breiman 2001; Fisher, Rudin, Dominici 2019).
 *
 *	{"metric":"rmse","value":17.2,"repeats":5,"rows":10000,
 *	 "columns":[{"column":"dep_delay","mean":12.3,"std":0.1},...]}
 *
 * value: the figure on these rows as they are. mean and std: of its worsening over the repeats, above
 * 0 is worse whichever way the metric goes; columns by falling mean, equal ones by name. A column that
 * becomes several inputs (the hour and the weekday of a time) is moved as one.
 */
#ifndef MICH_MEASURE_EVALUATION_IMPORTANCE_H
#define MICH_MEASURE_EVALUATION_IMPORTANCE_H

#include "lib/base/json.h"
#include "lib/measure/metric/metrics.h"

struct model;

enum { IMPORTANCE_REPEATS = 5, IMPORTANCE_ROWS = 10000, IMPORTANCE_FEWEST = 500 };

/*
 * Of how many rows it is measured, chosen by chance, so that it costs a second and no more: 10,000,
 * but columns times repeats times rows at most a million, while 500 are left.
 */
size_t importance_rows(size_t rows, size_t columns, int repeats);

/*
 * x (in->rows, contract inputs): what the model saw of the rows of in, whose labels and groups are
 * used; its predictions are not. A permutation is draw_shuffle of stream column * repeats + repeat.
 * The same bits whatever the threads. *out is a new reference; NULL when the rows do not define the
 * figure.
 */
int importance_make(const struct model *m, const float *x, const struct measure_input *in,
		    int repeats, uint64_t seed, int threads, json_t **out);

#endif
