/*
 * matrix.h - what a learner reads: a folder of NumPy files, one set a split, and what they mean.
 *
 *	matrix.json             task, classes, inputs, rows of each split, partitions
 *	train/x.npy             (rows, inputs) float32 row-major; categories as codes, NaN is missing
 *	train/y.npy             (rows) float32: the value, or the class from 0; ranking: relevance
 *	train/w.npy             (rows) float32, may be absent; ranking: (groups)
 *	train/group.npy         (groups) int32: how many rows each group has; ranking only
 *	train/partition.npy     (partitions + 1) int32: how many rows each partition has, one behind the
 *	                        other, and the rows of none behind them; only where there are partitions
 *	test/ validation/       the same, where the data set has such a split
 *
 * lib/make writes such a folder, learners map it.
 */
#ifndef MICH_LEARN_MATRIX_H
#define MICH_LEARN_MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/npy.h"
#include "lib/base/strlist.h"

enum matrix_task { MATRIX_REGRESSION, MATRIX_BINARY, MATRIX_MULTICLASS, MATRIX_RANKING };
enum matrix_part { MATRIX_TRAIN, MATRIX_TEST, MATRIX_VALIDATION, MATRIX_PARTS };

struct matrix_input {
	char *name;
	bool categorical;   /* else a float */
	int64_t categories; /* codes are 0 to categories - 1 */
};

struct matrix_split {
	bool present; /* named in matrix.json; rows may still be 0 */
	int64_t rows;
	struct npy x, y;     /* mapped by matrix_open() */
	struct npy w, group; /* .data is NULL where there is no such file */
	struct npy partition;
	int64_t *first; /* (partitions + 2) row where each begins; NULL without partitions */
};

struct matrix {
	enum matrix_task task;
	struct strlist classes; /* binary: 2 or none, the second is the positive one; multiclass: 3
				   or more */
	struct matrix_input *inputs;
	size_t n_inputs;
	struct strlist by;     /* the columns whose values part the rows; none: no partitions */
	struct strlist values; /* (partitions, by.n) what each partition has there */
	struct matrix_split splits[MATRIX_PARTS];
};

#define MATRIX_INIT \
	{           \
		0   \
	}

const char *
matrix_task_name(enum matrix_task task); /* "regression" "binary" "multiclass" "ranking" */
int matrix_task_parse(const char *name, enum matrix_task *out); /* ERR_INPUT */
const char *matrix_part_name(enum matrix_part part);		/* "train" "test" "validation" */

/* Has it rows that count: not all of weight 0? */
bool matrix_weighs(const struct matrix *m, enum matrix_part part);

void matrix_add_input(struct matrix *m, const char *name, bool categorical, int64_t categories);

/* matrix.json from bytes; nothing is mapped. ERR_CORRUPT, with what is wrong in it. */
int matrix_meta_parse(const char *data, size_t n, struct matrix *m);

/*
 * Write DIR/matrix.json: task, classes, inputs, and the splits that are present with their rows.
 * The arrays are the caller's to write, into DIR/<part>/.
 */
int matrix_write_meta(const char *dir, const struct matrix *m);

/* Read DIR/matrix.json, map every split and hold the shapes to it. ERR_NOT_FOUND, ERR_CORRUPT. */
int matrix_open(const char *dir, struct matrix *m);

size_t matrix_partitions(const struct matrix *m);

/*
 * The rows of one partition as a matrix of their own, without a copy: everything in it is m's, and it is
 * not closed. Number matrix_partitions() are the rows of none.
 */
void matrix_partition(const struct matrix *m, size_t number, struct matrix *out);

/* "'Oslo'", "'Oslo', 'bread'": its values, the long ones cut. Appended. */
void matrix_partition_name(const struct matrix *m, size_t number, struct buf *out);

/* Labels and weights of a split that a learner can use: finite, classes in range, of train not all of
 * them without a weight. ERR_INPUT names the row. */
int matrix_check_values(const struct matrix *m, enum matrix_part part);

void matrix_close(struct matrix *m);

#endif
