/*
 * team_common.h - memory that the ranks of a machine have in common: what each of them reads all of lies there once.
 * It has no name in any file system: the lowest rank of a machine makes it, the others of that machine
 * take its descriptor from /proc, and nothing of it is left when the last of them is gone, however they go.
 */
#ifndef MICH_LEARN_TEAM_TEAM_COMMON_H
#define MICH_LEARN_TEAM_TEAM_COMMON_H

#include "lib/learn/team/team.h"

/* Zeroes at first. The caller's part of what is to be done with it is `part` of `parts`. */
struct team_common {
	void *memory; /* NULL: there is none */
	size_t bytes;
	int part, parts; /* the rank's place among those of its machine, and how many they are */
};

/*
 * All ranks call it, with the same number of bytes, of which each machine is to have `spare` times as many to give
 * (lib/base/memory_room.h). All get such memory, or none does: on some machine there is not enough, or the ranks
 * cannot take it from one another. ERR_INTERRUPT: another rank has failed.
 */
int team_common_open(struct team *t, size_t bytes, int spare, struct team_common *out);
void team_common_close(struct team_common *c); /* also one that is all 0 */

#endif
