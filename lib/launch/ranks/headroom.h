/* headroom.h - what this machine lets a run have: open files and processes. */
#ifndef MICH_LAUNCH_RANKS_HEADROOM_H
#define MICH_LAUNCH_RANKS_HEADROOM_H

#include <sys/resource.h>

/*
 * Have so many ranks a place here at all? ERR_INPUT: their launcher may not open as many files, or this user not
 * run as many processes, even where the limits are raised as far as we may.
 */
int headroom_check(int ranks);

/* Let this process open what so many ranks take. The limit before goes to *before, for the ranks. */
void headroom_open(int ranks, struct rlimit *before);

#endif
