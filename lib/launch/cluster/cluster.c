/* cluster.c - orders out, an engine's run, accounts back. */
#define _GNU_SOURCE
#include "lib/launch/cluster/cluster.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"
#include "lib/launch/cluster/account.h"
#include "lib/launch/cluster/dispatch.h"
#include "lib/launch/env.h"
#include "lib/launch/cluster/jobset.h"
#include "lib/launch/cluster/mpirun.h"
#include "lib/launch/cluster/orders.h"
#include "lib/launch/cluster/slurm.h"
#include "lib/launch/cluster/token.h"

enum { TAIL_LINES = 40 };

const char *cluster_name(enum cluster_engine engine)
{
	static const char *const names[] = {
		[CLUSTER_MPI] = "mpi", [CLUSTER_SLURM] = "slurm", [CLUSTER_K8S] = "k8s"
	};

	return names[engine];
}

/* Is the engine's program here, and is what the settings say of it right? */
static int check_engine(const struct cluster_plan *c)
{
	json_t *manifest = NULL;
	int rc = 0;

	switch (c->engine) {
	case CLUSTER_MPI:
		rc = mpirun_check(c);
		break;
	case CLUSTER_SLURM:
		rc = dispatch_find(slurm_ops.program, slurm_ops.package);
		break;
	case CLUSTER_K8S:
		rc = dispatch_find(jobset_ops.program, jobset_ops.package);
		if (!rc)
			rc = jobset_manifest(c, "mich", &manifest);
		json_decref(manifest);
		break;
	}
	return rc;
}

int cluster_check(const struct cluster_plan *c)
{

	if (c->ranks.process.no_network) {
		error_set(ERR_INPUT, "ranks on other machines cannot be without a network");
		return error_hint(ERR_INPUT, "network = yes, or --launch local");
	}
	if (c->engine == CLUSTER_K8S && c->mpi && c->nodes > 1) {
		error_set(ERR_INPUT,
			  "this learner's ranks on several machines are MPI processes, which "
			  "a JobSet does not start");
		return error_hint(ERR_INPUT, "--nodes 1, or --launch mpi or slurm");
	}
	if (c->ranks.ranks % c->nodes || c->gpus % c->nodes) {
		error_set(ERR_INPUT, "cannot spread %d %s evenly over %d machines",
			  c->ranks.ranks % c->nodes ? c->ranks.ranks : c->gpus,
			  c->ranks.ranks % c->nodes ? "ranks" : "GPUs", c->nodes);
		return error_hint(ERR_INPUT, "-n %d, or --nodes 1",
				  c->ranks.ranks + c->nodes - c->ranks.ranks % c->nodes);
	}
	return check_engine(c);
}

/* Our environment, the token and the secrets: for the engine and its agents. */
static void build_env(const struct cluster_plan *c, const char *token, struct strlist *env)
{
	for (char **e = environ; *e; e++)
		strlist_add(env, *e);
	env_set(env, TOKEN_VARIABLE, "%s", token);
	for (size_t i = 0; c->secret && i < c->secret->n; i++)
		if (getenv(c->secret->v[i]))
			env_set(env, c->secret->v[i], "%s", getenv(c->secret->v[i]));
}

static bool is_rule(const char *line)
{
	return strspn(line, "-") >= 20;
}

/*
 * What an engine says in whole sentences: all between its first two rules of dashes, as mpirun puts its errors, as
 * one line; without rules its last line that has words in it. Caller frees; NULL: it said nothing.
 */
static char *engine_words(const char *tail)
{
	enum { WORDS = 400 };
	struct strlist lines = STRLIST_INIT;
	struct buf said = BUF_INIT;
	size_t i = 0;

	strlist_split(&lines, tail, "\n");
	while (i < lines.n && !is_rule(lines.v[i]))
		i++;
	for (i++; i < lines.n && !is_rule(lines.v[i]) && said.len < WORDS; i++)
		buf_addf(&said, "%s%s", said.len ? " " : "", lines.v[i]);
	for (i = lines.n; i-- > 0 && !said.len;)
		if (*lines.v[i] != '[' && strpbrk(lines.v[i], "abcdefghijklmnopqrstuvwxyz"))
			buf_addstr(&said, lines.v[i]);
	strlist_clear(&lines);
	return said.len ? buf_take(&said) : NULL;
}

/* Slurm makes the log before anything runs, on the first of the job's machines. */
static int has_no_log(const struct cluster_plan *c)
{
	char *path = path_join(c->dir, "output");
	int rc = 0;

	if (c->engine == CLUSTER_SLURM && !file_exists(path)) {
		char *why = xstrdup(error_text());

		rc = error_set(ERR_INPUT, "%s, and its machines cannot write into '%s'", why,
			       c->dir);
		error_hint(rc,
			   "keep the repository, or a link .git/mich/runs, on a file system that "
			   "all machines see under the same path");
		free(why);
	}
	free(path);
	return rc;
}

/* The last line that an agent began with its name is the reason, else the engine's last words tell more. */
static int explain(const struct cluster_plan *c, int rc)
{
	char *tail = process_log_tail(c->ranks.process.log_path, TAIL_LINES), *at = NULL, *end;
	char *words = NULL;

	if (has_no_log(c) < 0) {
		free(tail);
		return ERR_INPUT;
	}
	for (char *p = tail; p && (p = strstr(p, "mich: ")); p++)
		if ((p == tail || p[-1] == '\n') && strncmp(p, "mich: stopped by", 16) != 0)
			at = p + strlen("mich: ");
	if (at) {
		end = strchr(at, '\n');
		if (end)
			*end = '\0';
		/* it refused before it had anything to account for */
		rc = error_set(c->engine == CLUSTER_MPI ? rc : ERR_INPUT, "%s", at);
		if (end && !strncmp(end + 1, "hint: ", 6))
			error_hint(rc, "%.*s", (int)strcspn(end + 7, "\n"), end + 7);
	} else if (tail && c->engine == CLUSTER_MPI && mpirun_explain(c, tail) < 0) {
		rc = ERR_INPUT;
	} else if (tail && (words = engine_words(tail))) {
		char *why = xstrdup(error_text());

		rc = error_set(rc, "%s: %s", why, words);
		free(why);
	}
	free(words);
	free(tail);
	return rc;
}

static int run_engine(const struct cluster_plan *c, const char *token, struct process_result *out)
{
	struct strlist env = STRLIST_INIT;
	int rc = ERR_FAIL;

	build_env(c, token, &env);
	switch (c->engine) {
	case CLUSTER_MPI:
		rc = mpirun_run(c, &env, out);
		break;
	case CLUSTER_SLURM:
		rc = job_run(c, &env, &slurm_ops, out);
		break;
	case CLUSTER_K8S:
		rc = job_run(c, &env, &jobset_ops, out);
		break;
	}
	strlist_clear(&env);
	return rc;
}

/* What the agents say weighs more than how the engine ended. */
static int settle(const struct cluster_plan *c, int rc, struct ranks_result *out, int *threads)
{
	struct process_result engine = out->process;
	char *why = xstrdup(error_text()), *hint = xstrdup(error_hint_text());
	int code = 0, said;

	out->process = (struct process_result){ 0 };
	said = account_read(c->dir, c->slots * c->nodes, out, threads, &code);
	out->process.elapsed_ms = engine.elapsed_ms;
	out->process.interrupted = engine.interrupted;
	out->process.timed_out = engine.timed_out;
	out->world = c->ranks.ranks;
	if (rc == ERR_INTERRUPT || rc == ERR_TIMEOUT || (!said && rc)) {
		bool ended = rc == ERR_STEP || rc == ERR_BUSY;

		error_set(rc, "%s%s%s", ended ? cluster_name(c->engine) : "", ended ? ": " : "",
			  why);
		if (*hint)
			error_hint(rc, "%s", hint);
		if (rc == ERR_STEP || rc == ERR_FAIL)
			rc = explain(c, engine.exit_code == 128 ? ERR_INPUT : rc);
	} else {
		rc = said ? code
			  : error_set(ERR_FAIL, "%s ended, and no agent has said how",
				      cluster_name(c->engine));
	}
	free(why);
	free(hint);
	return rc;
}

int cluster_run(struct cluster_plan *plan, struct ranks_result *out, int *threads_out)
{
	char token[TOKEN_BYTES];
	int rc = cluster_check(plan);

	*out = (struct ranks_result){ .failed = -1, .step = -1 };
	*threads_out = 0;
	plan->mpi = plan->mpi && (plan->nodes > 1 || plan->ranks.mpi_env);
	plan->slots = plan->mpi ? plan->ranks.ranks / plan->nodes : 1;
	if (!rc && plan->engine == CLUSTER_SLURM)
		plan->ranks.process.grace_ms = slurm_grace_ms(plan->ranks.process.grace_ms);
	if (rc || (rc = token_make(token)) < 0 || (rc = file_make_dirs(plan->dir)) < 0 ||
	    (rc = orders_write(plan, token)) < 0)
		return rc;
	rc = run_engine(plan, token, &out->process);
	return settle(plan, rc, out, threads_out);
}
