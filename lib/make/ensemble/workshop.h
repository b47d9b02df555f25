/* workshop.h - a step within a step: a model's step run in folders of its own, nothing recorded. */
#ifndef MICH_MAKE_ENSEMBLE_WORKSHOP_H
#define MICH_MAKE_ENSEMBLE_WORKSHOP_H

#include "lib/step/attempt.h"

/*
 * An attempt below another one's run folder: its program writes to the same log under the same limits,
 * and what it leaves lies in its own `out`.
 */
struct workshop {
	struct attempt a;
	struct attempt *outer;
	struct step step; /* what the attempt runs; inputs and content are its own */
	struct step_input data;
};

/*
 * Make dir with its folders. step: what is made, borrowed; its only input is the data set that the
 * caller lays down below workshop_data(), where workshop_begin() finds it.
 */
int workshop_open(struct attempt *outer, const struct step *step, const char *dir,
		  struct workshop *w);
char *workshop_data(const struct workshop *w); /* the folder of the data set; caller frees */

struct spec_node;
/* Run the model's step. The outer attempt knows the last program, for the record. */
int workshop_run(struct workshop *w, const struct spec_node *node);
/* Remove its folder, unless keep. */
void workshop_close(struct workshop *w, bool keep);

#endif
