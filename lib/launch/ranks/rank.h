/* rank.h - one rank of a run: its process, what it says, what is known of it. Launcher's side. */
#ifndef MICH_LAUNCH_RANKS_RANK_H
#define MICH_LAUNCH_RANKS_RANK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "lib/launch/ranks/lines.h"
#include "lib/launch/ranks/ranks.h"
#include "lib/launch/sink.h"

struct rank {
	int rank, local;
	pid_t pid;
	int pidfd, out, err, ctl; /* our ends; -1: closed */
	struct lines said, complained;
	struct sink raw;	/* all that it wrote, as it came */
	struct lines_tail tail; /* the last of both */
	char *dir, *events, *error_file;
	int64_t alive_ms; /* when it last showed life, monotonic */
	int64_t step;	  /* -1: not told */
	int64_t events_bytes;
	bool speaks; /* it uses the channel */
	bool ready;
	bool waits; /* it has come to where it waits for the others */
	bool ended;
	int status;	 /* as from wait, when ended */
	int start_errno; /* not 0: it could not be exec'd */
};

/* What a round, from a start to its end, gives to every rank. */
struct round {
	const struct ranks_plan *plan;
	int restart, port;
	int team;	     /* descriptor of the memory that they share */
	const char *resume;  /* NULL: begin at the beginning */
	const char *address; /* of rank 0's machine; NULL: 127.0.0.1 */
	struct rlimit
		files; /* how many a rank may open: what was before the launcher's own; 0: not known */
};

/* The rank's place, its folder and files; nothing runs yet. */
int rank_init(struct rank *r, const struct ranks_plan *plan, int local);
void rank_clear(struct rank *r);

/* Fork it. A program that cannot be exec'd is an ended rank with start_errno, not an error. */
int rank_start(struct rank *r, const struct round *round);

/* Close what was open of a process that is gone. */
void rank_close(struct rank *r);

/* Look at what it reports by itself: a grown events file is a sign of life, and tells its step. */
void rank_look(struct rank *r, int64_t now_ms);

/* Did it fail, by what is known of its end? */
bool rank_failed(const struct rank *r);
int rank_exit_code(const struct rank *r); /* 128 + signal where one killed it */

#endif
