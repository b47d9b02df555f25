/* binding.h - which cores and how many threads a rank gets. */
#ifndef MICH_LAUNCH_RANKS_BINDING_H
#define MICH_LAUNCH_RANKS_BINDING_H

#include <sched.h>
#include <stdbool.h>

/* Threads for each of ranks that share threads (0: the cores that we may use); at least 1. */
int binding_threads(int threads, int ranks);

/*
 * The cores of rank local among ranks, out of those in all: neighbours together, as even as may be.
 * False where there are fewer cores than ranks, or one rank: then none is bound.
 */
bool binding_cores(const cpu_set_t *all, int local, int ranks, cpu_set_t *out);

/*
 * The same where near says which cores are near each rank's GPUs ((ranks) lists; "": not known; NULL:
 * nobody has any): they are divided among the ranks that are near the very same ones, or theirs together where
 * they are fewer. Near to none that we may use: as above.
 */
bool binding_near(const cpu_set_t *all, const char *const *near, int local, int ranks,
		  cpu_set_t *out);

/* "0-3,8,10-11", as the kernel writes it; cores beyond a set's size are left out. False: no such list. */
bool binding_parse(const char *text, cpu_set_t *out);

#endif
