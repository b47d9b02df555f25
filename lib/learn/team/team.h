/*
 * team.h - the ranks of one training: sums over all of them in a fixed order, so that the same ranks
 * give the same bits. The launcher tells by torchrun's variables who we are:
 *
 *	RANK, WORLD_SIZE    both absent: one rank
 *	MICH_TEAM           the memory that the ranks of this machine share (lib/base/team_file.h)
 *	MICH_COMM           mpi: mpirun or srun placed us, and MPI is how ranks reach each other; it knows
 *	                    RANK and WORLD_SIZE too. Absent: that memory
 *	MICH_CTL_FD         where the launcher hears how far we are (lib/base/ctl.h); may be absent
 *
 * The bits do not depend on the way. All calls are to come from the thread that opened the team.
 */
#ifndef MICH_LEARN_TEAM_TEAM_H
#define MICH_LEARN_TEAM_TEAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct team;

/*
 * Find the other ranks and wait for all of them: those of this machine at most wait_s seconds (0: 120).
 * ERR_INPUT: the variables are wrong; ERR_TIMEOUT: a rank did not come, it says which; ERR_ENGINE: no
 * OpenMPI.
 */
int team_open(int wait_s, struct team **out);

/*
 * The same for ranks that need no sums: only those of this machine meet, and the launcher is not told that
 * they are ready.
 */
int team_open_local(int wait_s, struct team **out);
bool team_is_whole(const struct team *t); /* no rank is on another machine */
void team_ready(struct team *t);
bool team_aborted(struct team *t); /* another rank has failed */

/*
 * Of a rank that failed, once it has said why: the others' next call fails at once. The first one to
 * call it is the one that the launcher names. With MPI it does not return: the process ends, as do the others.
 */
void team_abort(struct team *t);
void team_close(struct team *t);

/* Tell the launcher, now and then, which step begins. */
void team_step(struct team *t, int64_t step);

/* 0 and 1 for NULL. */
int team_rank(const struct team *t);
int team_ranks(const struct team *t);

/*
 * v (n) becomes on every rank the sum over the ranks, added pairwise by a binary tree in their order:
 * ((0+1)+(2+3)). ERR_INTERRUPT: another rank has failed; exit with CTL_EXIT_ABORTED.
 */
int team_sum(struct team *t, float *v, size_t n);

/* n bytes of rank 0 take the place of all the others'. ERR_INTERRUPT as above. */
int team_share(struct team *t, void *bytes, size_t n);

/*
 * Each rank has filled its own stretch of bytes, at[rank] to at[rank + 1] - 1; all get all of them. at
 * (ranks + 1) is the same everywhere. With MPI at most INT_MAX bytes in all. ERR_INTERRUPT as above.
 */
int team_gather(struct team *t, void *bytes, const size_t *at);

/* Returns when all ranks have called it. ERR_INTERRUPT as above. */
int team_barrier(struct team *t);

#endif
