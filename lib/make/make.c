/* make.c - the table of kinds. */
#include "lib/make/make.h"

const struct step_ops *const make_ops[SPEC_KINDS] = {
	[SPEC_DATASET] = &make_dataset,	      [SPEC_MODEL] = &make_model, [SPEC_EVAL] = &make_eval,
	[SPEC_PREDICTION] = &make_prediction, [SPEC_BENCH] = &make_bench,
};
