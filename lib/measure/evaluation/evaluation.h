/*
 * evaluation.h - all that is measured of a model on some rows, as one document. A version of eval/NAME
 * has it as files/evaluation.json; `mich report` and gates on slices read it.
 *
 *	{"format":"mich-evaluation/1", "task":"regression", "split":"test", "rows":N, "label":"arr_delay",
 *	 "threshold":0.5, "classes":[..],		(where there are any)
 *	 "seen":N,					rows that it was trained on, where there are any
 *	 "metrics":{"rmse":..},				as measure_metrics gives them
 *	 "bootstrap":{"samples":1000,"seed":0,"level":0.95,"rows":50000},	rows: drawn in each sample
 *	 "intervals":{"rmse":[low,high]},		null: not defined in most samples
 *	 "slices":[{"by":["carrier"],"binned":[false],
 *		"groups":[{"values":["UA"],"rows":N,"metrics":{..},"intervals":{..}}]}],
 *	 "curves":{..},					curves.h
 *	 "importance":{..},				importance.h
 *	 "detections":{..}}				detections.h
 *
 * What was not asked for, or a task does not have, is absent. The same rows, predictions and options
 * give the same canonical bytes, whatever the number of threads.
 */
#ifndef MICH_MEASURE_EVALUATION_EVALUATION_H
#define MICH_MEASURE_EVALUATION_EVALUATION_H

#include "lib/base/json.h"
#include "lib/base/strlist.h"
#include "lib/measure/chance/bootstrap.h"
#include "lib/measure/slice/slice.h"

#define EVALUATION_FORMAT "mich-evaluation/1"
#define EVALUATION_FILE "evaluation.json"

struct evaluation_ask {
	const char *split;	       /* "test" */
	const char *label;	       /* its column; NULL: not known */
	const struct strlist *classes; /* may be NULL */
	const struct slices *slices;   /* (n_slices) divisions of the same rows */
	size_t n_slices;
	struct bootstrap_opts bootstrap;
};

/* Of one division: more say nothing that anybody reads. */
enum { EVALUATION_SLICES = 10000 };

/* ERR_INPUT as measure_metrics and evaluation_slices. *out is a new reference. */
int evaluation_make(const struct measure_input *in, const struct evaluation_ask *ask, json_t **out);

/*
 * One division as a member of "slices"; o NULL: no intervals. *out is a new reference. Slices none
 * of whose rows have a label are left out. ERR_INPUT: there are more than EVALUATION_SLICES.
 */
int evaluation_slices(const struct measure_input *in, const struct slices *s,
		      const struct bootstrap_opts *o, json_t **out);

/*
 * Where it does badly: the n worst slices of a document, by the figure that its task is judged by
 * (recall of detections; or metric, when it is given), the worst first; those of fewer than min_rows
 * rows and those where it is not defined are left out. by: only of this division, as "carrier" or
 * "carrier * hour"; NULL: all. [{"by","values","rows","metric","value","interval","overall"}], a new
 * reference. ERR_INPUT: there is no such division or metric.
 */
struct worst_ask {
	const char *by, *metric;
	size_t n;
	int64_t min_rows; /* SLICE_MIN_ROWS, unless somebody says otherwise */
};
int evaluation_worst(const json_t *document, const struct worst_ask *ask, json_t **out);

#endif
