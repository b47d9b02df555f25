/*
 * contrast.h - two models side by side on the same rows: every metric, slice by slice, which
 * differences are more than chance, and the slices that explain them.
 *
 *	{"task":"regression", "main":"rmse", "rows":N, "tolerance":0, "min":30,
 *	 "bootstrap":{"samples":1000,"seed":0,"level":0.95},			absent when off
 *	 "metrics":[{"metric":"rmse","a":..,"b":..,"difference":b - a,"interval":[low,high],
 *		     "p":..,"p_holm":..,"verdict":"better"|"worse"|"same"|null,"beyond":bool}],
 *	 "slices":[{"by":["carrier"],"binned":[false],
 *		"groups":[{"values":["UA"],"rows":N,"a":..,"b":..,"difference":..,"interval":..,"p":..,
 *			   "p_holm":..,"verdict":..,"beyond":bool}]}],		the main metric
 *	 "found":[{"by":[..],"values":[..],"rows":N,"share":0.1,"a":..,"b":..,"difference":..,
 *		   "effect":..,"p":..,"verdict":..}],				seek.h
 *	 "searched":{"metric":"rmse","rows":N,"columns":N,"slices":N},
 *	 "worse":bool}
 *
 * b is held against a. The main metric comes first. "p_holm" is p corrected for all tests in metrics
 * and slices together (holm.h); a verdict other than "same" has one below 0.05. Without samples the
 * verdict is the plain difference. Slices of fewer than min rows are not tested: their verdict is null,
 * and so it is where a metric is not defined. "beyond": worse, and by more than tolerance * |a|.
 * "worse": that on the whole by the main metric, or on a slice that was asked for.
 *
 * A slice that was found is one where a row differs more, or less, than elsewhere (effect; positive: b
 * is worse there than elsewhere); p is corrected for all that were looked at. Its figures are of
 * searched.metric, which is a mean over rows (or groups): logloss where the main one is auc. It does not
 * enter "worse".
 */
#ifndef MICH_MEASURE_COMPARE_CONTRAST_H
#define MICH_MEASURE_COMPARE_CONTRAST_H

#include "lib/base/json.h"
#include "lib/measure/metric/metrics.h"
#include "lib/measure/slice/slice.h"

enum { CONTRAST_FOUND = 8 };

struct contrast_ask {
	struct measure_input a, b;   /* the same rows in the same order, each with a label */
	const struct slices *slices; /* (n_slices) divisions of them */
	size_t n_slices;
	const struct slice_column *search; /* (n_search) columns to search; 0: search nothing */
	size_t n_search;
	double tolerance; /* relative */
	size_t min_rows;  /* of a slice that is tested, and of one that is found */
	int samples;	  /* 0: no intervals */
	uint64_t seed;
	int threads;
};

/* ERR_INPUT as paired_compare. *out is a new reference. */
int contrast_make(const struct contrast_ask *ask, json_t **out);

#endif
