/* orders.c - the plan of a run as JSON, and back. */
#define _GNU_SOURCE
#include "lib/launch/cluster/orders.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/launch/env.h"
#include "lib/launch/cluster/token.h"

static json_t *texts(const char *const *v, size_t n)
{
	json_t *a = json_array();

	for (size_t i = 0; a && i < n; i++)
		if (json_array_append_new(a, json_string(v[i])) < 0) {
			json_decref(a);
			a = NULL;
		}
	return a;
}

static json_t *words(const char *const *argv)
{
	size_t n = 0;

	while (argv && argv[n])
		n++;
	return argv ? texts(argv, n) : json_null();
}

static json_t *list(const struct strlist *l)
{
	return texts((const char *const *)(l ? l->v : NULL), l ? l->n : 0);
}

/* The environment without what is secret. */
static json_t *open_env(const struct cluster_plan *c)
{
	struct strlist env = STRLIST_INIT;
	const struct strlist *all = c->ranks.process.env;
	json_t *v;

	for (size_t i = 0; all && i < all->n; i++)
		strlist_add(&env, all->v[i]);
	for (size_t i = 0; c->secret && i < c->secret->n; i++)
		env_drop(&env, c->secret->v[i]);
	v = list(&env);
	strlist_clear(&env);
	return v;
}

static json_t *binds(const struct process_plan *p)
{
	json_t *a = json_array();

	for (size_t i = 0; i < p->n_binds; i++)
		json_array_append_new(a,
				      json_pack("{s:s,s:s,s:b}", "from", p->binds[i].from, "to",
						p->binds[i].to, "writable", p->binds[i].writable));
	return a;
}

/* NULL: something in it is not UTF-8. */
static json_t *to_json(const struct cluster_plan *c)
{
	const struct ranks_plan *p = &c->ranks;
	json_t *program = json_pack("{s:s?,s:o,s:o,s:s?,s:o,s:I}", "command", p->process.command,
				    "argv", words(p->process.argv), "env", open_env(c), "dir",
				    p->process.dir, "binds", binds(&p->process), "memory",
				    (json_int_t)p->process.memory_bytes);
	json_t *places = json_pack("{s:s,s:s?,s:s?,s:s,s:b}", "ranks", p->dir, "events", p->events,
				   "checkpoint", p->checkpoint, "run",
				   p->run_id ? p->run_id : "mich", "mpi_env", p->mpi_env);
	json_t *limits = json_pack("{s:I,s:I,s:I,s:i,s:i}", "grace_ms",
				   (json_int_t)p->process.grace_ms, "silence_ms",
				   (json_int_t)p->silence_ms, "begin_ms", (json_int_t)p->begin_ms,
				   "max_restarts", p->max_restarts, "threads", p->threads);
	int agents = c->slots * c->nodes;

	return json_pack("{s:i,s:s,s:i,s:i,s:b,s:i,s:i,s:b,s:s?,s:o,s:o,s:o,s:o}", "version",
			 ORDERS_VERSION, "engine", cluster_name(c->engine), "agents", agents,
			 "slots", c->slots, "mpi", c->mpi, "ranks", p->ranks / agents, "gpus",
			 c->gpus / c->nodes, "all_gpus", c->all_gpus, "interface", c->interface,
			 "secret", list(c->secret), "program", program, "places", places, "limits",
			 limits);
}

static int write_mark(const struct cluster_plan *c, const char *token)
{
	char *path = path_join(c->dir, "mark");
	char proof[TOKEN_PROOF_BYTES];
	int rc;

	token_proof(token, "mark", proof);
	rc = file_write(path, proof, strlen(proof));
	free(path);
	return rc;
}

int orders_write(const struct cluster_plan *plan, const char *token)
{
	char *path = path_join(plan->dir, "orders.json");
	json_t *v = to_json(plan);
	int rc;

	if (v)
		rc = json_write(path, v);
	else
		rc = error_set(ERR_INPUT,
			       "the program's environment or words are not all UTF-8, and "
			       "cannot be told to other machines");
	if (!rc)
		rc = write_mark(plan, token);
	json_decref(v);
	free(path);
	return rc;
}

/* --- on the node ---------------------------------------------------------------------------------- */

static const char *text(const json_t *o, const char *key)
{
	return json_str(o, key, NULL);
}

static void take_list(const json_t *a, struct strlist *out)
{
	json_t *v;
	size_t i;

	json_array_foreach((json_t *)a, i, v)
		if (json_is_string(v))
			strlist_add(out, json_string_value(v));
}

static void take_program(const json_t *v, struct orders *o)
{
	struct process_plan *p = &o->plan.process;
	const json_t *argv = json_object_get(v, "argv"), *binds_of = json_object_get(v, "binds");
	size_t n = json_array_size(argv), n_binds = json_array_size(binds_of);

	p->command = text(v, "command");
	p->dir = text(v, "dir");
	p->memory_bytes = json_int(v, "memory", 0);
	take_list(json_object_get(v, "env"), &o->env);
	if (n)
		o->argv = xcalloc(n + 1, sizeof *o->argv);
	for (size_t i = 0; i < n; i++)
		o->argv[i] = json_string_value(json_array_get(argv, i));
	o->binds = xcalloc(n_binds + 1, sizeof *o->binds);
	for (size_t i = 0; i < n_binds; i++) {
		const json_t *b = json_array_get(binds_of, i);

		o->binds[i] = (struct process_bind){ .from = text(b, "from"),
						     .to = text(b, "to"),
						     .writable = json_bool(b, "writable", false) };
	}
	p->argv = o->argv;
	p->binds = o->binds;
	p->n_binds = n_binds;
	p->env = &o->env;
}

static void take_all(struct orders *o)
{
	const json_t *v = o->file, *places = json_object_get(v, "places"),
		     *limits = json_object_get(v, "limits");
	struct ranks_plan *p = &o->plan;

	take_program(json_object_get(v, "program"), o);
	take_list(json_object_get(v, "secret"), &o->secret);
	o->agents = (int)json_int(v, "agents", 0);
	o->slots = (int)json_int(v, "slots", 0);
	o->mpi = json_bool(v, "mpi", false);
	o->gpus = (int)json_int(v, "gpus", 0);
	o->all_gpus = json_bool(v, "all_gpus", false);
	o->interface = text(v, "interface");
	p->ranks = (int)json_int(v, "ranks", 0);
	p->dir = text(places, "ranks");
	p->events = text(places, "events");
	p->checkpoint = text(places, "checkpoint");
	p->run_id = text(places, "run");
	p->mpi_env = json_bool(places, "mpi_env", false);
	p->process.grace_ms = json_int(limits, "grace_ms", 0);
	p->silence_ms = json_int(limits, "silence_ms", 0);
	p->begin_ms = json_int(limits, "begin_ms", 0);
	p->max_restarts = (int)json_int(limits, "max_restarts", 0);
	p->threads = (int)json_int(limits, "threads", 0);
}

static bool is_whole(const struct orders *o)
{
	for (size_t i = 0; i < o->plan.process.n_binds; i++)
		if (!o->binds[i].from || !o->binds[i].to)
			return false;
	return o->agents > 0 && o->slots > 0 && o->agents % o->slots == 0 && o->gpus >= 0 &&
	       o->plan.ranks > 0 && o->plan.ranks <= RANKS_MAX && o->plan.dir && o->plan.run_id &&
	       o->plan.process.dir && (o->plan.process.command || (o->argv && o->argv[0]));
}

static int find_engine(struct orders *o)
{
	const char *name = json_str(o->file, "engine", "");

	for (int e = CLUSTER_MPI; e <= CLUSTER_K8S; e++)
		if (!strcmp(name, cluster_name((enum cluster_engine)e))) {
			o->engine = (enum cluster_engine)e;
			return 0;
		}
	return ERR_CORRUPT;
}

/* The folder that mich made, and not one that only has its name here. */
static int check_mark(const char *dir, const char *token)
{
	char *path = path_join(dir, "mark");
	struct buf b = BUF_INIT;
	int rc = file_read(path, &b);

	if (!rc && !token_proves(token, "mark", b.data))
		rc = ERR_INPUT;
	buf_clear(&b);
	free(path);
	return rc;
}

int orders_read(const char *dir, const char *token, struct orders *out)
{
	char *path = path_join(dir, "orders.json"), host[65] = "";
	int rc;

	*out = (struct orders){ .engine = CLUSTER_MPI };
	if (check_mark(dir, token) < 0) {
		gethostname(host, sizeof host - 1);
		rc = error_set(ERR_INPUT, "machine '%s' does not see the folder of the run, '%s'",
			       host, dir);
		error_hint(rc,
			   "keep the repository, or a link .git/mich/runs, on a file system that "
			   "all machines see under the same path");
	} else if ((rc = json_read(path, &out->file)) == 0) {
		take_all(out);
		if (json_int(out->file, "version", 0) != ORDERS_VERSION || !is_whole(out) ||
		    find_engine(out) < 0) {
			rc = error_set(ERR_CORRUPT, "'%s' was not written by this version of mich",
				       path);
			error_hint(rc,
				   "use the same mich on all machines: git config mich.agent PATH");
		}
	}
	free(path);
	return rc;
}

void orders_clear(struct orders *o)
{
	strlist_clear(&o->env);
	strlist_clear(&o->secret);
	json_decref(o->file);
	free(o->binds);
	free(o->argv);
	*o = (struct orders){ .engine = CLUSTER_MPI };
}
