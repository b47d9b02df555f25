/* pods.h - the pods of a JobSet, through kubectl: what they say, and why they do not begin. */
#ifndef MICH_LAUNCH_CLUSTER_PODS_H
#define MICH_LAUNCH_CLUSTER_PODS_H

#include "lib/launch/cluster/job.h"

/* The first words of any question: kubectl, which cluster, and the namespace. */
void pods_kubectl(const struct job *j, struct strlist *argv);

/* Pass on what the agents said since; each line once, however often the connection breaks. As job_ops.talk. */
void pods_talk(struct job *j, bool last);

/* Ask why pods wait, where one says so; why is left alone else. */
void pods_ask(const struct job *j, char why[JOB_WHY_BYTES]);

/*
 * Why the first pod that says so does not begin, in n bytes that kubectl printed of all: "ImagePullBackOff: ...",
 * "Unschedulable: 0/3 nodes are available". False: none says so, or this is no list of pods.
 */
bool pods_read(const char *data, size_t n, char why[JOB_WHY_BYTES]);

#endif
