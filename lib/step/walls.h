/* walls.h - what a step's program may not write on: the whole record but its own run folder. */
#ifndef MICH_STEP_WALLS_H
#define MICH_STEP_WALLS_H

#include <stddef.h>

#include "lib/base/strlist.h"
#include "lib/launch/process.h"

struct attempt;

struct walls {
	struct process_bind v[5];
	size_t n;	     /* 0 where the system allows no mount namespace */
	struct strlist path; /* what v points to */
};

void walls_build(const struct attempt *a, struct walls *w);
void walls_clear(struct walls *w);

#endif
