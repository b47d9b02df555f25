/* baseline.h - the first model to try on a table, and the figures that guessing would reach. */
#ifndef MICH_SPEC_BASELINE_H
#define MICH_SPEC_BASELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/base/strlist.h"
#include "lib/spec/spec.h"

struct baseline {
	enum spec_task task;  /* never SPEC_TASK_AUTO */
	bool classes;	      /* whole numbers that may be names of classes as well */
	bool validation;      /* there are rows to stop early by */
	struct strlist gates; /* "test.rmse < 44.63" */
	struct strlist
		exclude; /* columns that tell rows apart and teach nothing, or are no input */
};

#define BASELINE_INIT \
	{             \
		0     \
	}

/*
 * Judge by the profile of a data set's splits (lib/table/profile/profile.h has its shape). The gates ask
 * for more than a model reaches that knows the label's distribution and nothing else. ERR_INPUT:
 * there is no such column, it is constant or nothing that can be learned, or the test split is
 * empty. The caller clears out, after errors too.
 */
int baseline_read(const json_t *profile, const char *label, struct baseline *out);
void baseline_clear(struct baseline *b);

#endif
