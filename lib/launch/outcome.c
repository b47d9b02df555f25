/* outcome.c - what a run came to: the result's fields, and the reason in words. */
#define _GNU_SOURCE
#include "lib/launch/running.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"

static int guard_lost(void)
{
	error_set(ERR_FAIL,
		  "the process that guards the program (mich-guard) was killed, and all of the "
		  "program with it");
	return error_hint(ERR_FAIL,
			  "see who did: dmesg | tail (want of memory?), then type the same again");
}

void running_fill(struct running *r)
{
	struct process_result *out = r->result;
	const struct guard_status *st = &r->status;

	out->user_ms = st->user_ms;
	out->system_ms = st->system_ms;
	out->peak_bytes = st->peak_bytes;
	out->interrupted = r->interrupted != 0;
	out->out_of_memory = st->hit_limit && st->wait_status != 0;
	if (WIFSIGNALED(st->wait_status)) {
		out->signal = WTERMSIG(st->wait_status);
		out->exit_code = 128 + out->signal;
	} else {
		out->exit_code = WEXITSTATUS(st->wait_status);
	}
	snprintf(out->network, sizeof out->network, "%s", r->plan->no_network ? "none" : "open");
	snprintf(out->binds, sizeof out->binds, "%s", r->plan->n_binds ? "bind" : "none");
	snprintf(out->memory, sizeof out->memory, "%s",
		 st->cgroup		     ? "cgroup"
		 : r->plan->memory_bytes > 0 ? "rlimit"
					     : "none");
}

static const char *exit_meaning(int code)
{
	return code == 127 ? " (command not found)" : code == 126 ? " (cannot be executed)" : "";
}

/* The most telling reason first. */
int running_verdict(struct running *r)
{
	struct process_result *out = r->result;
	char span[64];
	int rc;

	if (out->interrupted)
		return error_set(ERR_INTERRUPT, "stopped by %s",
				 r->interrupted == SIGINT    ? "Ctrl-C"
				 : r->interrupted == SIGHUP  ? "SIGHUP"
				 : r->interrupted == SIGQUIT ? "SIGQUIT"
							     : "SIGTERM");
	if (out->timed_out) {
		clock_span(r->plan->time_limit_ms, span, sizeof span);
		return error_set(ERR_TIMEOUT, "stopped at its time limit of %s", span);
	}
	if (r->lost)
		return guard_lost();
	if (r->broken)
		return r->broken;
	if (r->status.fork_errno) {
		errno = r->status.fork_errno;
		return error_errno("cannot start a process");
	}
	if (out->out_of_memory)
		return error_set(ERR_STEP, "killed at its memory limit of %lld MiB",
				 (long long)(r->plan->memory_bytes >> 20));
	if ((rc = child_read_report(r->wires.report[0])) < 0)
		return rc;
	if (out->signal)
		return error_set(ERR_STEP, "killed by signal %d (%s)", out->signal,
				 strsignal(out->signal));
	if (out->exit_code)
		return error_set(ERR_STEP, "exited with code %d%s", out->exit_code,
				 r->plan->body ? "" : exit_meaning(out->exit_code));
	return 0;
}
