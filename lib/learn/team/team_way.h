/* team_way.h - a team from within: how its ranks reach each other. Private to lib/learn/team*.c. */
#ifndef MICH_LEARN_TEAM_TEAM_WAY_H
#define MICH_LEARN_TEAM_TEAM_WAY_H

#include "lib/base/ctl.h"
#include "lib/base/team_file.h"
#include "lib/learn/team/team.h"

struct team;

/* All of them as team.h says, for more than one rank. */
struct team_way {
	int (*sum)(struct team *t, float *v, size_t n);
	int (*share)(struct team *t, void *bytes, size_t n);
	int (*gather)(struct team *t, void *bytes, const size_t *at);
	int (*barrier)(struct team *t);
	void (*abort)(struct team *t);
	void (*close)(struct team *t);
};

struct team {
	const struct team_way *way; /* NULL: one rank */
	struct ctl ctl;
	int rank, ranks;
	int local, locals;	  /* the place among those of this machine that share `file` */
	struct team_file *file;	  /* NULL: they do not share memory */
	int64_t beat_us, told_us; /* when the launcher last heard of us */

	/* of team_memory.c */
	uint32_t meetings; /* that this rank has come to */
	float **slots;	   /* (locals) where they lie */
	size_t room;	   /* floats of a slot */

	struct team_mpi *mpi; /* of team_mpi.c */
};

/* Map the memory of this machine's ranks and meet them. */
int team_memory_open(struct team *t, int wait_s);

/* Who and how many we are says MPI; RANK and WORLD_SIZE, where they are set, must say the same. */
int team_mpi_open(struct team *t);

/* Another rank has failed, which is why this one stops: ERR_INTERRUPT. */
int team_gone(const struct team *t);

/* A rank that waits for the others is alive: the launcher looks for the one that does nothing. */
void team_beat(struct team *t);

/*
 * v[0] becomes the sum of v[0] to v[n - 1] in numbers from to end - 1, pairwise in the order of the ranks: at
 * distance 1 rank 0 takes 1 in, 2 takes 3; at distance 2 rank 0 takes 2; and so on.
 */
void team_add(float *const *v, int n, size_t from, size_t end);

#endif
