/* crew.h - all ranks of a run, as their launcher holds them; inside lib/launch only. */
#ifndef MICH_LAUNCH_RANKS_CREW_H
#define MICH_LAUNCH_RANKS_CREW_H

#include "lib/base/team_file.h"
#include "lib/launch/ranks/crew_report.h"
#include "lib/launch/ranks/rank.h"

struct allies;

struct crew {
	const struct ranks_plan *plan;
	struct crew_report *report;
	struct rank *ranks;
	int n, running;
	int epoll, signals;
	pid_t guard;
	struct team_file *team;
	struct round round;
	struct allies *allies; /* the launchers of other machines; NULL: alone */
	char *resume;	       /* of the round; owned */
	struct buf log;	       /* lines that wait for mich to take them */
	bool full;	       /* too many wait: the ranks' output is left where it is */
	bool told;	       /* to end, by mich: nothing that happens now is a failure */
	bool orphan;	       /* our guard was killed: nobody but us ends the ranks */
	bool stopped;	       /* a rank of another machine has failed */
	int failed;	       /* the rank that failed first in this round; -1: none */
	int spared;	     /* once one failed: the one it is laid to, which is not told to end */
	enum ranks_end end;  /* how */
	int64_t failed_ms;   /* when that, or stopped, was seen */
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

/*
 * What comes from elsewhere and what goes there, for allies.h: all is to stop, and how a failed rank ended;
 * what rank 0 tells all; a descriptor to watch in the round (again with other events: those instead).
 */
void crew_stop(struct crew *c, enum ranks_end end);
void crew_pass_id(struct crew *c, const char *packet, size_t n);
void crew_watch(struct crew *c, int fd, int peer, uint32_t events);
void crew_take_signals(struct crew *c);
bool crew_is_stopping(const struct crew *c); /* a rank has failed, here or elsewhere */

enum { CREW_LOG_BYTES = 1 << 20 }; /* more do not wait: ranks' output is left where it is */

#endif
