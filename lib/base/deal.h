/* deal.h - the same thing done for 0..n-1, by a few threads that take the next one when they are free. */
#ifndef MICH_BASE_DEAL_H
#define MICH_BASE_DEAL_H

#include <stddef.h>

/*
 * Call fn(payload, i) for every i below n on at most so many threads, the calling one among them;
 * 0 is 1. What i gives must not depend on the others: then it does not depend on the threads either.
 * After a failure no further i is begun; the code and the reason of the lowest i that failed are
 * given.
 */
typedef int (*deal_fn)(void *payload, size_t i);
int deal(int threads, size_t n, deal_fn fn, void *payload);

int deal_cores(void); /* that this process may use */

#endif
