/* ranks.c - mich's side of a run of ranks: the launcher under a guard, and what it reports. */
#define _GNU_SOURCE
#include "lib/launch/ranks/ranks.h"

#include <string.h>
#include <sys/mman.h>

#include "lib/base/error.h"
#include "lib/launch/ranks/crew.h"

static int check(const struct ranks_plan *p)
{
	if (p->ranks < 1 || p->ranks > RANKS_MAX)
		return error_set(ERR_INPUT, "cannot run %d ranks: want 1 to %d", p->ranks,
				 RANKS_MAX);
	if (p->process.body || !p->dir)
		return error_set(ERR_FAIL, "ranks need a program and a folder");
	return 0;
}

static void fill(const struct ranks_plan *p, const struct crew_report *report,
		 struct ranks_result *out)
{
	out->world = p->ranks * (p->nodes ? p->nodes : 1);
	out->restarts = report->restarts;
	out->failed = report->failed;
	out->end = (enum ranks_end)report->end;
	out->step = report->step;
	out->stop_ms = report->stop_ms;
	memcpy(out->lines, report->lines, sizeof out->lines);
	if (report->failed >= 0) {
		out->process.exit_code = report->exit_code;
		out->process.signal = report->signal;
	}
}

/* It ends by a code of ours, whatever becomes of the ranks: who killed it did not mean one of them. */
static int launcher_lost(const struct process_result *ended)
{
	error_set(
		ERR_STEP,
		"the process that starts the ranks (mich-ranks) was killed by signal %d (%s), and all ranks with it",
		ended->signal, strsignal(ended->signal));
	return error_hint(ERR_STEP,
			  "see who did: dmesg | tail (want of memory?), then type the same again");
}

int ranks_run(const struct ranks_plan *plan, struct ranks_result *out)
{
	struct crew_plan crew = { .plan = plan };
	struct process_plan launcher = plan->process;
	int rc;

	*out = (struct ranks_result){ .failed = -1, .step = -1 };
	if ((rc = check(plan)) < 0)
		return rc;
	crew.report = mmap(NULL, sizeof *crew.report, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (crew.report == MAP_FAILED)
		return error_errno("cannot share memory with the launcher of ranks");
	crew.report->failed = -1;
	crew.report->step = -1;
	launcher.command = NULL;
	launcher.argv = NULL;
	launcher.body = crew_main;
	launcher.payload = &crew;
	launcher.forward = true;
	if (!launcher.litter)
		launcher.litter = "/dev/shm";
	if (!launcher.grace_ms)
		launcher.grace_ms = RANKS_GRACE_MS;
	rc = process_run(&launcher, &out->process);
	if (rc == ERR_STEP && out->process.signal && !out->process.out_of_memory)
		rc = launcher_lost(&out->process);
	fill(plan, crew.report, out);
	munmap(crew.report, sizeof *crew.report);
	return rc;
}
