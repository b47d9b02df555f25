/* child.h - what happens between fork and exec. */
#ifndef MICH_LAUNCH_CHILD_H
#define MICH_LAUNCH_CHILD_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/launch/process.h"

/* The pipes between mich, the guard and the program; every end is close-on-exec. */
struct wires {
	int control[2]; /* mich to guard, a byte an order; its end says that mich is gone */
	int status[2];	/* guard to mich, one struct guard_status */
	int report[2];	/* child to mich: why it could not start, or a body's error */
	int out[2];	/* stdout and stderr to mich */
	int stderr_fd;	/* stderr alone; -1: with stdout */
	int go[2];	/* guard to child: its memory limit is in place, see enum go */
};

enum go { GO_CGROUP = 'c', GO_RLIMIT = 'r', GO_LOST = 'l' };

/* What a child reports: this, then the text and the hint, without NUL. */
struct child_report {
	int32_t code;
	uint32_t text_bytes, hint_bytes;
};

/* In the forked child: become the program, or run the body and exit. 127: not found; 126: refused. */
_Noreturn void child_main(const struct process_plan *plan, const struct wires *w, pid_t guard);

/* In mich, when all is over: the reported code, with its reason set; 0 when nothing was reported. */
int child_read_report(int fd);

#endif
