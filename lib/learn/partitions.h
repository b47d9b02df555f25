/*
 * partitions.h - a model for each partition of a matrix, trained side by side on one thread each, so that
 * the bytes do not depend on how many are trained at a time. What is left in OUT, beside the parent's files:
 *
 *	OUT/partitions.bin	their weights, one behind the other in the order of the partitions
 *	OUT/partitions.json	{"partitions": [{"rows", "at", "bytes", "rounds"} or {"rows", "parent": WHY}]}
 */
#ifndef MICH_LEARN_PARTITIONS_H
#define MICH_LEARN_PARTITIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/learn/brief.h"
#include "lib/learn/matrix.h"

struct partitions_progress {
	size_t done, n;	 /* partitions; those that the parent answers for are not among them */
	size_t resumed;	 /* of done: trained by a run that was cut short */
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
	/* At the start, then after each; one at a time. */
	void (*on_progress)(void *payload, const struct partitions_progress *p);
	void (*on_warning)(void *payload, const char *text);
	/* Asked before each: shall it end now, what is trained kept for whoever goes on? May be NULL. */
	bool (*wants_end)(void *payload);
	void *payload, *hooks_payload;
	/* What else must be the same for a model that was kept to be taken. */
	const char *of;
	int64_t rounds; /* of the parent: some take as many */
};

/* Where the model over all rows goes: OUT/parent, made, where the matrix has partitions; else OUT. */
int partitions_parent(const struct brief *b, const struct matrix *m, char **out);

/* "312 of 1000 partitions, 12 s left", and once they are done "trained 998 partitions in 12 s; ...". */
void partitions_line(const struct partitions_progress *p, struct buf *out);
void partitions_summary(const struct partitions_progress *p, struct buf *out);
/* "goes on from its checkpoint, with 312 of 1000 partitions" */
void partitions_resumed(const struct partitions_progress *p, struct buf *out);

/*
 * Train all that have rows enough and more than one class to tell apart. The one that fails ends all, and
 * is named by its value. Each that is trained is kept in the brief's checkpoint (partition_log.h), and
 * taken from there where a run of the same training was cut short: the bytes are the same. ERR_BUSY: it was
 * told to end.
 */
int partitions_train(const struct partitions_ask *ask);

#endif
