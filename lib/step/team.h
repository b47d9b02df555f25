/* team.h - a step's program as ranks. */
#ifndef MICH_STEP_TEAM_H
#define MICH_STEP_TEAM_H

#include "lib/step/attempt.h"

/*
 * As process_run, with the program in as many ranks as the step asks for (lib/launch/ranks.h). Leaves
 * the fact "ranks": {"world", "restarts", "failed"? {"rank", "step"?, "how", "lines"}}.
 */
int team_run(struct attempt *a, const struct process_plan *program);

#endif
