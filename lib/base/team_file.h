/*
 * team_file.h - the memory that the ranks of one machine share: made by the launcher, named by
 * MICH_TEAM, mapped by every rank. This page is all that both sides agree on:
 *
 *	struct team_file, a cell a rank       where everybody is
 *	at data_at + rank * slot_bytes        the slot that this rank alone writes and all may read
 *
 * All of it begins as zeros, and a page that nobody touches takes no room. How ranks pass their slots
 * to each other is theirs to say (lib/learn/team/team.h); the launcher writes nothing but `abort`.
 */
#ifndef MICH_BASE_TEAM_FILE_H
#define MICH_BASE_TEAM_FILE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TEAM_FILE_VERSION = 2,
	TEAM_FILE_RANKS_MAX = 4096,
	TEAM_FILE_SLOT_BYTES = 16 << 20, /* what the launcher gives each rank */
};

#define TEAM_FILE_MAGIC "michteam"

/* One rank's line of the cache; it alone writes it. Words may be waited for with a shared futex. */
struct team_file_cell {
	_Alignas(64) _Atomic uint32_t ticket; /* how many meetings it has come to */
	_Atomic uint32_t left;		      /* how many it has left again */
	_Atomic int64_t step;		      /* the last one that it began */
	_Atomic uint32_t busy; /* how often it was seen working (lib/learn/team/pulse.h) */
};

struct team_file {
	char magic[8]; /* TEAM_FILE_MAGIC without NUL */
	uint32_t version, ranks;
	uint64_t bytes, data_at, slot_bytes; /* of the file; both multiples of 4096 */
	/* not 0: the run is over, 1 + the rank that failed; whoever waits shall stop, and exit with 76 */
	_Alignas(64) _Atomic uint32_t abort;
	struct team_file_cell cell[];
};

/*
 * Make one without a name in any file system: nothing of it is left when its last user is gone. *fd_out
 * is close-on-exec. ERR_INPUT: ranks is not from 1 to TEAM_FILE_RANKS_MAX; ERR_IO.
 */
int team_file_make(uint32_t ranks, uint64_t slot_bytes, int *fd_out, struct team_file **out);

/* Map the one at path, the value of MICH_TEAM. ERR_CORRUPT: it is none, or of another version. */
int team_file_open(const char *path, struct team_file **out);
void team_file_close(struct team_file *t); /* unmap */

/* The run is over because of `rank`, unless it is over already because of another; wakes who waits. */
void team_file_abort(struct team_file *t, uint32_t rank);
int64_t team_file_aborter(const struct team_file *t); /* the rank; -1: it is not over */

void *team_file_slot(struct team_file *t, uint32_t rank);

#endif
