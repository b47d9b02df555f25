/* planning.h - what the files of a plan share; included by them alone. */
#ifndef MICH_STEP_PLANNING_H
#define MICH_STEP_PLANNING_H

#include "lib/step/plan.h"

struct slot {
	struct plan_item item;
	int progress;
	bool refresh;
};

struct plan {
	struct repo *repo;
	struct spec *spec,
		*head; /* head: HEAD's Michfile; NULL when it has none or it cannot be read */
	bool head_read;
	const struct step_ops *const *ops;
	struct slot *
		*slots; /* (spec->n), as the spec's nodes lie; a pointer each, so they stay put */
	size_t n;
	struct strlist warnings;
	int64_t now_ms;
	plan_watch_fn watch;
	void *watch_payload;
};

/*
 * The slot's node as a step: recipe, code, limits, period and inputs, each of which is resolved first.
 * slot->item.node and .ops are set; .step is filled also when something fails.
 */
int describe_node(struct plan *p, struct slot *slot);

#endif
