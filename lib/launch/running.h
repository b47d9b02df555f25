/* running.h - one program while it runs, as mich holds it; inside lib/launch only. */
#ifndef MICH_LAUNCH_RUNNING_H
#define MICH_LAUNCH_RUNNING_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/launch/family.h"
#include "lib/launch/guard.h"
#include "lib/launch/process.h"
#include "lib/launch/sink.h"

/* What we did to our own signals, to be undone. */
struct signals {
	int fd;
	struct sigaction old_pipe;
	sigset_t old_mask;
};

struct running {
	const struct process_plan *plan;
	struct process_result *result;
	struct wires wires;
	struct sink sink;
	struct guard_status status;
	struct remains remains;
	struct children others; /* that we had before, and which are none of this */
	int was_reaper;		/* were we a subreaper before? */
	pid_t guard;
	int64_t start_ms, tick_ms, term_ms; /* monotonic; term_ms 0: not told to end */
	int64_t again_ms;		    /* when it is told so again */
	struct signals signals;
	int interrupted; /* the signal that came; 0: none */
	int broken;	 /* a code: the log could not be written */
	bool over;	 /* the whole tree has ended */
	bool lost;	 /* the guard was killed */
};

/* Nothing is open yet; the caller then opens the sink, or points it to a buffer. */
void running_init(struct running *r, const struct process_plan *plan, struct process_result *out);

/* From the fork to the verdict, as process_run; the caller closes the sink. */
int running_go(struct running *r);

void running_fill(struct running *r);	/* the result, from the guard's status; not elapsed_ms */
int running_verdict(struct running *r); /* the code, with its reason set */

#endif
