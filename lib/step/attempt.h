/*
 * attempt.h - making a step's result once: a fresh folder, the inputs and the code as recorded in
 * it, programs run in it, and whatever comes of it recorded, good or not.
 */
#ifndef MICH_STEP_ATTEMPT_H
#define MICH_STEP_ATTEMPT_H

#include "lib/launch/process.h"
#include "lib/record/run/run.h"
#include "lib/step/step.h"

struct attempt {
	struct repo *repo;
	const struct step *step;
	struct run run;
	char *work; /* where a command starts: the code as recorded lies here; thrown away */
	char *in;   /* in/ROLE/...: the inputs, which no program can change */
	char *out;  /* MICH_OUT: its files become the version's */
	char *tmp;  /* scratch */
	char *log, *events;
	int threads; /* how many the step may use; recorded */
	bool apart;  /* its program runs where nothing can be mounted: the inputs are copies */
	bool echo;   /* copy the log to stderr as it comes */
	/* called about 10 times a second while a program runs; may be NULL */
	void (*tick)(void *attempt);
	void *tick_payload;
	int64_t started_ms;
	struct process_result last; /* of the program that ran last */
	bool ran;		    /* a program ran: last means something */
	struct strlist extra;	    /* NAME=VALUE more for the programs that the kind runs */
	json_t *metrics, *profile;  /* what the kind has to say of the result; may be NULL */
	json_t *judged; /* rows {"what", "ok", "why", "rows"} of checks that the kind ran; may be NULL */
	json_t *facts; /* more members of the manifest */
};

/*
 * Make the run folder, import the sources, place code, then inputs: private ones that the program
 * may change when the step asks for copies. On failure nothing is left.
 */
int attempt_begin(struct repo *r, const struct step *s, bool echo, struct attempt *a);

/* Run the step's command, or argv (NULL-ended) when it is given, under the step's limits. */
int attempt_program(struct attempt *a, const char *const *argv);

/* Run a function of ours in a child of its own, under the same limits; results go by files in out/tmp. */
int attempt_body(struct attempt *a, int (*body)(void *), void *payload);

/*
 * Run a shell line of ours in our own environment and folder, for what reaches other machines; its
 * stdout and stderr are the log. time_limit_ms holds where the step has no limit of its own.
 */
int attempt_helper(struct attempt *a, const char *command, int64_t time_limit_ms);

/* Where an input lies for the program: in/ROLE, or in/ROLE/NAME for a single file. Caller frees. */
char *attempt_input_path(const struct attempt *a, const struct step_input *in);

/*
 * Record what came of it: good when rc is 0 and what it made can be recorded, aborted when it was
 * interrupted, else failed with the reason that is set. Removes the run folder. Returns rc when it is
 * not 0 (the reason kept), else what recording gave. *out is the version whenever one was recorded.
 */
int attempt_finish(struct attempt *a, int rc, struct version *out);

/* Remove the run folder; nothing is recorded. */
void attempt_discard(struct attempt *a);

#endif
