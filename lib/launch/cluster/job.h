/*
 * job.h - agents that another program starts when it has room for them, and which run without us: a job is
 * submitted, its log followed, its state asked for now and then, and it is cancelled when mich is told to
 * end or is killed.
 */
#ifndef MICH_LAUNCH_CLUSTER_JOB_H
#define MICH_LAUNCH_CLUSTER_JOB_H

#include "lib/launch/cluster/cluster.h"
#include "lib/launch/cluster/stamped.h"

/* JOB_LATE: the engine's own time limit; JOB_LOST: a machine failed, or somebody else's job was preferred. */
enum job_state {
	JOB_WAITS,
	JOB_RUNS,
	JOB_DONE,
	JOB_FAILED,
	JOB_LATE,
	JOB_LOST,
	JOB_CANCELLED,
	JOB_GONE
};

enum { JOB_WHY_BYTES = 256 };

struct job {
	const struct cluster_plan *plan;
	const struct strlist
		*env; /* NAME=VALUE of the agents' secrets, more than ours; not the token's alone */
	const struct job_ops *ops;
	char *name;		/* "mich-RUN", which nobody else's job has */
	char *id;		/* as the engine calls it; NULL: not submitted yet */
	int log;		/* for ops; -1: not open */
	int pid;		/* for ops; 0: none */
	int64_t again_ms;	/* for ops */
	bool runs;		/* for ops */
	struct stamped stamped; /* for ops */
};

struct job_ops {
	const char *program, *package; /* that must be there */
	/* all in a child of mich whose stdout is the run's log, with the agents' environment */
	int (*submit)(struct job *j); /* sets id */
	/* Why it waits, or how it failed, goes to why. A negative code: the engine does not answer now. */
	int (*look)(struct job *j, enum job_state *state, char why[JOB_WHY_BYTES]);
	void (*talk)(struct job *j, bool last); /* pass on what the agents said since */
	void (*cancel)(struct job *j);
	/* One that has ended is to be queued once more, under its id; NULL: it cannot. */
	int (*again)(struct job *j);
	void (*tidy)(struct job *j);		/* after its end; NULL: nothing is left of it */
	void (*signal)(struct job *j, int sig); /* NULL: it cannot */
	/* in mich: the words that cancel it by its name alone, NULL-ended */
	void (*cancel_words)(const struct job *j, struct strlist *argv);
};

/*
 * From the submission to the end, as process_run; env has the token and secrets of the agents. The time limit begins
 * when the job runs. ERR_BUSY: it waited for too long, or was ended from outside before the agents had said what came
 * of it. Where the engine can, a job that was JOB_LATE or JOB_LOST, or whose ranks asked for it with 75, is queued
 * again, as often as ranks may be started again.
 */
int job_run(const struct cluster_plan *plan, const struct strlist *env, const struct job_ops *ops,
	    struct process_result *out);

/* Run a program and take what it prints, within half a minute; caller clears said. As process_capture. */
int job_ask(const struct strlist *argv, struct buf *said);

#endif
