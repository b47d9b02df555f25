/* slurm.h - agents started by Slurm: sbatch submits, srun starts one a node. */
#ifndef MICH_LAUNCH_CLUSTER_SLURM_H
#define MICH_LAUNCH_CLUSTER_SLURM_H

#include "lib/launch/cluster/job.h"

extern const struct job_ops slurm_ops;

/* The batch script of a job of that name. */
void slurm_script(const struct cluster_plan *plan, const char *name, struct buf *out);

/*
 * How long ranks may take to end once they are asked to, of wanted_ms (0: RANKS_GRACE_MS): three quarters of
 * Slurm's KillWait at most. At its end Slurm kills the agents, and nobody is left to end what ranks
 * started beside them.
 */
int64_t slurm_grace_ms(int64_t wanted_ms);

/*
 * What `squeue -h -o %T|%r` or `sacct -n -P -o State` printed of one job, n bytes: its state, and why it waits or how it
 * ended. False: no state that Slurm has stands there.
 */
bool slurm_read(const char *said, size_t n, enum job_state *state, char why[JOB_WHY_BYTES]);

#endif
