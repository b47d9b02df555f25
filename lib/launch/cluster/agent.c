/* agent.c - find our place, take the orders, run the ranks, leave an account. */
#define _GNU_SOURCE
#include "lib/launch/cluster/agent.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/deal.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/launch/cluster/account.h"
#include "lib/launch/cluster/dispatch.h"
#include "lib/launch/env.h"
#include "lib/launch/gpus.h"
#include "lib/launch/life.h"
#include "lib/launch/ranks/link.h"
#include "lib/launch/cluster/orders.h"
#include "lib/launch/cluster/token.h"

enum { LOOK_MS = 5000, MEET_MS = 120000, MEET_PODS_MS = 900000 /* images are fetched first */ };

static volatile sig_atomic_t told_by_mich; /* to end: DISPATCH_STOP came */

struct agent {
	const char *dir;
	char token[TOKEN_BYTES];
	struct orders orders;
	struct strlist mask; /* values of secrets */
	struct gpus gpus;
	struct link_plan link;
	pid_t parent;
	int64_t looked_ms;
	bool over; /* agents that were started after us do our work */
};

/* Where an engine tells an agent its place, how many there are, and its place on its machine. */
static const struct {
	const char *rank, *size, *local, *restarts;
} places[] = {
	[CLUSTER_MPI] = { "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE",
			  "OMPI_COMM_WORLD_LOCAL_RANK", RESTART_VARIABLE },
	[CLUSTER_SLURM] = { "SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID",
			    "SLURM_RESTART_COUNT" },
	[CLUSTER_K8S] = { "JOB_COMPLETION_INDEX", NULL, NULL, RESTART_VARIABLE },
};

/* What belongs to the machine and not to where mich runs. */
static const char *const of_machine[] = { "CUDA_VISIBLE_DEVICES", "SLURM_*" };
static const char *const of_image[] = { "PATH", "HOME", "LD_LIBRARY_PATH", "NVIDIA_*" };
static const char *const of_mpi[] = { "OMPI_*", "PMIX_*", "PMI_*", "PRTE_*" };

/* A number from 0 of the environment; -1: not there, or none. */
static int number(const char *name)
{
	const char *text = name ? getenv(name) : NULL;
	char *end;
	long n;

	if (!text || !*text)
		return -1;
	n = strtol(text, &end, 10);
	return *end || n < 0 || n > RANKS_MAX ? -1 : (int)n;
}

static int find_place(struct orders *o)
{
	int rank = number(places[o->engine].rank), size = number(places[o->engine].size);

	if (rank < 0) {
		error_set(ERR_INPUT, "this agent is not started by %s: $%s is not set",
			  cluster_name(o->engine), places[o->engine].rank);
		return error_hint(ERR_INPUT, "mich train --launch %s starts agents",
				  cluster_name(o->engine));
	}
	if (rank >= o->agents || (size >= 0 && size != o->agents))
		return error_set(ERR_INPUT, "this is agent %d of %d, and the run wants %d", rank,
				 size, o->agents);
	o->plan.node = rank;
	o->plan.nodes = o->agents;
	o->plan.slots = o->slots;
	o->plan.restart = number(places[o->engine].restarts);
	if (o->plan.restart < 0)
		o->plan.restart = 0;
	if (o->plan.restart > o->plan.max_restarts)
		return error_set(ERR_STEP,
				 "%s has started the agents again, and max-restarts is %d",
				 cluster_name(o->engine), o->plan.max_restarts);
	if (o->mpi) /* MPI begins once in a process that it placed: whoever placed us all does so again */
		o->plan.max_restarts = o->plan.restart;
	o->plan.slot = number(places[o->engine].local);
	if (o->slots == 1 || o->plan.slot < 0)
		o->plan.slot = 0;
	return 0;
}

static void take_all(struct strlist *env, const char *const *patterns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		env_take(env, patterns[i]);
}

static int build_env(struct agent *a)
{
	struct orders *o = &a->orders;

	env_drop(&o->env, "CUDA_VISIBLE_DEVICES"); /* those of the machine where mich runs */
	take_all(&o->env, of_machine, ARRAY_LEN(of_machine));
	if (o->engine == CLUSTER_K8S)
		take_all(&o->env, of_image, ARRAY_LEN(of_image));
	if (o->mpi) {
		take_all(&o->env, of_mpi, ARRAY_LEN(of_mpi));
		env_set(&o->env, "MICH_COMM", "mpi");
	}
	for (size_t i = 0; i < o->secret.n; i++) {
		const char *value = getenv(o->secret.v[i]);

		if (!value)
			return error_set(ERR_INPUT, "the secret '%s' did not come to this machine",
					 o->secret.v[i]);
		env_set(&o->env, o->secret.v[i], "%s", value);
		if (*value)
			strlist_add(&a->mask, value);
	}
	return 0;
}

static int choose_gpus(struct agent *a)
{
	struct orders *o = &a->orders;
	int rc = 0;

	if (o->gpus)
		rc = gpus_choose(o->gpus, o->plan.ranks, o->all_gpus, &a->gpus);
	o->plan.gpus = (const char *const *)a->gpus.seen.v;
	o->plan.near = (const char *const *)a->gpus.near.v;
	return rc;
}

/*
 * Whoever started us is gone, mich has taken the run's folder away, or others do our work: nobody waits for this any
 * more. The second SIGTERM of one who is not needed kills at once.
 */
static void look(void *payload)
{
	struct agent *a = payload;
	int64_t now = clock_mono_us() / 1000;

	if (getppid() != a->parent || a->over)
		raise(SIGTERM);
	if (now - a->looked_ms < LOOK_MS)
		return;
	a->looked_ms = now;
	a->over = life_is_over(a->dir, a->orders.plan.restart);
	if (!file_is_dir(a->dir))
		raise(SIGTERM);
}

/* Once: a second SIGTERM would not let the ranks save their work. */
static void take_stop(int sig)
{
	(void)sig;
	if (!told_by_mich)
		kill(getpid(), SIGTERM);
	told_by_mich = 1;
}

/* The token is for us alone. */
static int take_token(struct agent *a)
{
	const char *token = getenv(TOKEN_VARIABLE);

	if (!token || strlen(token) >= sizeof a->token) {
		error_set(ERR_INPUT, "this agent was not started by mich: $%s is not set",
			  TOKEN_VARIABLE);
		return error_hint(ERR_INPUT, "mich train --launch mpi, slurm or k8s starts agents");
	}
	memcpy(a->token, token, strlen(token) + 1);
	unsetenv(TOKEN_VARIABLE);
	return 0;
}

static int prepare(struct agent *a)
{
	struct ranks_plan *p = &a->orders.plan;
	int rc = build_env(a), cores = deal_cores();

	a->link = (struct link_plan){ .node = p->node,
				      .nodes = p->nodes,
				      .dir = a->dir,
				      .token = a->token,
				      .interface = a->orders.interface,
				      .deadline_ms = a->orders.engine == CLUSTER_K8S ? MEET_PODS_MS
										     : MEET_MS };
	p->link = p->nodes > 1 ? &a->link : NULL;
	p->interface = a->orders.interface;
	if (!p->threads)
		p->threads = cores > a->orders.slots ? cores / a->orders.slots : 1;
	p->bind = a->orders.slots == 1 && p->threads >= cores;
	p->process.echo = true;
	p->process.forward = true;
	p->process.mask = &a->mask;
	p->process.tick = look;
	p->process.tick_payload = a;
	return rc ? rc : choose_gpus(a);
}

static int run(struct agent *a)
{
	struct ranks_result result = { .failed = -1, .step = -1 };
	struct ranks_plan *p = &a->orders.plan;
	int rc = prepare(a);

	account_forget(a->dir, p->node);
	if (!rc && p->node == 0)
		rc = life_begin(a->dir, p->restart);
	if (!rc)
		rc = ranks_run(p, &result);
	if (life_is_over(a->dir, p->restart))
		return rc ? rc : ERR_INTERRUPT;
	if (account_write(a->dir, p->node, rc, &result, p->threads * a->orders.slots) < 0)
		return rc ? rc : ERR_IO;
	/* mpirun would add a page of its own to what has been said */
	return (rc != ERR_INTERRUPT || told_by_mich) && a->orders.engine == CLUSTER_MPI ? 0 : rc;
}

int agent_run(const char *dir)
{
	struct agent a = { .dir = dir, .mask = STRLIST_INIT, .parent = getppid() };
	int rc = take_token(&a);

	sigaction(DISPATCH_STOP, &(struct sigaction){ .sa_handler = take_stop }, NULL);
	if (!rc)
		rc = orders_read(dir, a.token, &a.orders);
	if (!rc)
		rc = find_place(&a.orders);
	if (!rc)
		rc = run(&a);
	orders_clear(&a.orders);
	strlist_clear(&a.mask);
	gpus_clear(&a.gpus);
	return rc;
}
