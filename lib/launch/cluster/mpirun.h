/* mpirun.h - agents started by OpenMPI's mpirun. */
#ifndef MICH_LAUNCH_CLUSTER_MPIRUN_H
#define MICH_LAUNCH_CLUSTER_MPIRUN_H

#include "lib/launch/cluster/cluster.h"

/* ERR_ENGINE: there is no mpirun; ERR_INPUT: the hostfile of the settings cannot be read. */
int mpirun_check(const struct cluster_plan *plan);

/*
 * As process_run, of mpirun with one agent a machine, or slots of them; env has the agents' token and
 * secrets. ERR_ENGINE: there is no mpirun.
 */
int mpirun_run(const struct cluster_plan *plan, const struct strlist *env,
	       struct process_result *out);

/*
 * What mpirun could not do before any agent ran, in its log's last lines: ERR_INPUT with the reason; 0: nothing that we
 * know.
 */
int mpirun_explain(const struct cluster_plan *plan, const char *tail);

#endif
