/* slurm.h - agents started by Slurm: sbatch submits, srun starts one a node. */
#ifndef MICH_LAUNCH_SLURM_H
#define MICH_LAUNCH_SLURM_H

#include "lib/launch/job.h"

extern const struct job_ops slurm_ops;

/* The batch script of a job of that name. */
void slurm_script(const struct cluster_plan *plan, const char *name, struct buf *out);

/* What `squeue -o %T|%r` or sacct say of a job as a state; false for words that are none. */
bool slurm_state(const char *word, enum job_state *out);

#endif
