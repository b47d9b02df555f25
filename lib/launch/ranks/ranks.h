/*
 * ranks.h - one program as several processes on this machine, a rank each: started together, ended
 * together. Between mich and the ranks stands a launcher, itself a program under process.h's guard, so
 * limits, isolation, log and signals are those of process_run, and nothing is left of any rank nor of
 * what it started, however mich ends.
 */
#ifndef MICH_LAUNCH_RANKS_RANKS_H
#define MICH_LAUNCH_RANKS_RANKS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/launch/process.h"

struct link_plan;

struct ranks_plan {
	/* command or argv, env, dir, log, limits, as for process_run: for all ranks together; no body */
	struct process_plan process;
	int ranks;	       /* of this machine */
	int nodes, node;       /* launchers and this one's place; nodes 0: this one alone */
	int slots, slot;       /* how many of them a machine has, and the place there; 0: one */
	const char *interface; /* by which ranks of several machines talk; NULL: any */
	int port;	       /* where rank 0 listens; 0: a free one, another after each restart */
	int threads;	       /* of all ranks of this machine together */
	bool bind;	       /* give each rank cores of its own, where there are as many */
	int64_t silence_ms;    /* a rank that shows no life for so long has failed; 0: any time */
	int64_t begin_ms;      /* each must have said "ready" by then (lib/base/ctl.h); 0: never */
	int max_restarts;      /* of all ranks together, after a failure of one */
	const char *run_id;    /* what they are told the run is called */
	const struct link_plan *link; /* how launchers of several machines meet; NULL: alone */
	int restart;		      /* how often others have started them already */
	const char *dir; /* a folder made here, for files that are each rank's own; thrown away */
	const char *events; /* rank 0 reports there, the others in dir; NULL: nobody reports */
	const char *
		checkpoint; /* a folder, made here, where ranks leave what a restart goes on from */
	const char *const
		*gpus; /* (ranks): UUIDs, comma between them, that each alone sees; NULL: all */
	const char *const *
		near; /* (ranks): with bind, the cores near each one's GPUs, "0-15"; "": not known */
	bool mpi_env; /* OMPI_COMM_WORLD_RANK and the like, as if mpirun had started them */
};

/* For ranks that were told to end to save their work, where a plan says nothing. */
enum { RANKS_GRACE_MS = 30000 };

enum ranks_end {
	RANKS_FAILED,	/* exited, was killed, or could not be started */
	RANKS_SILENT,	/* showed no life */
	RANKS_NOT_BEGUN /* was not ready in time */
};

enum { RANKS_MAX = 4096, RANKS_LINES = 20, RANKS_LINES_BYTES = 8192 };

struct ranks_result {
	struct process_result process; /* exit_code: the failed rank's own, 0 where it had none */
	int world, restarts;
	int failed; /* the rank that failed first and for good; -1: none */
	enum ranks_end end;
	int64_t step;		       /* its last one known; -1: none */
	int64_t stop_ms;	       /* from seeing the failure to the last process gone */
	char lines[RANKS_LINES_BYTES]; /* the last that it said, at most RANKS_LINES */
};

/*
 * Run all ranks to the end. 0: each exited 0. ERR_STEP: one failed first, and its rank, step and code
 * are in the reason; the others were stopped at once. ERR_BUSY: it exited with 75, asking to be run
 * again later: not started again here. Else as process_run.
 *
 * A rank sees what torchrun would tell it (RANK, WORLD_SIZE, MASTER_ADDR, ...) and MICH_RANK,
 * MICH_WORLD, MICH_RESTART, MICH_CTL_FD (lib/base/ctl.h), MICH_TEAM (lib/base/team_file.h),
 * MICH_ERROR_FILE, and after a restart MICH_RESUME: the newest thing in the folder checkpoint whose
 * name neither begins with a dot nor ends in .tmp or .partial.
 */
int ranks_run(const struct ranks_plan *plan, struct ranks_result *out);

#endif
