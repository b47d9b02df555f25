/* run.h - one attempt at making a version: a folder below .git/mich/runs, live while its lock is
 * held. */
#ifndef MICH_RECORD_RUN_RUN_H
#define MICH_RECORD_RUN_RUN_H

#include "lib/base/json.h"

struct repo;

struct run {
	char *id;  /* sortable by time: 20261122T061202-1a2b3c */
	char *dir; /* absolute; holds run.json and whatever the step puts there */
	int lock_fd;
};

/*
 * Make the folder, write run.json (kind, name, manifest so far, host, pid) and hold its OFD lock.
 * The lock's descriptor is close-on-exec but survives fork, so the run is live while any child of
 * the step that did not exec is.
 */
int run_begin(struct repo *r, const char *kind, const char *name, const json_t *manifest,
	      struct run *out);

/* Remove the folder and let go. The version, good or failed, was recorded before. */
void run_end(struct run *run);

/*
 * The kind of a run that makes no version: the validation of the one whose id is the member
 * "validates" of its manifest.
 */
#define RUN_VALIDATION "validation"

/*
 * Record every run of this host whose lock is free as aborted (what it had logged goes along) and
 * remove its folder; a validation whose process is gone has failed. What a killed one still ends is
 * waited for, 5 s at most. Cheap when there is none: one readdir.
 */
int run_sweep(struct repo *r);

/*
 * The live runs: [{kind, name, id, pid, started, dir, validates?}], new reference; validates is the id
 * of the version of a RUN_VALIDATION.
 */
int run_live(struct repo *r, json_t **out);

#endif
