/*
 * scored.h - what a model says of the rows of a split, with their labels and the columns to slice
 * them by: what an evaluation, a comparison and a gate begin with.
 */
#ifndef MICH_MAKE_SCORE_SCORED_H
#define MICH_MAKE_SCORE_SCORED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/base/strlist.h"
#include "lib/make/train/groups.h"
#include "lib/measure/metric/metrics.h"
#include "lib/measure/slice/slice.h"

struct model;
struct repo;
struct version;

struct scored_ask {
	const char
		*part; /* "test": which split of the data set; for scored_versions, and messages */
	const char *const
		*by; /* (n_by) columns of the table to slice by; single ones, none crossed */
	size_t n_by;
	int bins;      /* ranges of a number; 0: 10 */
	int threads;   /* as model_score */
	bool inputs;   /* keep what the model saw: scored.x */
	size_t sample; /* of how many rows; 0: all */
	uint64_t seed; /* which those are */
	const char *
		group; /* ranking: the column of what is ranked together. scored_versions: NULL: as the
			      model's recipe says */
};

struct scored {
	enum measure_task task;
	char *label;		/* the column */
	struct strlist classes; /* names of the classes, as the contract has them */
	size_t rows, k;
	float *predictions; /* (rows, k) as struct measure_input wants them */
	float *labels;	    /* (rows) */
	struct groups groups;
	struct slice_column *by; /* (n_by) as asked */
	size_t n_by;
	float *x;	 /* (x_rows, inputs) row-major model inputs; only if asked */
	uint32_t *x_row; /* (x_rows) which rows those are, ascending; NULL: all */
	size_t x_rows, inputs;
	json_t *counts; /* what was out of contract (lib/model/counts.h) */
};

#define SCORED_INIT                    \
	{                              \
		.groups = GROUPS_INIT, \
	}

/*
 * All rows of a table, in order. ERR_INPUT: a column is missing, a label too, the model knows no
 * label, ranking without a group. out is SCORED_INIT, cleared by the caller whatever comes back.
 */
int scored_table(const struct model *m, const char *table_path, const struct scored_ask *ask,
		 struct scored *out);

/* The same with the model that lies in a folder: inside a step's child. */
int scored_files(const char *model_dir, const char *table_path, const struct scored_ask *ask,
		 struct scored *out);

/*
 * The same for recorded versions: both are placed in a scratch folder of the repository, which is
 * removed again. ERR_NOT_FOUND: bytes that are not here; ERR_INPUT: no model.json, no such split.
 */
int scored_versions(struct repo *r, const struct version *model, const struct version *data,
		    const struct scored_ask *ask, struct scored *out);

/* It as measure.h takes it, borrowed; threshold of a binary answer, 0: 0.5. */
struct measure_input scored_input(const struct scored *s, double threshold);

/* The column by name among those asked for; NULL. */
const struct slice_column *scored_by(const struct scored *s, const char *name);

void scored_clear(struct scored *s);

/* The column by which a model ranks, as its recipe says; NULL when it ranks nothing. Caller frees. */
int scored_group(struct repo *r, const struct version *model, char **out);

#endif
