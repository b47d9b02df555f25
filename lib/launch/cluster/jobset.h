/* jobset.h - agents started by Kubernetes: a JobSet (jobset.x-k8s.io/v1alpha2), through the user's kubectl. */
#ifndef MICH_LAUNCH_CLUSTER_JOBSET_H
#define MICH_LAUNCH_CLUSTER_JOBSET_H

#include "lib/base/json.h"
#include "lib/launch/cluster/job.h"

extern const struct job_ops jobset_ops;

/*
 * What is applied: a list of a Secret, with the agents' token and the run's secrets out of our environment,
 * and the JobSet, both of that name. New reference. ERR_INPUT: a setting is missing or wrong.
 */
int jobset_manifest(const struct cluster_plan *plan, const char *name, json_t **out);

/* The state in a JobSet as kubectl prints it, n bytes of JSON. ERR_CORRUPT. */
int jobset_state(const char *data, size_t n, enum job_state *state, char why[JOB_WHY_BYTES]);

#endif
