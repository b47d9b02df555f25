/* remains.c - make a group, look at a folder; later remove what is there of ours. */
#include "lib/launch/remains.h"

#include "lib/launch/litter.h"

void remains_open(const struct process_plan *plan, struct remains *out)
{
	*out = (struct remains){ .litter = STRLIST_INIT };
	if (plan->memory_bytes > 0)
		cgroup_open(&out->group, plan->memory_bytes);
	if (plan->litter)
		litter_list(plan->litter, &out->litter);
}

void remains_remove(const struct process_plan *plan, struct remains *r)
{
	if (plan->litter)
		litter_clear(plan->litter, &r->litter);
	cgroup_close(&r->group);
}

void remains_clear(struct remains *r)
{
	strlist_clear(&r->litter);
}
