/* rank_env.h - what one rank sees of the world beyond what its step's program sees. */
#ifndef MICH_LAUNCH_RANKS_RANK_ENV_H
#define MICH_LAUNCH_RANKS_RANK_ENV_H

#include <sched.h>
#include <stdbool.h>

#include "lib/launch/ranks/rank.h"

/* The cores that a rank of ours is bound to; false: to none. */
bool rank_cores(const struct ranks_plan *p, int local, cpu_set_t *out);

enum { RANK_FD_CTL = 3, RANK_FD_TEAM = 4 }; /* where a rank finds what it was handed */

/*
 * The plan's variables, and over them the rank's: torchrun's by name and meaning, ours, and a share of
 * the threads, no more than the cores that it is bound to, in OMP_NUM_THREADS and the like unless the user has set those.
 */
void rank_env(const struct rank *r, const struct round *round, struct strlist *out);

#endif
