/* agent.h - the ranks of one machine of several: what `mich agent` does. */
#ifndef MICH_LAUNCH_CLUSTER_AGENT_H
#define MICH_LAUNCH_CLUSTER_AGENT_H

/*
 * Run this machine's ranks of the run whose folder for agents is dir (cluster_plan.dir), as orders.h has
 * it there, and leave an account of it. Which agent this is, the engine that started it tells in the
 * environment. Its log goes to our stderr: that of all ranks from the first agent, nothing from the
 * others. 0 also where another agent's rank has failed: the first one says so. ERR_INPUT: no engine has
 * started this, or the folder is not seen here.
 */
int agent_run(const char *dir);

#endif
