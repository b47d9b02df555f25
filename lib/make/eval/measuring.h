/* measuring.h - the body of a built-in evaluation: scored rows to figures, slices, curves, importance. */
#ifndef MICH_MAKE_EVAL_MEASURING_H
#define MICH_MAKE_EVAL_MEASURING_H

#include <stdint.h>

#include "lib/spec/spec.h"

struct measuring {
	const char *model_dir, *table_path;
	const char *part;  /* "test": the split that the table is */
	const char *group; /* ranking: the column; NULL: none */
	const struct spec_items *by;
	int bins, bootstrap, importance, threads;
	uint64_t seed;
	double threshold;
	const char *out_dir;	 /* metrics.json and evaluation.json go there */
	const char *counts_path; /* what was out of contract */
	const char *
		known_path; /* the Parquet file it was trained on; NULL: these rows are no part of it */
	const char *scratch_dir;
};

/*
 * Inside a step's child. Rows that the model was trained on are counted ("seen" in the document).
 * ERR_INPUT as scored_files, slicer_by; and where most of the rows are such.
 */
int measuring_run(const struct measuring *m);

#endif
