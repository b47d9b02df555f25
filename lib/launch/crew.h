/* crew.h - all ranks of a run, as their launcher holds them; inside lib/launch only. */
#ifndef MICH_LAUNCH_CREW_H
#define MICH_LAUNCH_CREW_H

#include "lib/base/team_file.h"
#include "lib/launch/rank.h"

/* What the launcher tells mich, in memory that both have. */
struct crew_report {
	int restarts, failed, end, exit_code, signal;
	int64_t step, stop_ms;
	char lines[RANKS_LINES_BYTES];
};

struct crew {
	const struct ranks_plan *plan;
	struct crew_report *report;
	struct rank *ranks;
	int n, running;
	int epoll, signals;
	struct team_file *team;
	struct round round;
	struct buf log;	     /* lines that wait for mich to take them */
	bool full;	     /* too many wait: the ranks' output is left where it is */
	bool told;	     /* to end, by mich: nothing that happens now is a failure */
	int failed;	     /* the rank that failed first in this round; -1: none */
	int spared;	     /* once one failed: the one it is laid to, which is not told to end */
	enum ranks_end end;  /* how */
	int64_t failed_ms;   /* when that was seen */
	int64_t start_ms;    /* of the round */
	int64_t attended_ms; /* when the clock was looked at last */
};

/* The launcher: runs rounds until all is well or a failure stands. As a body of process_run. */
int crew_main(void *crew_plan);

struct crew_plan {
	const struct ranks_plan *plan;
	struct crew_report *report;
};

/* A line of the launcher's own in the log: "[mich] ...". */
__attribute__((format(printf, 2, 3))) void crew_say(struct crew *c, const char *fmt, ...);

/* One round: from the start of all ranks to the end of all; c->failed says how it went. */
int crew_round(struct crew *c);

/* The reason of the failure in words, and the report; a code. */
int crew_verdict(struct crew *c);

#endif
