/* make.h - what the steps of each kind do: the table that a plan is opened with. */
#ifndef MICH_MAKE_MAKE_H
#define MICH_MAKE_MAKE_H

#include "lib/step/plan.h"

/* By enum spec_kind. */
extern const struct step_ops *const make_ops[SPEC_KINDS];

extern const struct step_ops make_dataset, make_model, make_eval, make_prediction, make_bench;

#endif
