/* folds.h - the rows of a table dealt out to parts, so that each part can be left out once. */
#ifndef MICH_TABLE_SPLIT_FOLDS_H
#define MICH_TABLE_SPLIT_FOLDS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/table/split/split.h"

enum { FOLDS_MAX = 100 };

struct table_folds {
	uint64_t *key; /* (rows) rows of one key stay together; by time: in its order */
	uint8_t *of;   /* (rows) which part a row is in */
	int64_t rows;
	int n;
	bool timed;
};

#define TABLE_FOLDS_INIT \
	{                \
		0        \
	}

/*
 * Deal the rows of a Parquet file out to n parts. Rows that how keeps together stay together: those of
 * equal columns, or where it names none, equal rows; how many such groups a part has differs by one at
 * most. By time a part is a stretch of it. The seed of how is chance; the same rows give the same
 * parts. ERR_INPUT: fewer groups than parts, no such column. The caller clears out.
 */
int table_folds_deal(const char *path, const struct table_split *how, int n,
		     struct table_folds *out);
void table_folds_clear(struct table_folds *f);

/* What one part asks for: files to write, each of the same columns and in the order of the rows. */
struct table_folds_files {
	const char *train; /* the rows of all other parts */
	const char *held;  /* those of this part */
	/*
	 * Of the other parts a share (0 to 1, at least one group) that goes here instead of to train, to
	 * watch the training by; by time the latest. NULL: none.
	 */
	const char *apart;
	double share;
};

/* path: the file that was dealt out. ERR_INPUT: nothing would be left to train on. */
int table_folds_write(const struct table_folds *f, const char *path, int part,
		      const struct table_folds_files *files);

#endif
