/* speed.h - what a bench measured, in the order in which it is told. */
#ifndef MICH_PAGE_SPEED_H
#define MICH_PAGE_SPEED_H

#include "lib/base/buf.h"
#include "lib/base/json.h"

enum { SPEED_BENCHES_MAX = 8, SPEED_BATCHES_MAX = 32, SPEED_FIGURES = 4 };

/* Of one size of batch: rows a call, and an object with the figures. */
struct speed_batch {
	double rows;
	const json_t *of;
};

/* The members of a batch's object that are shown: median, 95 % and 99 % in microseconds, rows a second. */
extern const char *const speed_keys[SPEED_FIGURES];

/* Of a row of "benches": one row, then its batches by their size, into out (SPEED_BATCHES_MAX). */
size_t speed_batches(const json_t *row, struct speed_batch *out);

/* ", on recorded rows of dataset/d@1; AMD EPYC, 2 cores (machine 1a2b)" */
void speed_circumstances(const json_t *row, struct buf *out);
double speed_memory(const json_t *row); /* bytes of the whole program; NaN: not known */

#endif
