/*
 * cluster.h - ranks on machines that OpenMPI, Slurm or Kubernetes gives us. They start one `mich agent` a
 * machine (or a rank, where ranks are MPI processes), which starts the ranks there as ranks.h does; the
 * agents meet (link.h), and the first one writes to the run's folder what came of it all. That folder must
 * be seen by all of them.
 */
#ifndef MICH_LAUNCH_CLUSTER_CLUSTER_H
#define MICH_LAUNCH_CLUSTER_CLUSTER_H

#include "lib/launch/ranks/ranks.h"

enum cluster_engine { CLUSTER_MPI, CLUSTER_SLURM, CLUSTER_K8S };

struct cluster_plan {
	struct ranks_plan ranks; /* as for one machine, .ranks in all; .gpus is not read */
	enum cluster_engine engine;
	int nodes;     /* over which they are spread evenly */
	bool mpi;      /* ranks of several machines, with mpi_env of one too, shall be MPI's */
	int gpus;      /* in all */
	bool all_gpus; /* each rank sees all of its machine */
	int slots;     /* set by cluster_run: agents a machine */
	int restart;   /* set by cluster_run: how often mpirun was run before */
	const struct strlist *secret;  /* names of variables of ours that the ranks see */
	const char *dir;	       /* made here: for orders and reports */
	const char *interface;	       /* by which the machines talk; NULL: any */
	const char *agent;	       /* mich's path there; NULL: as here */
	int64_t wait_ms;	       /* how long a job may wait for machines; 0: for ever */
	const char *hostfile, *mpirun; /* lib/spec/settings.h; NULL: not set */
	const char *sbatch, *srun_mpi;
	const char *image, *volume, *kube_context, *kube_namespace, *pod;
};

/*
 * What nobody could run, before anything is started. ERR_ENGINE: there is no mpirun, sbatch or kubectl
 * here; ERR_INPUT: the ranks cannot be spread so.
 */
int cluster_check(const struct cluster_plan *plan);

/*
 * Run all ranks to the end, as ranks_run. As cluster_check; ERR_INPUT: also a machine that does not see the run's
 * folder; ERR_BUSY, ERR_TIMEOUT: also as job.h has them. The threads that a machine had, or 0, go to *threads_out.
 */
int cluster_run(struct cluster_plan *plan, struct ranks_result *out, int *threads_out);

/* "mpi", "slurm", "k8s". */
const char *cluster_name(enum cluster_engine engine);

#endif
