/* mpirun.c - its command line. */
#define _GNU_SOURCE
#include "lib/launch/mpirun.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/engine.h"
#include "lib/base/error.h"
#include "lib/launch/dispatch.h"

/* Secrets go by name alone: nothing of them is on a command line. */
static void build(const struct cluster_plan *c, struct strlist *argv)
{
	strlist_add(argv, "mpirun");
	if (geteuid() == 0)
		strlist_add(argv, "--allow-run-as-root");
	if (c->hostfile) {
		strlist_add(argv, "--hostfile");
		strlist_add(argv, c->hostfile);
	}
	strlist_add(argv, "-np");
	strlist_addf(argv, "%d", c->slots * c->nodes);
	strlist_add(argv, "--map-by");
	strlist_addf(argv, "ppr:%d:node", c->slots);
	strlist_add(argv, "--bind-to"); /* the agents bind their ranks */
	strlist_add(argv, "none");
	dispatch_names(c, "-x", argv);
	if (c->mpirun)
		strlist_split(argv, c->mpirun, " \t");
	dispatch_agent(c, argv);
}

/* mpirun itself would call it an internal error. */
static int check_hostfile(const struct cluster_plan *c)
{
	if (!c->hostfile || access(c->hostfile, R_OK) == 0)
		return 0;
	error_set(ERR_INPUT, "the setting 'mich.mpi.hostfile': cannot read '%s': %s", c->hostfile,
		  strerror(errno));
	return error_hint(ERR_INPUT, "git config mich.mpi.hostfile FILE");
}

int mpirun_check(const struct cluster_plan *plan)
{
	int rc = dispatch_find("mpirun", "openmpi-bin");

	return rc ? rc : check_hostfile(plan);
}

int mpirun_run(const struct cluster_plan *plan, const struct strlist *env,
	       struct process_result *out)
{
	struct strlist argv = STRLIST_INIT;
	struct process_plan p = dispatch_process(plan);
	int rc;

	build(plan, &argv);
	p.argv = (const char *const *)argv.v;
	p.env = env;
	/* told by SIGTERM it would kill the agents a second later, whatever they still do */
	p.stop_signal = DISPATCH_STOP;
	rc = mpirun_check(plan);
	if (!rc)
		rc = process_run(&p, out);
	strlist_clear(&argv);
	return rc;
}
