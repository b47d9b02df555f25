/* world.h - a step's program as ranks. */
#ifndef MICH_STEP_WORLD_H
#define MICH_STEP_WORLD_H

#include "lib/step/attempt.h"

/* Does the step ask for ranks, one at least? Else it is one plain process. */
bool world_asked(const struct step *s);

/*
 * What the step asks of its ranks and nobody could give, before anything is started or recorded: GPUs or room
 * that this machine has not, ranks that cannot be spread over machines, settings that are wrong, --echo of ranks
 * that it does not have. ERR_INPUT, ERR_ENGINE.
 */
int world_check(struct repo *r, const struct step *s);

/*
 * As process_run, with the program in as many ranks as the step asks for (lib/launch/ranks/ranks.h). Leaves
 * the fact "ranks": {"world", "restarts", "failed"? {"rank", "step"?, "how", "lines"}}.
 */
int world_run(struct attempt *a, const struct process_plan *program);

#endif
