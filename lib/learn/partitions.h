/*
 * partitions.h - a model for each partition of a matrix, trained side by side on one thread each, so that
 * the bytes do not depend on how many are trained at a time. What is left in OUT, beside the parent's files:
 *
 *	OUT/partitions.bin	their weights, one behind the other in the order of the partitions
 *	OUT/partitions.json	{"partitions": [{"rows", "at", "bytes", "rounds"} or {"rows", "parent": WHY}]}
 */
#ifndef MICH_LEARN_PARTITIONS_H
#define MICH_LEARN_PARTITIONS_H

#include <stdint.h>

#include "lib/learn/brief.h"
#include "lib/learn/matrix.h"

struct partitions_progress {
	size_t done, n;	 /* partitions; those that the parent answers for are not among them */
	size_t left_out; /* the parent answers for so many */
	double seconds, left;
};

struct partitions_ask {
	const struct brief *brief; /* its threads and rows */
	const char *out;
	const struct matrix *matrix; /* it has partitions */
	/*
	 * Train on one partition's rows, from any thread: its weights, appended, and after how many rounds
	 * or epochs they are as they are.
	 */
	int (*train)(void *payload, const struct matrix *m, struct buf *weights,
		     int64_t *rounds_out);
	void (*on_progress)(void *payload, const struct partitions_progress *p); /* one at a time */
	void (*on_warning)(void *payload, const char *text);
	void *payload, *hooks_payload;
};

/* Where the model over all rows goes: OUT/parent, made, where the matrix has partitions; else OUT. */
int partitions_parent(const struct brief *b, const struct matrix *m, char **out);

/* "312 of 1000 partitions, 12 s left", and once they are done "trained 998 partitions in 12 s; ...". */
void partitions_line(const struct partitions_progress *p, struct buf *out);
void partitions_summary(const struct partitions_progress *p, struct buf *out);

/*
 * Train all that have rows enough and more than one class to tell apart. The one that fails ends all, and
 * is named by its value.
 */
int partitions_train(const struct partitions_ask *ask);

#endif
