/*
 * checkpoints.h - what a training that was cut short leaves to the next one of the same fingerprint, in
 * .git/mich/checkpoints/FINGERPRINT: the folder "checkpoint" of its run, and its events so far. No part of any
 * version: it may be thrown away at any time.
 */
#ifndef MICH_RECORD_RUN_CHECKPOINTS_H
#define MICH_RECORD_RUN_CHECKPOINTS_H

#include <stdbool.h>

struct repo;

/* Take what lies in a run's folder out of it, in place of what was kept before. false: there is nothing. */
bool checkpoints_keep(struct repo *r, const char *fingerprint, const char *run_dir);

/* Put it into a new run's folder; false: there is none. What nobody took for 30 days is thrown away. */
bool checkpoints_take(struct repo *r, const char *fingerprint, const char *run_dir);

#endif
