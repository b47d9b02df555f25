/* predict.h - score the rows of tables, or of text that comes in, with one model. */
#ifndef MICH_MAKE_SCORE_PREDICT_H
#define MICH_MAKE_SCORE_PREDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/model/rows/batch.h"

struct contract;
struct frame;
struct model;

struct predict_source {
	const char *name, *path, *member; /* as struct table_source */
};

/* Who scores in the place of a model that is here: a server. */
struct predict_scorer {
	const struct contract *contract; /* types of its columns, for the reading of text */
	/* The outputs of all rows of in; borrowed until the next call. */
	int (*score)(void *payload, const struct frame *in, struct frame *out);
	void *payload;
};

struct predict_plan {
	const struct predict_scorer *scorer; /* NULL: the model given; else that may be NULL */
	const struct predict_source *sources;
	size_t n_sources;
	const char *sql;	 /* over the sources; NULL: the rows of the single one */
	const char *const *keep; /* columns of the rows that are written before the outputs */
	size_t n_keep;
	int threads;
	const char *scratch_dir;
	const char
		*target;   /* FILE.parquet, FILE.csv, FILE.jsonl or DB.sqlite:TABLE; NULL: out_fd */
	const char *stamp; /* who writes, for a SQLite table; may be NULL */
	int out_fd;
	bool json_lines; /* to out_fd: JSON lines instead of CSV */
};

struct predict_result {
	int64_t rows;
	json_t *counts; /* what was out of contract (lib/model/counts.h); the caller's */
};

/*
 * All rows of the sources to the target, which appears whole: the columns to keep, then the model's
 * outputs. ERR_INPUT: a column is missing or of a wrong type. out is filled in any case.
 */
int predict_table(const struct model *m, const struct predict_plan *plan,
		  struct predict_result *out);

/*
 * The same rows given to fn, batch by batch: the columns to keep, then the outputs. plan's target,
 * out_fd and json_lines are not looked at. What fn answers but 0 ends it and is returned.
 */
int predict_each(const struct model *m, const struct predict_plan *plan, batch_fn fn, void *payload,
		 struct predict_result *out);

/*
 * Text from in_fd to plan->out_fd, scored as it comes: JSON lines when the first byte is '{', else CSV
 * with a header line; the same out, flushed whenever nothing more is waiting. ERR_INPUT names the
 * line.
 */
int predict_stream(const struct model *m, const struct predict_plan *plan, int in_fd,
		   struct predict_result *out);

#endif
