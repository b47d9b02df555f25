/* dispatch.h - what all engines need to be told of a run: programs, names, words. */
#ifndef MICH_LAUNCH_CLUSTER_DISPATCH_H
#define MICH_LAUNCH_CLUSTER_DISPATCH_H

#include <signal.h>

#include "lib/launch/cluster/cluster.h"

/* How often the agents were started before, where the engine does not count it: in their environment. */
#define RESTART_VARIABLE "MICH_AGENT_RESTART"

/* As SIGTERM to an agent; OpenMPI's mpirun passes it on to all of them, as it does not SIGTERM. */
enum { DISPATCH_STOP = SIGALRM };

/* Is the program on our PATH? ERR_ENGINE with the package that has it. */
int dispatch_find(const char *program, const char *package);

/* Before each name of what agents get in their environment, the token's and the secrets', an option. */
void dispatch_names(const struct cluster_plan *plan, const char *option, struct strlist *argv);

/* The agent's own words: "PATH/mich" "agent" DIR. */
void dispatch_agent(const struct cluster_plan *plan, struct strlist *argv);

/* "mich-RUN", lower case, as a job is called; caller frees. */
char *dispatch_name(const struct cluster_plan *plan);

/* What of the plan concerns the engine's process here: log, time limit, signals. No program yet. */
struct process_plan dispatch_process(const struct cluster_plan *plan);

#endif
