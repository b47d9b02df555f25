/*
 * target.h - another machine, on which a model is measured: HOST as ssh takes it, where mich is on the
 * PATH and nothing else of ours needs to be. ssh is found as git finds it: GIT_SSH_COMMAND,
 * core.sshCommand, GIT_SSH, else ssh.
 */
#ifndef MICH_MAKE_BENCH_TARGET_H
#define MICH_MAKE_BENCH_TARGET_H

#include "lib/make/bench/benchmark.h"
#include "lib/step/attempt.h"

/* ERR_INPUT: no name of a host, such as an option of ssh's. */
int target_check(const char *host);

/*
 * Ask the machine what it is, and remember that in .git/mich/targets.json. 1: it is another one than
 * was remembered; 0: the same. ERR_FAIL: it cannot be reached, or has no mich; ERR_INPUT: what it
 * answered is none.
 */
int target_ask(struct repo *r, const char *host);

/* The hardware's id as remembered, nobody is asked; NULL: it never answered. Caller frees. */
char *target_id(struct repo *r, const char *host);

/*
 * Send the model of the attempt's step and the rows, and have b measured there, under the step's
 * limits. *out: benchjob.h's answer, new reference. Errors as target_ask; ERR_TIMEOUT, ERR_INTERRUPT.
 */
int target_measure(struct attempt *a, const char *host, const struct benchmark *b, json_t **out);

#endif
