/* why.h - every difference behind two results, the nearest cause first. */
#ifndef MICH_STEP_WHY_H
#define MICH_STEP_WHY_H

#include "lib/step/plan.h"

/*
 * Why the node's result is not what an earlier version was: rows {"what", "before", "after"} of the
 * step itself, then, breadth first, of each input that differs, its name before the what. before
 * NULL: the latest good version. No rows: it is current. New reference.
 */
int why_node(struct plan *p, const struct spec_node *node, const struct version *before,
	     json_t **rows);

/* The same between two recorded versions. */
int why_versions(struct repo *r, const struct version *before, const struct version *after,
		 json_t **rows);

#endif
