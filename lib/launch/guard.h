/* guard.h - the process between mich and a program, which outlives neither. */
#ifndef MICH_LAUNCH_GUARD_H
#define MICH_LAUNCH_GUARD_H

#include <stdint.h>

#include "lib/launch/child.h"
#include "lib/launch/remains.h"
#include "lib/launch/sink.h"

enum guard_order {
	GUARD_TERM = 'T',
	GUARD_KILL = 'K',
	GUARD_USR1 = '1', /* to the program alone */
	GUARD_USR2 = '2',
	GUARD_STOP = 'S', /* SIGSTOP to all below the guard */
	GUARD_CONT = 'C',
};

/* How it went; sent when the program and everything below it has ended. */
struct guard_status {
	int32_t pid; /* of the program; sent twice, first with ended 0, when it was forked */
	int32_t ended;
	int32_t wait_status;			/* the program's own, as from wait */
	int32_t cgroup;				/* the memory limit was a control group */
	int32_t hit_limit;			/* something in it was killed for memory */
	int32_t fork_errno;			/* not 0: no program was started */
	int64_t user_ms, system_ms, peak_bytes; /* of all of the tree */
};

/*
 * In a process forked from mich: a group of its own, the subreaper of all that the program starts.
 * Starts the program, passes orders on to the whole tree, and ends when the tree has ended. When
 * mich dies, however that happens, the control pipe ends and the tree is killed at once; what it had
 * said and mich had not read goes to the log then. When it is killed itself, mich is the next subreaper.
 */
_Noreturn void guard_main(const struct process_plan *plan, struct wires *w, struct sink *log,
			  struct remains *remains);

#endif
