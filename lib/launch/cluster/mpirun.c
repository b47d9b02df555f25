/* mpirun.c - its command line. */
#define _GNU_SOURCE
#include "lib/launch/cluster/mpirun.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/engine.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/launch/cluster/dispatch.h"

enum { VERSION_MS = 30000 };

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
	strlist_add(argv, "-x");
	strlist_add(argv, RESTART_VARIABLE);
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

/* MPICH's and Intel's have the same name, and other options. */
static int check_kind(void)
{
	static const char *const argv[] = { "mpirun", "--version", NULL };
	struct buf said = BUF_INIT;
	int rc = process_capture(argv, VERSION_MS, &said);

	if (!rc && !strstr(said.data, "Open MPI") && !strstr(said.data, "OpenRTE")) {
		rc = error_set(ERR_ENGINE, "the mpirun on PATH is not OpenMPI's: it says '%.*s'",
			       (int)strcspn(said.data, "\n"), said.data);
		error_hint(rc, "install openmpi-bin, and have it first on PATH");
	}
	buf_clear(&said);
	return rc;
}

/* The line of text in which the words are. */
static int line_of(const char *text, const char *at, const char **start)
{
	while (at > text && at[-1] != '\n')
		at--;
	*start = at;
	return (int)strcspn(at, "\r\n");
}

static const char *find_any(const char *text, const char *const *words, size_t n)
{
	const char *at = NULL;

	for (size_t i = 0; i < n && !at; i++)
		at = strstr(text, words[i]);
	return at;
}

int mpirun_explain(const struct cluster_plan *c, const char *tail)
{
	static const char *const shell[] = { "ssh: ", "Permission denied (",
					     "Host key verification failed" };
	static const char *const few[] = { "more processes than the ppr", "No nodes are available",
					   "not enough slots" };
	const char *at = find_any(tail, shell, ARRAY_LEN(shell)), *start;

	if (at) {
		int n = line_of(tail, at, &start);

		error_set(ERR_INPUT, "mpirun cannot start an agent: %.*s", n, start);
		return error_hint(ERR_INPUT, "ssh HOST true has to work without a question");
	}
	if (!find_any(tail, few, ARRAY_LEN(few)))
		return 0;
	error_set(ERR_INPUT, "mpirun has not the %d machine%s that the ranks want%s", c->nodes,
		  c->nodes == 1 ? "" : "s", c->slots > 1 ? ", or too few slots there" : "");
	return error_hint(ERR_INPUT,
			  "a line 'HOST slots=%d' for each in the file of mich.mpi.hostfile, or "
			  "fewer --nodes",
			  c->ranks.ranks / c->nodes);
}

int mpirun_check(const struct cluster_plan *plan)
{
	int rc = dispatch_find("mpirun", "openmpi-bin");

	if (!rc)
		rc = check_kind();
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
