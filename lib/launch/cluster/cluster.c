/* cluster.c - orders out, an engine's run, accounts back. */
#define _GNU_SOURCE
#include "lib/launch/cluster/cluster.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
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
#include "lib/launch/ranks/resume.h"
#include "lib/launch/sink.h"
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
	env_set(env, RESTART_VARIABLE, "%d", c->restart);
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

/* In the log, as a launcher of forked ranks says it. */
static void say_again(const struct cluster_plan *c)
{
	const struct process_plan *p = &c->ranks.process;
	struct sink log = SINK_INIT;
	struct buf b = BUF_INIT;
	char *from = c->ranks.checkpoint ? resume_find(c->ranks.checkpoint) : NULL;

	buf_addf(&b, "[mich] %s\n[mich] starting all ranks again, %d of %d times, from %s\n",
		 error_text(), c->restart, c->ranks.max_restarts,
		 from ? path_base(from) : "the beginning");
	log.echo = p->echo;
	log.mask = p->mask;
	if (p->log_path && sink_open(&log, p->log_path) == 0) {
		sink_add(&log, b.data, b.len);
		sink_flush(&log);
	}
	sink_close(&log);
	buf_clear(&b);
	free(from);
}

/* Did a rank fail, or mpirun itself once it had started them? Not with 75, which asks for later. */
static bool is_to_begin_again(const struct cluster_plan *c, int rc)
{
	char *first = path_join(c->ranks.dir, "0");
	bool begun = file_is_dir(first);

	free(first);
	return c->engine == CLUSTER_MPI && c->mpi && rc == ERR_STEP && begun &&
	       c->restart < c->ranks.max_restarts;
}

/*
 * Agents that fork their ranks start these again by themselves. A process that MPI placed is MPI's only once, so
 * where ranks are such mpirun is run again, as a whole. The time limit is that of all its runs.
 */
static int run_again(struct cluster_plan *c, const char *token, struct ranks_result *out,
		     int *threads_out)
{
	int64_t *limit = &c->ranks.process.time_limit_ms, whole = *limit;
	int64_t end = clock_mono_us() / 1000 + whole;
	char span[64];
	int rc = settle(c, run_engine(c, token, &out->process), out, threads_out);

	while (is_to_begin_again(c, rc) && (!whole || clock_mono_us() / 1000 < end)) {
		c->restart++;
		say_again(c);
		account_forget_all(c->dir, c->slots * c->nodes);
		if (whole)
			*limit = end - clock_mono_us() / 1000 + 1;
		*out = (struct ranks_result){ .failed = -1, .step = -1 };
		rc = settle(c, run_engine(c, token, &out->process), out, threads_out);
		out->restarts = c->restart;
	}
	*limit = whole;
	if (rc == ERR_TIMEOUT && c->restart) {
		clock_span(whole, span, sizeof span);
		error_set(rc, "stopped at its time limit of %s", span);
	}
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
	return run_again(plan, token, out, threads_out);
}
