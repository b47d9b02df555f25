/* shares.h - rows dealt out to threads. */
#ifndef MICH_MODEL_SHARES_H
#define MICH_MODEL_SHARES_H

#include <stdint.h>

/* Rows [from, to). 0, or ERR_FAIL for want of memory. */
typedef int (*share_fn)(const void *payload, int64_t from, int64_t to);

/*
 * Call fn for all rows, in at most `threads` shares of at least `worth` rows, cut at multiples of
 * `tile`. The calling thread takes the first. ERR_FAIL as fn.
 */
int shares_run(int64_t rows, int64_t tile, int64_t worth, int threads, share_fn fn,
	       const void *payload);

#endif
