/* blame.h - which of several failed ranks the others only fell over; inside lib/launch only. */
#ifndef MICH_LAUNCH_RANKS_BLAME_H
#define MICH_LAUNCH_RANKS_BLAME_H

#include "lib/launch/ranks/crew.h"

/*
 * The rank to which rank i's failure, the first that was seen, is to be laid: the order in which
 * processes end is the scheduler's. i itself; or the one that said before that it fails, in the memory that
 * they share (team_file_abort) or, where i left one as well, by an older error file, as torchrun has it. A
 * rank that a signal killed fell over nobody, SIGABRT aside: so C++ ends what nobody catches.
 */
int blame_find(const struct crew *c, int i);

/* Is the end of r a better reason than that of c->failed? */
bool blame_moves(const struct crew *c, const struct rank *r);

/* What is known of one rank that has ended. */
bool blame_fell_over_nobody(const struct rank *r); /* as blame_find() has it */
bool blame_only_follows(const struct rank *r);	   /* it only says that another one is gone */
int64_t blame_file_time(const struct rank *r);	   /* of its error file, in nanoseconds; 0: none */

/* The rank that seems to have the reason for an end elsewhere: it said that it fails. -1: none does. */
int blame_find_marked(const struct crew *c);

#endif
