/* rank_env.c - torchrun's variables and ours. The former are those of PyTorch's local_elastic_agent.py. */
#define _GNU_SOURCE
#include "lib/launch/ranks/rank_env.h"

#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/launch/ranks/binding.h"
#include "lib/launch/env.h"

extern char **environ;

static void set_torch(const struct rank *r, const struct round *round, struct strlist *env)
{
	const struct ranks_plan *p = round->plan;
	int nodes = p->nodes ? p->nodes : 1, world = nodes * p->ranks;
	int slots = p->slots ? p->slots : 1, local = p->slot * p->ranks + r->local;

	env_set(env, "RANK", "%d", r->rank);
	env_set(env, "LOCAL_RANK", "%d", local);
	env_set(env, "GROUP_RANK", "%d", p->node / slots);
	env_set(env, "ROLE_RANK", "%d", r->rank);
	env_set(env, "ROLE_NAME", "default");
	env_set(env, "WORLD_SIZE", "%d", world);
	env_set(env, "LOCAL_WORLD_SIZE", "%d", slots * p->ranks);
	env_set(env, "GROUP_WORLD_SIZE", "%d", nodes / slots);
	env_set(env, "ROLE_WORLD_SIZE", "%d", world);
	env_set(env, "MASTER_ADDR", "%s", round->address ? round->address : "127.0.0.1");
	env_set(env, "MASTER_PORT", "%d", round->port);
	env_set(env, "TORCHELASTIC_RESTART_COUNT", "%d", round->restart);
	env_set(env, "TORCHELASTIC_MAX_RESTARTS", "%d", p->max_restarts);
	env_set(env, "TORCHELASTIC_RUN_ID", "%s", p->run_id ? p->run_id : "mich");
	env_set(env, "TORCHELASTIC_ERROR_FILE", "%s", r->error_file);
	env_set(env, "TORCHELASTIC_SIGNALS_TO_HANDLE", "SIGTERM,SIGINT,SIGHUP,SIGQUIT");
	env_set(env, "TORCH_NCCL_ASYNC_ERROR_HANDLING", "1");
	env_set(env, "HOROVOD_RANK", "%d", r->rank);
	env_set(env, "HOROVOD_SIZE", "%d", world);
	env_set(env, "HOROVOD_LOCAL_RANK", "%d", local);
	env_set(env, "HOROVOD_LOCAL_SIZE", "%d", slots * p->ranks);
}

/* Alone they would ask what our host name means. */
static void set_interface(const struct ranks_plan *p, struct strlist *env)
{
	const char *name = p->interface ? p->interface : p->nodes > 1 ? NULL : "lo";

	if (name && !env_has(env, "GLOO_SOCKET_IFNAME"))
		env_set(env, "GLOO_SOCKET_IFNAME", "%s", name);
	if (p->interface && !env_has(env, "NCCL_SOCKET_IFNAME"))
		env_set(env, "NCCL_SOCKET_IFNAME", "%s", name);
}

static void set_own(const struct rank *r, const struct round *round, struct strlist *env)
{
	const struct ranks_plan *p = round->plan;

	env_set(env, "MICH_RUN_ID", "%s", p->run_id ? p->run_id : "mich");
	env_set(env, "MICH_RANK", "%d", r->rank);
	env_set(env, "MICH_WORLD", "%d", (p->nodes ? p->nodes : 1) * p->ranks);
	env_set(env, "MICH_RESTART", "%d", round->restart);
	env_set(env, "MICH_ERROR_FILE", "%s", r->error_file);
	env_set(env, "MICH_CTL_FD", "%d", RANK_FD_CTL);
	env_set(env, "MICH_TEAM", "/proc/self/fd/%d", RANK_FD_TEAM);
	if (p->checkpoint)
		env_set(env, "MICH_CHECKPOINT", "%s", p->checkpoint);
	if (round->resume)
		env_set(env, "MICH_RESUME", "%s", round->resume);
	if (r->events)
		env_set(env, "MICH_EVENTS", "%s", r->events);
	if (p->gpus) {
		env_set(env, "CUDA_DEVICE_ORDER", "PCI_BUS_ID");
		env_set(env, "CUDA_VISIBLE_DEVICES", "%s", p->gpus[r->local]);
	}
}

bool rank_cores(const struct ranks_plan *p, int local, cpu_set_t *out)
{
	cpu_set_t all;

	return p->bind && sched_getaffinity(0, sizeof all, &all) == 0 &&
	       binding_near(&all, p->near, local, p->ranks, out);
}

/* Programs of MPI take them for a place that mpirun gave them, so they are set only where asked for. */
static void set_mpi(const struct rank *r, const struct ranks_plan *p, struct strlist *env)
{
	int nodes = p->nodes ? p->nodes : 1, slots = p->slots ? p->slots : 1;

	if (!p->mpi_env)
		return;
	env_set(env, "OMPI_COMM_WORLD_RANK", "%d", r->rank);
	env_set(env, "OMPI_COMM_WORLD_SIZE", "%d", nodes * p->ranks);
	env_set(env, "OMPI_COMM_WORLD_LOCAL_RANK", "%d", p->slot * p->ranks + r->local);
	env_set(env, "OMPI_COMM_WORLD_LOCAL_SIZE", "%d", slots * p->ranks);
}

static void set_threads(const struct rank *r, const struct ranks_plan *p, struct strlist *env)
{
	static const char *const names[] = { "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
					     "MKL_NUM_THREADS" };
	int threads = binding_threads(p->threads, p->ranks);
	cpu_set_t own;

	if (rank_cores(p, r->local, &own) && CPU_COUNT(&own) < threads)
		threads = CPU_COUNT(&own);
	env_set(env, "MICH_THREADS", "%d", threads);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!env_has(env, names[i]))
			env_set(env, names[i], "%d", threads);
}

void rank_env(const struct rank *r, const struct round *round, struct strlist *out)
{
	const struct strlist *common = round->plan->process.env;

	if (common)
		for (size_t i = 0; i < common->n; i++)
			strlist_add(out, common->v[i]);
	else
		for (char **e = environ; *e; e++)
			strlist_add(out, *e);
	set_torch(r, round, out);
	set_interface(round->plan, out);
	set_own(r, round, out);
	set_mpi(r, round->plan, out);
	set_threads(r, round->plan, out);
}
