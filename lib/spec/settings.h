/* settings.h - what git config says about mich itself: mich.jobs and its like. */
#ifndef MICH_SPEC_SETTINGS_H
#define MICH_SPEC_SETTINGS_H

#include <stdint.h>

#include "lib/base/buf.h"

/* Texts are owned, and NULL where nothing was set and there is no default. */
struct settings {
	int64_t jobs;	     /* steps that mich build runs at the same time */
	int64_t cache_bytes; /* what matrices laid down for learners may take */

	char *launch;		    /* "local", "mpi", "slurm", "k8s": who starts ranks */
	int64_t nodes;		    /* over how many machines */
	char *echo;		    /* "0,2": ranks whose lines are shown */
	char *interface;	    /* by which they talk to each other */
	char *agent;		    /* mich's path there */
	int64_t wait_ms;	    /* how long a job may wait for machines */
	char *hostfile, *mpirun;    /* of mpi: the machines, more words */
	char *sbatch, *srun_mpi;    /* of slurm: more words, how MPI programs are started */
	char *image, *volume;	    /* of k8s: what a pod is of, and the claim that it mounts */
	char *kube_context;	    /* which cluster, as kubectl calls it */
	char *kube_namespace, *pod; /* where, and a file with more of its specification */
};

/* One setting's text: 1 and *out, which the caller frees; 0: not set; negative: an error. */
typedef int (*settings_lookup)(void *payload, const char *key, char **out);

/*
 * All of them, with the defaults of what is not set. ERR_INPUT names the key and what would be right.
 * settings_clear() it, after errors too.
 */
int settings_read(settings_lookup lookup, void *payload, struct settings *out);
void settings_clear(struct settings *s);

/* Their list, in scdoc's language. */
void settings_write_scd(struct buf *out);

#endif
