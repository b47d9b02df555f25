/* cgroup.h - a control group that holds one program's memory. */
#ifndef MICH_LAUNCH_CGROUP_H
#define MICH_LAUNCH_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct cgroup {
	char dir[512]; /* "": none */
	bool v1;
};

/*
 * Make a group of at most memory_bytes, without swap, below ours or beside it, wherever this user
 * may: version 2, else version 1. Negative, with no reason set, where neither is allowed. Empty ones
 * that a killed mich left there a minute ago or more are removed.
 */
int cgroup_open(struct cgroup *g, int64_t memory_bytes);
int cgroup_join(const struct cgroup *g, pid_t pid); /* negative: not allowed */
bool cgroup_hit_limit(const struct cgroup *g);	    /* something in it was killed for memory */
int64_t cgroup_peak_bytes(const struct cgroup *g);  /* 0: not known */
void cgroup_close(struct cgroup *g);		    /* remove it; everything in it has ended */

#endif
