/* world.c - from a step's limits to ranks, and from what they came to to the manifest. */
#include "lib/step/world.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/deal.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/launch/cluster/cluster.h"
#include "lib/launch/gpus.h"
#include "lib/launch/ranks/headroom.h"
#include "lib/launch/ranks/ranks.h"
#include "lib/record/repo.h"
#include "lib/step/options.h"

/* Learners say on their own that they have begun and that they go on; a command may have nothing to say. */
enum { LEARNER_SILENCE_MS = 600000, LEARNER_BEGIN_MS = 120000 };

static int64_t begin_ms(const struct step *s)
{
	int64_t silence = s->limits.silence_ms;

	if (s->command)
		return 0;
	return silence && silence < LEARNER_BEGIN_MS ? silence : LEARNER_BEGIN_MS;
}

static json_t *failure(const struct ranks_result *r)
{
	static const char *const ends[] = { [RANKS_FAILED] = "failed",
					    [RANKS_SILENT] = "silent",
					    [RANKS_NOT_BEGUN] = "not ready" };
	char *lines = xstrdup(r->lines);
	json_t *f;

	utf8_clean(lines);
	f = json_pack("{s:i,s:s,s:s}", "rank", r->failed, "how", ends[r->end], "lines", lines);
	if (r->step >= 0)
		json_object_set_new(f, "step", json_integer(r->step));
	free(lines);
	return f;
}

static void add_fact(struct attempt *a, const struct ranks_result *r)
{
	json_t *fact = json_pack("{s:i,s:i}", "world", r->world, "restarts", r->restarts);

	if (r->failed >= 0)
		json_object_set_new(fact, "failed", failure(r));
	json_object_set_new(a->facts, "ranks", fact);
}

/* A program of the user's picks by LOCAL_RANK, as under torchrun, unless it asks for its own alone. */
static bool sees_all(const struct step *s)
{
	return s->command && !s->limits.gpu_isolate;
}

static int run_here(struct attempt *a, struct ranks_plan *plan, struct ranks_result *result)
{
	const struct step_limits *l = &a->step->limits;
	struct gpus gpus = { 0 };
	int rc = 0;

	plan->threads = a->threads;
	plan->bind = a->threads >= deal_cores();
	if (l->gpus)
		rc = gpus_choose(l->gpus, plan->ranks, sees_all(a->step), &gpus);
	plan->gpus = (const char *const *)gpus.seen.v;
	plan->near = (const char *const *)gpus.near.v;
	if (!rc)
		rc = ranks_run(plan, result);
	gpus_clear(&gpus);
	return rc;
}

static enum cluster_engine engine_of(const struct settings *s)
{
	return !strcmp(s->launch, "mpi")     ? CLUSTER_MPI
	       : !strcmp(s->launch, "slurm") ? CLUSTER_SLURM
					     : CLUSTER_K8S;
}

/*
 * Is each rank a process that the engine placed, so that MPI finds it there? A learner's where it says so; a
 * command's under mpirun with mpi-env.
 */
static bool placed_each(const struct step_limits *l, enum cluster_engine engine)
{
	return l->mpi || (l->mpi_env && !l->gpus && engine == CLUSTER_MPI);
}

/* dir is the run's, or what it would be; borrowed. */
static struct cluster_plan there(const struct step *step, const struct ranks_plan *plan,
				 const struct settings *s, const char *dir)
{
	const struct step_limits *l = &step->limits;
	struct cluster_plan c = {
		.ranks = *plan,
		.engine = engine_of(s),
		.nodes = (int)s->nodes,
		.mpi = placed_each(l, engine_of(s)),
		.gpus = l->gpus,
		.all_gpus = sees_all(step),
		.secret = &l->secret,
		.dir = dir,
		.interface = s->interface,
		.agent = s->agent,
		.wait_ms = s->wait_ms,
		.hostfile = s->hostfile,
		.mpirun = s->mpirun,
		.sbatch = s->sbatch,
		.srun_mpi = s->srun_mpi,
		.image = s->image,
		.volume = s->volume,
		.kube_context = s->kube_context,
		.kube_namespace = s->kube_namespace,
		.pod = s->pod,
	};

	c.ranks.threads = l->threads;
	return c;
}

/* The machines' own number of threads is recorded, not ours. */
static int run_there(struct attempt *a, const struct ranks_plan *plan, const struct settings *s,
		     struct ranks_result *result)
{
	char *dir = path_join(a->run.dir, "agents");
	struct cluster_plan c = there(a->step, plan, s, dir);
	int threads = 0, rc = cluster_run(&c, result, &threads);

	if (threads)
		a->threads = threads;
	free(dir);
	return rc;
}

static int run(struct attempt *a, struct ranks_plan *plan, struct ranks_result *result)
{
	struct settings s;
	int rc = options_read(a->repo, &s);

	*result = (struct ranks_result){ .failed = -1, .step = -1 };
	plan->process.echo_ranks = s.echo;
	if (!rc && !strcmp(s.launch, "local"))
		rc = run_here(a, plan, result);
	else if (!rc)
		rc = run_there(a, plan, &s, result);
	settings_clear(&s);
	return rc;
}

bool world_asked(const struct step *s)
{
	const struct step_limits *l = &s->limits;

	return l->ranks || l->gpus || l->max_restarts || l->silence_ms || l->mpi_env;
}

/* The setting is for all models, the option for this one. */
static int check_echo(struct repo *r, const struct step *s, const char *echo)
{
	int ranks = step_ranks(s);

	if (!echo || !repo_is_overridden(r, "mich.echo"))
		return 0;
	if (!world_asked(s))
		return error_hint(error_set(ERR_INPUT, "--echo %s: it has no ranks", echo),
				  "-n RANKS trains it as so many");
	for (const char *p = echo; *p; p += strcspn(p, ","), p += *p == ',') {
		long long rank = strtoll(p, NULL, 10);

		if (rank < ranks)
			continue;
		error_set(ERR_INPUT, "--echo %s: there is no rank %lld", echo, rank);
		return error_hint(ERR_INPUT, "the ranks are 0 to %d", ranks - 1);
	}
	return 0;
}

static int check_here(const struct step *s)
{
	struct gpus gpus = { 0 };
	int rc = headroom_check(step_ranks(s));

	if (!rc && s->limits.gpus)
		rc = gpus_choose(s->limits.gpus, step_ranks(s), sees_all(s), &gpus);
	gpus_clear(&gpus);
	return rc;
}

static int check_there(struct repo *r, const struct step *s, const struct settings *set)
{
	char *dir = path_join(repo_mich_dir(r), "runs/run/agents");
	struct ranks_plan ranks = { .process = { .no_network = s->limits.no_network },
				    .ranks = step_ranks(s) };
	struct cluster_plan c = there(s, &ranks, set, dir);
	int rc = cluster_check(&c);

	free(dir);
	return rc;
}

int world_check(struct repo *r, const struct step *s)
{
	struct settings set;
	int rc = options_read(r, &set);

	if (!rc)
		rc = check_echo(r, s, set.echo);
	if (!rc && world_asked(s))
		rc = strcmp(set.launch, "local") ? check_there(r, s, &set) : check_here(s);
	settings_clear(&set);
	return rc;
}

int world_run(struct attempt *a, const struct process_plan *program)
{
	const struct step_limits *l = &a->step->limits;
	char *dir = path_join(a->run.dir, "ranks"), *kept = path_join(a->run.dir, "checkpoint");
	struct ranks_plan plan = {
		.process = *program,
		.ranks = step_ranks(a->step),
		.silence_ms = l->silence_ms	 ? l->silence_ms
			      : a->step->command ? 0
						 : LEARNER_SILENCE_MS,
		.begin_ms = begin_ms(a->step),
		.max_restarts = l->max_restarts,
		.run_id = a->run.id,
		.dir = dir,
		.events = a->events,
		.checkpoint = kept,
		.mpi_env = l->mpi_env,
	};
	struct ranks_result result;
	int rc = run(a, &plan, &result);

	a->last = result.process;
	add_fact(a, &result);
	free(dir);
	free(kept);
	return rc;
}
