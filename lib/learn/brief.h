/*
 * brief.h - what a step tells a learner, by the contract that every learner has: a folder is given,
 * a folder is to be filled. Read from the environment:
 *
 *	MICH_OUT          folder to fill
 *	MICH_IN_MATRIX    folder to read (lib/learn/matrix.h)
 *	MICH_PARAMS       a JSON object; unset: {}
 *	MICH_SEED         unset: 0
 *	MICH_DETERMINISM  run, world or off: what must be the same for the same bytes; unset: run
 *	MICH_THREADS      how many threads to use; unset: as many as there are CPUs for us
 *	MICH_EVENTS       file that JSON lines are appended to; may be unset
 *	MICH_CHECKPOINT   folder for what a run that was killed goes on from; may be unset
 *	MICH_CHECKPOINT_STEPS  keep one after so many steps; unset: every ten seconds or so
 *	MICH_PARTITION_MIN_ROWS  rows of train that a partition of the matrix needs for a model of its own;
 *	                  unset: 1
 *	MICH_RESTART      how often the run's ranks were started before; unset: 0
 *	MICH_IN_INIT_FROM folder of a model whose weights to start from; may be unset
 */
#ifndef MICH_LEARN_BRIEF_H
#define MICH_LEARN_BRIEF_H

#include <stdint.h>

#include "lib/base/json.h"

struct brief {
	char *out, *matrix;
	char *events;		  /* NULL: not asked for */
	char *checkpoint;	  /* NULL: nobody would go on from it; may not be there yet */
	int64_t checkpoint_steps; /* 0: by the clock */
	int64_t partition_min_rows;
	int64_t restart;
	char *init_from;   /* NULL: from nothing */
	json_t *params;	   /* an object */
	char *determinism; /* NULL: not given */
	int64_t seed;
	int threads;
};

#define BRIEF_INIT \
	{          \
		0  \
	}

/* ERR_USAGE where the program was not started by a step, ERR_INPUT where a value is wrong. */
int brief_read(struct brief *b);
/* Of rank 0: what an earlier start of the run left in the folder to fill, maybe half written, is removed. */
int brief_begin(const struct brief *b);
void brief_clear(struct brief *b);

#endif
