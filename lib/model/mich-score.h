/*
 * mich-score.h - score with a model of mich from a program of your own: the code that `mich predict`
 * and mich-serve score with, so the answers are the same to the last bit. C, usable from C++.
 *
 *	struct mich_score_error e;
 *	struct mich_score_model *m = mich_score_open("eta", &e);     (a folder that mich export wrote)
 *	struct mich_score_run *run = m ? mich_score_run_new(m, 1) : NULL;
 *
 *	if (!run || mich_score_json(run, line, strlen(line), &answer, &n, &e))
 *		fprintf(stderr, "%s\n", e.text);
 *
 * A model never changes once it is open: any number of threads may share it. A run is the memory of
 * one thread: answers lie in it until its next call. Nothing here prints, and nothing is global. Needs
 * libjansson, libm and threads, and no file but the model's.
 *
 * Functions that return an int give 0, or a negative MICH_SCORE_E* with the reason in *e, which may
 * always be NULL. Memory below a megabyte that the system does not give ends the program, as
 * everywhere in mich.
 */
#ifndef MICH_SCORE_H
#define MICH_SCORE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MICH_SCORE_VERSION 1 /* raised when what a function here means changes */

#if defined(__GNUC__)
#define MICH_SCORE_API __attribute__((visibility("default")))
#else
#define MICH_SCORE_API
#endif

enum {
	MICH_SCORE_EFAIL = -1,	   /* no memory, or whatever else went wrong */
	MICH_SCORE_ENOTFOUND = -2, /* no such folder or file */
	MICH_SCORE_ECORRUPT = -5,  /* the model's bytes are not what they should be */
	MICH_SCORE_EINPUT = -6, /* rows that break the model's contract; a model not known here */
	MICH_SCORE_EIO = -7	/* the system refused to read */
};

struct mich_score_error {
	int code;
	char text[1024]; /* one sentence, NUL-ended, cut where it is longer */
};

struct mich_score_model;
struct mich_score_run;

/*
 * Open a folder that holds model.json with its weights, or a bare XGBoost file (.json, .ubj), whose
 * inputs are plain numbers. NULL with the reason.
 */
MICH_SCORE_API struct mich_score_model *mich_score_open(const char *path,
							struct mich_score_error *e);
/* After its last run is freed. NULL is fine. */
MICH_SCORE_API void mich_score_close(struct mich_score_model *m);

enum mich_score_type {
	MICH_SCORE_BOOL,   /* uint8_t, 0 or 1 */
	MICH_SCORE_INT,	   /* int64_t */
	MICH_SCORE_DOUBLE, /* double; outputs hold floats in them, unchanged */
	MICH_SCORE_STRING, /* const char *: UTF-8, NUL-ended; NULL is missing */
	MICH_SCORE_TIME	   /* int64_t: microseconds since 1970, UTC */
};

/* One column of some rows. */
struct mich_score_column {
	const char *name;
	enum mich_score_type type;
	const void *values;   /* (rows) of its type */
	const uint8_t *valid; /* (rows) 1 where there is a value; NULL: everywhere */
};

/*
 * What the model takes and what it gives, in order; borrowed from it. values and valid are NULL. *n is
 * their number.
 */
MICH_SCORE_API const struct mich_score_column *mich_score_inputs(const struct mich_score_model *m,
								 size_t *n);
MICH_SCORE_API const struct mich_score_column *mich_score_outputs(const struct mich_score_model *m,
								  size_t *n);
MICH_SCORE_API const char *mich_score_task(const struct mich_score_model *m); /* "regression" */

/* threads: at most so many for one call, and no more than its rows make worth it; 0: one a core. */
MICH_SCORE_API struct mich_score_run *mich_score_run_new(const struct mich_score_model *m,
							 int threads);
MICH_SCORE_API void mich_score_run_free(struct mich_score_run *r);

/*
 * Score rows that are in memory: columns are found by their names, in any order; others are passed
 * over. *out are the model's outputs (as many as mich_score_outputs says, rows values each), borrowed
 * until the next call with r. MICH_SCORE_EINPUT: a column that is missing or of a wrong type, or what a
 * contract in reject mode refuses, with column and row, from 1.
 */
MICH_SCORE_API int mich_score_rows(struct mich_score_run *r, const struct mich_score_column *cols,
				   size_t n_cols, int64_t rows,
				   const struct mich_score_column **out,
				   struct mich_score_error *e);

/*
 * Score n bytes of JSON lines, one row an object; *out are the answers, a line each, as `mich predict
 * --format jsonl` prints them; *out_n bytes, NUL behind them, borrowed until the next call with r.
 */
MICH_SCORE_API int mich_score_json(struct mich_score_run *r, const char *lines, size_t n,
				   const char **out, size_t *out_n, struct mich_score_error *e);

/* Values so far that the contract did not expect: unknown categories, out of range, missing. */
MICH_SCORE_API int64_t mich_score_odd(const struct mich_score_run *r);

#ifdef __cplusplus
}
#endif

#endif
