/* process.h - run one step's program: its own process group, a log, limits, nothing left behind. */
#ifndef MICH_LAUNCH_PROCESS_H
#define MICH_LAUNCH_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/strlist.h"

/*
 * A folder or file that the program shall see read-only at another place, or at its own. In the
 * order given: a later bind may open a part of an earlier one for writing again.
 */
struct process_bind {
	const char *from, *to; /* absolute; to exists already, of the same type */
	bool writable;
};

struct process_plan {
	const char *command;	 /* a shell line, run by /bin/sh -c; or */
	const char *const *argv; /* a program and its words, NULL-ended; or */
	/* a function of ours in a forked child; its error text comes back */
	int (*body)(void *payload);
	void *payload;
	int input; /* the descriptor of its stdin; 0: nothing comes */
	const struct strlist
		*env;	      /* NAME=VALUE; the whole environment; NULL: ours; ignored for body */
	const char *dir;      /* working directory; NULL: ours */
	const char *log_path; /* stdout and stderr, appended; created; NULL: dropped */
	bool echo;	      /* copy the log to our stderr as it comes */
	const char *
		echo_ranks; /* "0,2": of lines that ranks said ([r1] ...) those of these alone; NULL: all */
	int stop_signal; /* asks the program alone to end, now and again; 0: SIGTERM, all of the tree */
	int64_t grace_ms;      /* between SIGTERM and SIGKILL; 0: 5 s */
	int64_t time_limit_ms; /* 0: none */
	int64_t memory_bytes;  /* 0: none; cgroup where allowed, else RLIMIT_AS */
	bool no_network;       /* own network namespace with lo up; refused where not allowed */
	const struct process_bind *binds;
	size_t n_binds; /* bind mounts in a mount namespace of its own */
	/* called about 10 times a second while it runs; NULL: nothing */
	void (*tick)(void *payload);
	void *tick_payload;
	const char
		*litter; /* a folder from which what it leaves there goes (litter.h); NULL: none */
	/* SIGUSR1 and SIGUSR2, when they come to us, are for those of the program that handle them, or for body */
	bool forward;
	const struct strlist *mask; /* words never to be logged: each becomes ***; NULL: none */
};

struct process_result {
	int exit_code; /* its own; 128 + signal when killed by one */
	int signal;    /* 0: none */
	bool timed_out;
	bool out_of_memory;
	bool interrupted; /* SIGINT, SIGTERM, SIGHUP or SIGQUIT came: the group was stopped */
	int64_t elapsed_ms, user_ms, system_ms, peak_bytes;
	char network[16]; /* "open" or "none": what held, for the manifest */
	char memory[16];  /* "cgroup", "rlimit" or "none" */
	char binds[16];	  /* "bind" or "none" */
};

/*
 * Run to the end. 0 when the program exited 0. ERR_STEP: it failed (result says how); ERR_TIMEOUT;
 * ERR_INTERRUPT: after SIGTERM, then SIGKILL grace_ms later, to the whole tree. ERR_INPUT: a limit was
 * asked that this system does not allow. SIGTSTP stops the tree, then us; neither time nor limits run until we go
 * on. For body: the body's own code, with its error text.
 * Nothing of the program is left alive on return, nor when we are killed ourselves (guard process:
 * a subreaper that holds a pipe to us).
 */
int process_run(const struct process_plan *plan, struct process_result *out);

/*
 * The signal (SIGINT, SIGTERM, SIGHUP, SIGQUIT) that last ended a process_run or process_capture with ERR_INTERRUPT,
 * 0 when none ever did: the exit status is 128 + it.
 */
int process_interrupted(void);
void process_set_interrupted(int sig); /* for whoever waits for processes of its own */

/*
 * How long the program that runs now, which was told to end, has until it is killed, in ms; -1: it was not told. For
 * tick; another SIGINT or the like kills it at once.
 */
int64_t process_ending_ms(void);

/* Can this process make a mount namespace for read-only binds? Found once, by trying in a child. */
bool process_can_bind(void);

/* s as one word of a /bin/sh line; caller frees. */
char *process_quote(const char *s);

/*
 * The last lines of a log, for an error message: what a terminal would show of them, as UTF-8 without
 * control codes; "" when there is no log. Caller frees.
 */
char *process_log_tail(const char *path, int lines);

/* The same of text that a program said. Caller frees. */
char *process_plain(const char *text);

/*
 * Run a helper program in our folder and environment and append its stdout to out (ingest probes,
 * `python3 --version`). Nothing of it is left on return. ERR_STEP when it fails, with the end of what
 * it said on stderr; ERR_TIMEOUT; ERR_INTERRUPT; ERR_INPUT past 16 MiB.
 */
struct buf;
int process_capture(const char *const *argv, int64_t time_limit_ms, struct buf *out);

/* The same, which reads these n bytes on its stdin. */
int process_feed(const char *const *argv, const void *data, size_t n, int64_t time_limit_ms,
		 struct buf *out);

#endif
