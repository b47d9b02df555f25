/* rank_env.c - torchrun's variables and ours. The former are those of PyTorch's local_elastic_agent.py. */
#define _GNU_SOURCE
#include "lib/launch/rank_env.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/launch/binding.h"

extern char **environ;

/* NAME=VALUE over whatever value the name had. */
__attribute__((format(printf, 3, 4))) static void set(struct strlist *env, const char *name,
						      const char *fmt, ...)
{
	size_t len = strlen(name);
	struct buf b = BUF_INIT;
	va_list ap;

	buf_addf(&b, "%s=", name);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < env->n; i++)
		if (!strncmp(env->v[i], name, len) && env->v[i][len] == '=') {
			free(env->v[i]);
			env->v[i] = buf_take(&b);
			return;
		}
	strlist_take(env, buf_take(&b));
}

static bool has(const struct strlist *env, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < env->n; i++)
		if (!strncmp(env->v[i], name, len) && env->v[i][len] == '=')
			return true;
	return false;
}

static void set_torch(const struct rank *r, const struct round *round, struct strlist *env)
{
	const struct ranks_plan *p = round->plan;
	int nodes = p->nodes ? p->nodes : 1, world = nodes * p->ranks;

	set(env, "RANK", "%d", r->rank);
	set(env, "LOCAL_RANK", "%d", r->local);
	set(env, "GROUP_RANK", "%d", p->node);
	set(env, "ROLE_RANK", "%d", r->rank);
	set(env, "ROLE_NAME", "default");
	set(env, "WORLD_SIZE", "%d", world);
	set(env, "LOCAL_WORLD_SIZE", "%d", p->ranks);
	set(env, "GROUP_WORLD_SIZE", "%d", nodes);
	set(env, "ROLE_WORLD_SIZE", "%d", world);
	set(env, "MASTER_ADDR", "%s", p->address ? p->address : "127.0.0.1");
	set(env, "MASTER_PORT", "%d", round->port);
	set(env, "TORCHELASTIC_RESTART_COUNT", "%d", round->restart);
	set(env, "TORCHELASTIC_MAX_RESTARTS", "%d", p->max_restarts);
	set(env, "TORCHELASTIC_RUN_ID", "%s", p->run_id ? p->run_id : "mich");
	set(env, "TORCHELASTIC_ERROR_FILE", "%s", r->error_file);
	set(env, "TORCHELASTIC_SIGNALS_TO_HANDLE", "SIGTERM,SIGINT,SIGHUP,SIGQUIT");
	set(env, "TORCH_NCCL_ASYNC_ERROR_HANDLING", "1");
	if (nodes == 1 && !has(env, "GLOO_SOCKET_IFNAME"))
		set(env, "GLOO_SOCKET_IFNAME", "lo"); /* else it asks what our host name means */
	set(env, "HOROVOD_RANK", "%d", r->rank);
	set(env, "HOROVOD_SIZE", "%d", world);
	set(env, "HOROVOD_LOCAL_RANK", "%d", r->local);
	set(env, "HOROVOD_LOCAL_SIZE", "%d", p->ranks);
}

static void set_own(const struct rank *r, const struct round *round, struct strlist *env)
{
	const struct ranks_plan *p = round->plan;

	set(env, "MICH_RUN_ID", "%s", p->run_id ? p->run_id : "mich");
	set(env, "MICH_RANK", "%d", r->rank);
	set(env, "MICH_WORLD", "%d", (p->nodes ? p->nodes : 1) * p->ranks);
	set(env, "MICH_RESTART", "%d", round->restart);
	set(env, "MICH_ERROR_FILE", "%s", r->error_file);
	set(env, "MICH_CTL_FD", "%d", RANK_FD_CTL);
	set(env, "MICH_TEAM", "/proc/self/fd/%d", RANK_FD_TEAM);
	if (p->checkpoint)
		set(env, "MICH_CHECKPOINT", "%s", p->checkpoint);
	if (round->resume)
		set(env, "MICH_RESUME", "%s", round->resume);
	if (r->events)
		set(env, "MICH_EVENTS", "%s", r->events);
	if (p->gpus) {
		set(env, "CUDA_DEVICE_ORDER", "PCI_BUS_ID");
		set(env, "CUDA_VISIBLE_DEVICES", "%s", p->gpus[r->local]);
	}
}

static void set_threads(const struct ranks_plan *p, struct strlist *env)
{
	static const char *const names[] = { "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
					     "MKL_NUM_THREADS" };
	int threads = binding_threads(p->threads, p->ranks);

	set(env, "MICH_THREADS", "%d", threads);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!has(env, names[i]))
			set(env, names[i], "%d", threads);
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
	set_own(r, round, out);
	set_threads(round->plan, out);
}
