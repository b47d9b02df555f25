/* account.h - what came of one agent's ranks, as it tells mich: a file in the run's folder. */
#ifndef MICH_LAUNCH_CLUSTER_ACCOUNT_H
#define MICH_LAUNCH_CLUSTER_ACCOUNT_H

#include "lib/launch/ranks/ranks.h"

/*
 * "node.N.json" in dir: the code rc with the reason that is set, and the result, which for the first
 * agent is that of all ranks. threads: how many its machine gave them.
 */
int account_write(const char *dir, int node, int rc, const struct ranks_result *result,
		  int threads);

enum account_end {
	ACCOUNT_NONE,	 /* nobody has said anything */
	ACCOUNT_STOPPED, /* they were told to end */
	ACCOUNT_AGAIN,	 /* a rank asks to be run again */
	ACCOUNT_LOST,	 /* an agent is gone, no rank is to blame */
	ACCOUNT_FAILED,	 /* a rank has failed */
	ACCOUNT_SAID	 /* all is said */
};

/* How so many agents ended, as the first one says, or where that has said nothing another. */
enum account_end account_look(const char *dir, int agents);

/* What an agent that was started before under this number left is old. */
void account_forget(const char *dir, int node);
void account_forget_all(const char *dir, int agents);

/*
 * What so many agents left, as one: the result and code of the first, or where that said nothing the code
 * of another; times and memory of all. 1: *code_out is theirs, its reason set; 0: none said
 * anything, or no more than that it was stopped.
 */
int account_read(const char *dir, int agents, struct ranks_result *out, int *threads_out,
		 int *code_out);

#endif
