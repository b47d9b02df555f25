/*
 * remains.h - what of a program its processes do not take with them: the control group of its memory, and what
 * it left in /dev/shm. Made before the guard, which clears it; mich does where the guard was killed.
 */
#ifndef MICH_LAUNCH_REMAINS_H
#define MICH_LAUNCH_REMAINS_H

#include "lib/base/strlist.h"
#include "lib/launch/cgroup.h"
#include "lib/launch/process.h"

struct remains {
	struct cgroup group;   /* of the plan's memory limit; none where it is not allowed */
	struct strlist litter; /* what was there before */
};

void remains_open(const struct process_plan *plan, struct remains *out);

/* All processes have ended: nothing of it is left. */
void remains_remove(const struct process_plan *plan, struct remains *r);
void remains_clear(struct remains *r); /* the memory of it alone */

#endif
